from dataclasses import replace

import numpy as np
import torch

from tests.trecs.systems.ppgn.tiny import CONFIG, tiny_ppgn
from trecs.narrative import from_text
from trecs.systems.ppgn.system import SHOWN

SAID = from_text("a red dog")


def test_the_chain_is_shown_up_to_its_picture() -> None:
    drawing = tiny_ppgn().draw(SAID, 2)
    assert len(drawing.frames) == CONFIG.updates + 1
    assert drawing.picture is drawing.frames[-1].picture
    pairs = zip(drawing.frames, drawing.frames[1:], strict=False)
    assert all(not np.array_equal(one.picture, next.picture) for one, next in pairs)


def test_of_a_long_chain_some_moments_are_shown() -> None:
    drawing = tiny_ppgn(replace(CONFIG, updates=90)).draw(SAID, 2)
    assert SHOWN / 2 < len(drawing.frames) <= SHOWN + 1
    assert drawing.picture is drawing.frames[-1].picture


def test_other_words_lead_the_same_code_elsewhere() -> None:
    model = tiny_ppgn()
    one, other = model.draw(SAID, 2), model.draw(from_text("dog"), 2)
    assert np.array_equal(one.frames[0].picture, other.frames[0].picture)
    assert not np.array_equal(one.picture, other.picture)


def test_without_a_condition_words_count_for_nothing() -> None:
    model = tiny_ppgn(replace(CONFIG, condition=0.0))
    one, other = model.draw(SAID, 2), model.draw(from_text("dog"), 2)
    assert np.array_equal(one.picture, other.picture)


def test_it_draws_where_gradients_are_off() -> None:
    with torch.no_grad():
        quiet = tiny_ppgn().draw(SAID, 2)
    assert np.array_equal(quiet.picture, tiny_ppgn().draw(SAID, 2).picture)
