from dataclasses import dataclass

import numpy as np

from segmentation.canvas import Canvas
from segmentation.labels import value_of
from segmentation.told_regions import UNTOLD
from segmentation.told_seeds import told_seeds
from tests.segmentation.test_told_colours import BUS, CANVAS, PLACED, ROAD, SKY


@dataclass(frozen=True)
class Some:
    label: int
    seed: int | None = None


def test_of_two_things_each_has_its_own_seed_and_nought_is_one() -> None:
    told = told_seeds(CANVAS, [Some(BUS, 0), Some(SKY), Some(BUS, 7), Some(ROAD)], PLACED)
    assert told is not None
    assert told.seeds == (0, 7)
    assert told.numbers[25, 10] == 0
    assert told.numbers[25, 30] == 1
    assert (told.numbers[CANVAS.label_map != BUS] == UNTOLD).all()


def test_a_label_without_a_region_has_the_seed_of_its_name() -> None:
    tree = value_of("tree")
    labels = CANVAS.label_map.copy()
    labels[2:6, 2:6] = tree
    painted = Canvas(labels, CANVAS.instance_map)
    regions = [Some(BUS), Some(SKY, 3), Some(BUS), Some(ROAD)]
    told = told_seeds(painted, regions, PLACED, {tree: 9, BUS: 4, value_of("cow"): 5})
    assert told is not None
    assert told.seeds == (3, 9)
    assert (told.numbers[labels == tree] == 1).all()
    assert (told.numbers[labels == SKY] == 0).all()
    assert (told.numbers[labels == BUS] == UNTOLD).all()  # which regions have


def test_nothing_told_and_nothing_there_is_none() -> None:
    assert told_seeds(CANVAS, [Some(BUS), Some(SKY)]) is None
    assert told_seeds(CANVAS, [Some(value_of("cow"), 1)]) is None
    assert told_seeds(CANVAS, (), (), {value_of("cow"): 1}) is None


def test_sizes() -> None:
    told = told_seeds(CANVAS, [Some(BUS, 2)])
    assert told is not None
    small = told.resized(20, 20)
    assert np.array_equal(small.numbers, told.numbers[1::2, 1::2])
    assert small.seeds == (2,)
    assert told.padded(3).numbers.shape == (43, 43)
