"""The comparison as the button makes it, with the studio's own models."""

from pathlib import Path

import pytest

from tests.trecs.interface.pages import laid_out, panel
from tests.trecs.systems.attngan.tiny import tiny_attngan
from trecs.interface.panels.comparison.comparison import beside, offer
from trecs.interface.panels.comparison.panel import Comparison
from trecs.narrative import from_text
from trecs.pipeline import TReCS

TRECS, ATTNGAN, RETRIEVAL = "TReCS", "AttnGAN", "Best retrieved scene"
NO_ATTNGAN = (
    "No AttnGAN is installed here. Who runs this studio can bring in the authors' with "
    "`trecs weights import attngan`, or train one with `trecs train attngan`."
)


@pytest.fixture(scope="module")
def trecs(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


@pytest.fixture
def comparison(trecs: TReCS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    return panel(laid_out(trecs, tmp_path), Comparison)


def test_without_an_attngan_the_others_are_compared(
    comparison: Comparison, trecs: TReCS, tmp_path: Path
) -> None:
    shown = comparison.compared(trecs(from_text("a dog on the grass")), 0)
    assert NO_ATTNGAN.replace("'", "&#x27;") in shown
    assert f'data-system="{TRECS}"' in shown
    assert f'data-system="{RETRIEVAL}"' in shown
    assert f'data-system="{ATTNGAN}"' not in shown
    assert str(tmp_path) not in shown


def test_an_attngan_that_knows_no_word_says_so(
    comparison: Comparison, trecs: TReCS, tmp_path: Path
) -> None:
    tiny_attngan().save(tmp_path / "attngan")
    assert "knows no word" in comparison.compared(trecs(from_text("zebras everywhere")), 0)
    assert f'data-system="{ATTNGAN}"' in comparison.compared(trecs(from_text("a dog")), 0)


def test_another_seed_draws_all_again(comparison: Comparison, trecs: TReCS) -> None:
    result = trecs(from_text("a dog on the grass"), 1)
    first, again, other = (comparison.compared(result, seed) for seed in (1, 1, 2))
    assert first == again
    assert "seed 2" in other
    assert first.split("seed 1")[0] != other.split("seed 2")[0]


def test_the_control_stands_last_and_the_button_names_the_only_other() -> None:
    assert [card.short for card in beside()] == [ATTNGAN, RETRIEVAL]
    assert offer() == "Compare with AttnGAN"
