"""The comparison as the button makes it, with the studio's own models."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.trecs.interface.pages import laid_out, panel
from tests.trecs.systems.attngan.tiny import tiny_attngan
from trecs.interface.panels.comparison.comparison import beside, first, timeline
from trecs.interface.panels.comparison.panel import Comparison
from trecs.narrative import from_text
from trecs.pipeline import TReCS
from trecs.result import Result
from trecs.systems.interface import Drawing

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


def compared(comparison: Comparison, result: Result, seed: int, *chosen: str) -> list[str]:
    return list(comparison.compared(result, seed, chosen or ("attngan", "retrieval")))


def test_without_an_attngan_the_others_are_compared(
    comparison: Comparison, trecs: TReCS, tmp_path: Path
) -> None:
    shown = compared(comparison, trecs(from_text("a dog on the grass")), 0)[-1]
    assert NO_ATTNGAN.replace("'", "&#x27;") in shown
    assert f'data-system="{TRECS}"' in shown
    assert f'data-system="{RETRIEVAL}"' in shown
    assert f'data-system="{ATTNGAN}"' not in shown
    assert str(tmp_path) not in shown


def test_an_attngan_that_knows_no_word_says_so(
    comparison: Comparison, trecs: TReCS, tmp_path: Path
) -> None:
    tiny_attngan().save(tmp_path / "attngan")
    strange = compared(comparison, trecs(from_text("zebras everywhere")), 0)[-1]
    assert "knows no word" in strange
    assert figure(strange, ATTNGAN).startswith("<div>nothing</div>")
    known = compared(comparison, trecs(from_text("a dog")), 0)[-1]
    assert figure(known, ATTNGAN).startswith("<img")


def test_the_gallery_is_filled_as_each_is_ready_in_the_order_of_years(
    comparison: Comparison, trecs: TReCS, tmp_path: Path
) -> None:
    tiny_attngan().save(tmp_path / "attngan")
    steps = compared(comparison, trecs(from_text("a dog")), 0)
    assert [step.count("not drawn yet") for step in steps] == [2, 1, 0]
    for step in steps:
        years = [int(year) for year in re.findall(r"<figcaption><b>(\d+)</b>", step)]
        assert years == sorted(years)
        assert len(years) == 3
    assert figure(steps[1], ATTNGAN).startswith("<img")
    assert figure(steps[1], RETRIEVAL).startswith("<div>not drawn yet</div>")


def test_one_that_fails_keeps_no_other_from_drawing(
    comparison: Comparison, trecs: TReCS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_attngan().save(tmp_path / "attngan")
    studio, drawing = comparison.page.studio, comparison.page.studio.drawing

    def failing(system: str, *given: Any) -> Drawing:
        if system == "attngan":
            raise RuntimeError("out of luck")
        return drawing(system, *given)

    monkeypatch.setattr(studio, "drawing", failing)
    (*_, shown) = compared(comparison, trecs(from_text("a dog")), 0)
    assert "AttnGAN failed" in shown
    assert "luck" not in shown
    assert figure(shown, RETRIEVAL).startswith("<img")


def test_only_those_that_were_chosen_draw(comparison: Comparison, trecs: TReCS) -> None:
    (*_, shown) = compared(comparison, trecs(from_text("a dog on the grass")), 0, "retrieval")
    assert re.findall(r'data-system="(.*?)"', shown) == [RETRIEVAL, TRECS]


def test_another_seed_draws_all_again(comparison: Comparison, trecs: TReCS) -> None:
    result = trecs(from_text("a dog on the grass"), 1)
    begun, again, other = (compared(comparison, result, seed)[-1] for seed in (1, 1, 2))
    assert begun == again
    assert "seed 2" in other
    assert begun.split("seed 1")[0] != other.split("seed 2")[0]


def test_all_stand_in_the_order_of_years_and_four_are_chosen_first() -> None:
    years = [card.year for card in beside()]
    assert years == sorted(years)
    assert len(first()) == 4
    assert {"attngan", "retrieval"} < set(first())


def test_the_timeline_has_every_card() -> None:
    shown = timeline()
    for card in beside():
        assert f"<b>{card.year}</b> {card.title}" in shown
    assert "<cite>Reed, Akata, Yan, Logeswaran" in shown


def figure(shown: str, system: str) -> str:
    """What stands in a system's place."""
    return shown.split(f'<figure data-system="{system}">')[1]
