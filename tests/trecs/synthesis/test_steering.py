import numpy as np
import pytest
from numpy.typing import NDArray

from segmentation.colours import Lab, lab_of, lab_of_hex
from segmentation.told_colours import ToldColours
from segmentation.told_regions import UNTOLD
from trecs.evaluation.measures.colour_difference import ciede2000
from trecs.synthesis.steering import steered, steered_small

SIDE = 64
INSIDE = (slice(16, 48), slice(16, 48))


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    """Grey-brown shades with highlights and a dark stripe, as a bus with windows has them."""
    rng = np.random.default_rng(0)
    shade = np.linspace(60, 170, SIDE)[:, None, None] + rng.normal(0, 8, (SIDE, SIDE, 1))
    pixels = shade * np.array([1.05, 1.0, 0.92])
    pixels[24:28] = 30
    pixels[18, 18:24] = 252
    return pixels.clip(0, 255).astype(np.uint8)


def told(*colours: Lab) -> ToldColours:
    numbers = np.full((SIDE, SIDE), UNTOLD, np.uint8)
    numbers[INSIDE] = 0
    return ToldColours(numbers, (colours,))


def ranks(values: NDArray[np.float32]) -> NDArray[np.intp]:
    return values.argsort().argsort()


@pytest.mark.parametrize("colour", ["#a5443a", "#466896", "#bc9f54", "#1a1a1a", "#e0e0dd"])
def test_the_mean_is_what_was_told_and_shading_stays(
    picture: NDArray[np.uint8], colour: str
) -> None:
    aim = lab_of_hex(colour)
    after = steered(picture, told(aim))
    inner = lab_of(after)[INSIDE].reshape(-1, 3)
    assert ciede2000(inner.mean(0), aim) < 2.5
    before, there = (lab_of(pixels)[19:45, 19:45, 0].ravel() for pixels in (picture, after))
    assert np.corrcoef(ranks(before), ranks(there))[0, 1] > 0.9
    assert there.std() > 2


def test_all_else_stays(picture: NDArray[np.uint8]) -> None:
    after = steered(picture, told(lab_of_hex("#a5443a")))
    far = np.ones((SIDE, SIDE), bool)
    far[12:52, 12:52] = False
    assert np.abs(after.astype(int) - picture)[far].max() <= 1


def test_a_highlight_stays_white(picture: NDArray[np.uint8]) -> None:
    after = steered(picture, told(lab_of_hex("#466896")))
    assert lab_of(after)[18, 20, 0] > 85


def test_of_several_colours_dark_parts_take_the_dark_one(picture: NDArray[np.uint8]) -> None:
    white, red = lab_of_hex("#dddddd"), lab_of_hex("#a5443a")
    lab = lab_of(steered(picture, told(white, red)))[INSIDE]
    assert lab[2:6, :, 1].mean() > 30
    assert abs(lab[-6:-2, :, 1].mean()) < 8
    assert lab[-6:-2, :, 0].mean() > 75


def test_a_thumbnail_is_moved_as_far_as_cells_belong_to_the_region() -> None:
    small = np.full((16, 16, 3), 0.5, np.float32)
    aim = lab_of_hex("#466896")
    after = steered_small(small, told(aim))
    pixels = lab_of((after * 255).astype(np.uint8))
    assert ciede2000(pixels[4:12, 4:12].reshape(-1, 3).mean(0), aim) < 2.5
    assert np.abs(after[:3] - 0.5).max() < 1e-3


def test_a_colour_that_no_pixel_has_changes_nothing(picture: NDArray[np.uint8]) -> None:
    nothing = ToldColours(np.full((SIDE, SIDE), UNTOLD, np.uint8), (((50.0, 0.0, 0.0),),))
    assert np.abs(steered(picture, nothing).astype(int) - picture).max() <= 1
