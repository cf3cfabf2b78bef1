import numpy as np
import pytest

from segmentation.canvas import Canvas
from trecs.synthesis.painter.region_colours import REGIONS, region_colours, region_map
from trecs.synthesis.painter.told import NO_REGION


def canvas(labels: list[list[int]], instances: list[list[int]]) -> Canvas:
    return Canvas(np.array(labels, np.uint8), np.array(instances, np.int32))


def test_regions_are_numbered_by_their_size() -> None:
    labels = [[123, 123, 123, 0], [0, 255, 123, 0], [0, 255, 156, 123]]
    instances = [[0, 0, 0, 7], [2, 0, 0, 7], [2, 0, 0, 0]]
    regions = region_map(canvas(labels, instances))
    assert regions.dtype == np.uint8
    # The grass, in two parts, is 0; of two people of two pixels the lower instance goes first.
    assert regions.tolist() == [[0, 0, 0, 2], [1, 255, 0, 2], [1, 255, 3, 0]]


def test_one_instance_under_two_labels_is_two_regions() -> None:
    assert region_map(canvas([[0, 0, 1]], [[4, 4, 4]])).tolist() == [[0, 0, 1]]


def test_unlabeled_is_no_region_however_large() -> None:
    assert region_map(canvas([[255, 255, 9]], [[0, 0, 60000]])).tolist() == [[255, 255, 0]]
    assert region_map(canvas([[255, 255]], [[0, 0]])).tolist() == [[255, 255]]


def test_the_smallest_of_too_many_are_left_out() -> None:
    instances = np.arange(1, 301, dtype=np.int32).repeat(np.where(np.arange(300) < 45, 1, 2))
    regions = region_map(Canvas(np.zeros((1, len(instances)), np.uint8), instances[None]))[0]
    assert (regions[:45] == NO_REGION).all()  # the 45 of one pixel
    assert regions[45:].tolist() == np.arange(REGIONS).repeat(2).tolist()


def test_a_mirrored_canvas_has_mirrored_regions() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 20, (24, 24)).astype(np.uint8)
    instances = rng.integers(1, 4, (24, 24)).astype(np.int32)
    mirrored = region_map(Canvas(labels[:, ::-1], instances[:, ::-1]))
    assert np.array_equal(mirrored, region_map(Canvas(labels, instances))[:, ::-1])


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),  # sRGB's red, green and blue under D65
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_colours_are_cie_lab(rgb: tuple[int, ...], lab: tuple[float, ...]) -> None:
    photo = np.full((4, 4, 3), rgb, np.uint8)
    colours = region_colours(photo, np.zeros((4, 4), np.uint8))
    assert (colours.shape, colours.dtype) == ((REGIONS, 3), np.float16)
    np.testing.assert_allclose(colours[0], lab, atol=0.25)
    assert np.isnan(colours[1:]).all()


def test_colours_are_means_over_the_regions_pixels() -> None:
    photo = np.zeros((2, 2, 3), np.uint8)
    photo[0] = 255
    colours = region_colours(photo, np.array([[0, 255], [0, 2]], np.uint8))
    np.testing.assert_allclose(colours[[0, 2]], [(50, 0, 0), (0, 0, 0)], atol=0.05)
    assert np.isnan(colours[1]).all()
