import numpy as np
import pytest

from segmentation.garments import PARTS, ROWS, Part, covered, posture_of


def person(height: int, width: int, *, at: int = 0, size: int = 100) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[at : at + height, 10 : 10 + width] = True
    return mask


def test_postures() -> None:
    assert posture_of(person(60, 20, at=10)) == "standing"
    assert posture_of(person(60, 20, at=40)) == "standing"
    assert posture_of(person(60, 50, at=40)) == "cut off"
    assert posture_of(person(30, 60, at=10)) == "wide"


def test_a_shirt_is_above_the_trousers_and_below_the_hat() -> None:
    mask = person(60, 20, at=20)
    rows = {part: np.flatnonzero(covered(mask, part).any(1)) for part in PARTS}
    assert rows["head"].min() == 20
    assert rows["head"].max() < rows["top"].min() <= rows["whole"].min()
    assert rows["top"].mean() < rows["bottom"].mean() < rows["feet"].mean()
    assert rows["feet"].max() == rows["whole"].max() == 79


@pytest.mark.parametrize("part", PARTS)
def test_even_the_smallest_wearer_has_a_row_of_each(part: Part) -> None:
    assert covered(person(1, 1, at=99), part).sum() == 1
    assert all(0 <= first < last <= 1 for rows in ROWS.values() for first, last in rows.values())
