from dataclasses import replace

import cv2
import numpy as np
import pytest

from retrieval.choice import choose
from retrieval.groups import MOST, group_size, strips
from retrieval.placing import place
from retrieval.query import Query
from segmentation.composition import compose
from segmentation.masks import fill_polygon
from tests.retrieval.scenes import DOG, PERSON, SKY, write

UPRIGHT = float(np.log(0.5))
ASPECT = float(np.log(2))
WIDE = np.array([[0.1, 0.4], [0.9, 0.4], [0.9, 0.8], [0.1, 0.8]])  # twice as wide as high


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return write(tmp_path_factory.mktemp("libraries") / "library")


@pytest.mark.parametrize(
    ("named", "usual", "count"),
    [
        (1, UPRIGHT, 1),  # a singular is one thing, however wide
        (2, UPRIGHT, 2),
        (99, UPRIGHT, 4),  # a plural: as many as have room
        (99, float(np.log(2)), 1),
        (2, float(np.log(1.2)), 2),  # a little room is enough for things that were counted
        (4, float(np.log(1.2)), 2),
        (99, float(np.log(0.05)), MOST),
    ],
)
def test_a_group_has_as_many_things_as_are_named_and_have_room(named, usual, count):
    assert group_size(ASPECT, usual, named) == count


def test_strips_share_a_hull():
    hull = np.array([[0.1, 0.5], [0.4, 0.2], [0.9, 0.5], [0.5, 0.9]])
    for count in (1, 2, 5):
        parts = strips(hull, count)
        assert [len(part) >= 3 for part in parts] == [True] * count
        areas = [cv2.contourArea(part.astype(np.float32)) for part in parts]
        assert sum(areas) == pytest.approx(cv2.contourArea(hull.astype(np.float32)), rel=1e-5)
        widths = [np.ptp(part[:, 0]) for part in parts]
        assert widths == pytest.approx([0.8 / count] * count)


def test_people_stand_side_by_side(library):
    choices = choose(
        library, [(1, 1.0)], [Query(PERSON, WIDE, named=99), Query(PERSON, WIDE, named=1)]
    )
    assert [choice.count for choice in choices] == [6, 1]
    group, one = (place(library, choice).mask.render(200, 200) for choice in choices)
    legs = [np.count_nonzero(np.diff(mask[155].astype(int)) == 1) for mask in (group, one)]
    assert legs[0] > 4
    assert legs[1] == 2
    # One person keeps its aspect ratio, so that it leaves the hull's sides empty; six fill it.
    hull = fill_polygon(WIDE, 200, 200)
    assert (group & hull).sum() > 1.3 * (one & hull).sum()


def test_each_stands_in_its_strip_as_a_mask_of_its_own(library):
    (choice,) = choose(library, [(0, 1.0), (1, 0.9), (2, 0.8)], [Query(DOG, WIDE, named=2)])
    placed = place(library, choice)
    assert len(placed.masks) == choice.count == 2
    centres = [(mask.box[0] + mask.box[2]) / 2 for mask in placed.masks]
    assert centres == pytest.approx([0.3, 0.7], abs=0.05)
    assert placed.source == choice.used[0].mask
    canvas = compose([placed], 100)
    assert np.unique(canvas.instance_map).tolist() == [0, 1, 2]


def test_different_silhouettes_come_first(library):
    (dogs,) = choose(library, [(0, 1.0), (1, 0.9), (2, 0.8)], [Query(DOG, WIDE, named=2)])
    assert dogs.count == 2
    assert len({candidate.mask for candidate in dogs.used}) == 2


def test_two_groups_share_as_few_silhouettes_as_can_be(library):
    scenes = [(0, 1.0), (1, 0.9), (2, 0.8)]
    two = choose(library, scenes, [Query(DOG, WIDE, named=2) for _ in range(2)])
    first, second = ({candidate.mask for candidate in choice.used} for choice in two)
    assert len(first) == len(second) == 2
    assert not first & second


def test_a_hull_without_width_holds_one(library):
    line = np.array([[0.5, 0.2], [0.5, 0.8], [0.5, 0.5]])
    (choice,) = choose(library, [(1, 1.0)], [Query(DOG, line, named=99)])
    assert choice.count == 1
    assert place(library, choice).mask.render(64, 64).any()


def test_another_mask_chosen_by_hand_comes_first(library):
    (dogs,) = choose(library, [(0, 1.0), (1, 0.9), (2, 0.8)], [Query(DOG, WIDE, named=2)])
    swapped = replace(dogs, selected=dogs.beside[0])
    assert swapped.used[0] == dogs.used[1]
    assert len({candidate.mask for candidate in swapped.used}) == 2


def test_stuff_is_no_group(library):
    (sky,) = choose(library, [(0, 1.0)], [Query(SKY, WIDE, named=99)])
    assert sky.count == 1
