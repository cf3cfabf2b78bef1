import re

import numpy as np
import pytest

from files.errors import InputError
from retrieval.choice import Candidate, Choice
from retrieval.query import Query
from segmentation.labels import value_of
from segmentation.masks import Mask
from trecs.interface.panels.masks.mask_choices import mask_choices, swapped

DOG = value_of("dog")
HULL = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]])


class TwoMasks:
    """What of a library showing a choice needs."""

    boxes = np.array([[0.2, 0.2, 0.8, 0.8]] * 3)

    def mask(self, index: int) -> Mask:
        return Mask((0.0, 0.0, 1.0, 1.0), np.full((4, 4), True))


def choice(count: int) -> Choice:
    box = (0.2, 0.2, 0.8, 0.8)
    candidates = tuple(Candidate(i, i, DOG, 1 - i / 10, 0.5, 0.1, box) for i in range(count))
    return Choice(Query(DOG, HULL), candidates)


def test_every_candidate_is_a_button_and_the_selected_one_is_pressed() -> None:
    shown = mask_choices([choice(3), choice(1)], TwoMasks())  # type: ignore[arg-type]
    assert len(re.findall("<button", shown)) == 4
    assert re.findall('data-choice="0" data-rank="([0-2])" aria-pressed="true"', shown) == ["0"]
    assert "from the retrieved scenes" in shown


def test_a_mask_that_was_painted_over_is_not_pressed_and_says_so() -> None:
    shown = mask_choices([choice(2), choice(2)], TwoMasks(), {1})  # type: ignore[arg-type]
    pressed = re.findall('data-choice="(.)" data-rank="(.)" aria-pressed="true"', shown)
    assert pressed == [("0", "0")]
    assert shown.count("painted over") == 1


def test_a_swap_selects_one_candidate_of_one_region() -> None:
    changed = swapped([choice(3), choice(3)], {"choice": 1, "rank": 2})
    assert [c.selected for c in changed] == [0, 2]


@pytest.mark.parametrize(
    "data",
    [
        None,
        "0",
        {},
        {"choice": 0},
        {"choice": 2, "rank": 0},
        {"choice": -1, "rank": 0},
        {"choice": 0, "rank": 3},
        {"choice": True, "rank": 0},
        {"choice": "0", "rank": "0"},
        {"choice": 0, "rank": {"path": "/etc/passwd"}},
    ],
)
def test_what_names_no_candidate_is_refused(data: object) -> None:
    with pytest.raises(InputError, match="compose again"):
        swapped([choice(3), choice(3)], data)
