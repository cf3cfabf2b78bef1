from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import (
    CONFIG,
    VOCABULARY,
    install,
    tiny_attngan,
    tiny_networks,
)
from trecs.narrative import Narrative, Word
from trecs.systems import registry
from trecs.systems.attngan.model import AttnGan
from trecs.systems.attngan.system import AttnGanSystem
from trecs.systems.interface import Home


def said(text: str) -> Narrative:
    return Narrative(tuple(Word(w, i, i + 1.0) for i, w in enumerate(text.split())))


def test_it_draws_the_words_that_it_knows(tmp_path: Path) -> None:
    install(tmp_path / "attngan")
    system = registry.card("attngan").load(Home(tmp_path))
    drawing = system.draw(said("a red zebra"), 2)
    picture = tiny_attngan().draw("a red", 2)
    assert np.array_equal(drawing.picture, picture.picture)
    assert drawing.attention is not None
    assert drawing.attention.words == ("a", "red")
    assert list(drawing.attention.maps) == ["stage 2", "stage 3"]
    assert np.array_equal(drawing.attention.maps["stage 3"], picture.attention[3])
    assert drawing.notes == ("Words that it does not know: zebra.",)
    with pytest.raises(InputError, match="knows no word"):
        system.draw(Narrative(()), 0)


def test_what_was_not_used_is_told() -> None:
    drawing = AttnGanSystem(tiny_attngan()).draw(said("a dog and the dog runs on the red grass"), 0)
    assert drawing.notes == (
        "Words that it does not know: and.",
        f"Beyond its {CONFIG.words} words: the red grass.",
    )


def test_one_stage_alone_has_no_attention() -> None:
    networks = tiny_networks(replace(CONFIG, stages=1))
    drawing = AttnGanSystem(AttnGan(networks, VOCABULARY)).draw(said("a dog"), 0)
    assert drawing.attention is None
    assert "one stage alone" in drawing.notes[0]
