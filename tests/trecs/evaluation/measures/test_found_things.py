import numpy as np
import pytest

from segmentation.canvas import Canvas
from segmentation.labels import value_of
from trecs.evaluation.measures.found_things import found_things

COW, DOG, GRASS = (value_of(name) for name in ("cow", "dog", "grass"))


def test_each_large_thing_is_read_by_itself() -> None:
    labels = np.full((10, 10), GRASS, np.uint8)
    instances = np.zeros((10, 10), np.int32)
    labels[:4, :5], instances[:4, :5] = COW, 1  # 20 pixels
    labels[5:9, :5], instances[5:9, :5] = COW, 2
    labels[:2, 8:], instances[:2, 8:] = DOG, 3  # 4 pixels, too few
    read = np.full((10, 10), GRASS, np.uint8)
    read[0, :5] = COW  # a quarter of the first, all else is grass
    read[5, :5] = COW
    read[6:8, :5] = DOG
    first, second = found_things(Canvas(labels, instances), read, 0.1)
    assert (first.label, first.share, first.first) == (COW, pytest.approx(0.25), True)
    assert (second.label, second.share, second.first) == (COW, pytest.approx(0.25), False)


def test_what_is_not_read_at_all_is_not_first_and_stuff_is_no_thing() -> None:
    instances = np.ones((4, 4), np.int32)
    read = np.full((4, 4), GRASS, np.uint8)
    (cow,) = found_things(Canvas(np.full((4, 4), COW, np.uint8), instances), read, 0.05)
    assert (cow.share, cow.first) == (0.0, False)
    assert not list(found_things(Canvas(read, instances), read, 0.05))
