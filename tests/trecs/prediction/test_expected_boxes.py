import numpy as np
import pytest
from numpy.typing import NDArray

from trecs.prediction.expected_boxes import best_boxes

GRID = 10


def certain(left: int, right: int, top: int, bottom: int) -> NDArray[np.float64]:
    chance = np.zeros((GRID, GRID))
    chance[top:bottom, left:right] = 1.0
    return chance


def test_what_is_certain_is_found_exactly() -> None:
    chances = np.stack([certain(0, 10, 0, 4), certain(2, 5, 6, 9)])
    assert best_boxes(chances, [False, True], [None, None]).tolist() == [
        [0, 10, 0, 4],
        [2, 5, 6, 9],
    ]


@pytest.mark.parametrize(("chance", "width"), [(0.2, 4), (0.6, 10)])
def test_an_uncertain_part_is_taken_if_its_chance_exceeds_the_overlap(
    chance: float, width: int
) -> None:
    # 40 certain cells and 60 of a chance p, Q = (40 + 60 p) / 0.6 for both: 40 / Q without those,
    # (40 + 60 p) / (100 + Q - 40 - 60 p) with; 0.46 against 0.39, and 0.32 against 0.50
    q = np.full((1, GRID, GRID), chance)
    q[0, :, :4] = 1.0
    assert best_boxes(q, [False], [None]).tolist() == [[0, width, 0, 10]]


def test_two_of_the_same_chances_share_the_picture() -> None:
    # Each alone would take all of it; one then hides the other, unless they divide it.
    chances = np.full((2, GRID, GRID), 0.5)
    boxes = best_boxes(chances, [False, False], [None, None])
    front, behind = sorted(boxes.tolist(), key=lambda box: (box[1] - box[0]) * (box[3] - box[2]))
    cells = np.zeros((GRID, GRID), int)
    for number, (left, right, top, bottom) in ((1, behind), (2, front)):
        cells[top:bottom, left:right] = number
    assert (cells == 1).sum() >= 30
    assert (cells == 2).sum() >= 30


def test_known_boxes_stay_and_hide() -> None:
    known = np.array([0, 5, 0, 10])
    chances = np.full((2, GRID, GRID), 0.5)
    boxes = best_boxes(chances, [True, False], [known, None])
    assert boxes[0].tolist() == known.tolist()
    assert boxes[1, 1] == 10  # whatever it does behind the known one, it takes all that is visible
    assert boxes[1, 2:].tolist() == [0, 10]


def test_nothing_to_choose() -> None:
    assert best_boxes(np.zeros((0, GRID, GRID)), [], []).shape == (0, 4)
    known = [np.array([1, 2, 3, 4])]
    assert best_boxes(np.zeros((1, GRID, GRID)), [True], known).tolist() == [[1, 2, 3, 4]]
