from dataclasses import dataclass

import numpy as np

from segmentation.canvas import Canvas
from segmentation.colours import Lab
from segmentation.composition import Placement, compose
from segmentation.labels import value_of
from segmentation.masks import Mask
from segmentation.told_colours import Worn, told_colours
from segmentation.told_regions import UNTOLD

BUS, SKY, ROAD = (value_of(name) for name in ("bus", "sky-other", "road"))
RED: tuple[Lab, ...] = ((40.0, 40.0, 30.0),)
BLUE: tuple[Lab, ...] = ((40.0, 0.0, -40.0),)


@dataclass(frozen=True)
class Some:
    label: int
    colours: tuple[Lab, ...] = ()
    worn: tuple[Worn, ...] = ()


def block(label: int, left: float, top: float, right: float, bottom: float) -> Placement:
    return Placement(label, (Mask((left, top, right, bottom), np.ones((4, 4), bool)),))


PLACED = [
    block(BUS, 0.1, 0.4, 0.4, 0.9),
    block(SKY, 0, 0, 1, 0.3),
    block(BUS, 0.6, 0.4, 0.9, 0.9),
    block(ROAD, 0, 0.3, 1, 1),
]
CANVAS = compose(PLACED, 40)


def test_of_two_things_each_has_its_own_colour() -> None:
    regions = [Some(BUS, RED), Some(SKY), Some(BUS, BLUE), Some(ROAD)]
    told = told_colours(CANVAS, regions, PLACED)
    assert told is not None
    assert told.colours == (RED, BLUE)
    assert told.numbers[25, 10] == 0
    assert told.numbers[25, 30] == 1
    assert (told.numbers[CANVAS.label_map != BUS] == UNTOLD).all()


def test_a_thing_that_is_told_none_stays_as_it_is_and_stuff_is_coloured_whole() -> None:
    told = told_colours(CANVAS, [Some(BUS), Some(SKY, BLUE), Some(BUS, RED), Some(ROAD)], PLACED)
    assert told is not None
    assert told.numbers[25, 10] == UNTOLD
    assert told.numbers[25, 30] == 1
    assert (told.numbers[CANVAS.label_map == SKY] == 0).all()


def test_what_was_painted_since_takes_the_first_colour_of_its_label() -> None:
    labels, instances = CANVAS.label_map.copy(), CANVAS.instance_map.copy()
    labels[2:6, 2:6], instances[2:6, 2:6] = BUS, 9
    regions = [Some(BUS, RED), Some(SKY), Some(BUS), Some(ROAD)]
    told = told_colours(Canvas(labels, instances), regions, PLACED)
    assert told is not None
    assert told.numbers[3, 3] == 0
    assert told.numbers[25, 30] == UNTOLD


def test_of_two_walls_each_has_its_own_mask() -> None:
    wall = value_of("wall-concrete")
    placed = [block(wall, 0, 0, 0.5, 1), block(wall, 0.5, 0, 1, 1)]
    told = told_colours(compose(placed, 40), [Some(wall, RED), Some(wall)], placed)
    assert told is not None
    assert told.numbers[20, 5] == 0
    assert told.numbers[20, 35] == UNTOLD


def test_nothing_told_and_nothing_there_is_none() -> None:
    assert told_colours(CANVAS, [Some(BUS), Some(SKY)]) is None
    assert told_colours(CANVAS, [Some(value_of("cow"), RED)]) is None


def test_sizes() -> None:
    told = told_colours(CANVAS, [Some(BUS, (*RED, *BLUE))])
    assert told is not None
    small = told.resized(20, 20)
    assert np.array_equal(small.numbers, told.numbers[1::2, 1::2])
    assert told.padded(3).numbers.shape == (43, 43)
    assert told.means == [(40.0, 20.0, -5.0)]


def test_what_is_worn_lies_on_its_rows_of_each_wearer_and_above_their_own_colour() -> None:
    person = value_of("person")
    placed = [block(SKY, 0, 0, 1, 1), block(person, 0.1, 0.1, 0.3, 0.9)]
    shirt, jeans = Worn("top", "shirt", RED), Worn("bottom", "jeans", BLUE)
    white: tuple[Lab, ...] = ((90.0, 0.0, 0.0),)
    canvas = compose(placed, 40)
    told = told_colours(canvas, [Some(SKY), Some(person, white, (jeans, shirt))], placed)
    assert told is not None
    assert told.colours == (white, RED, BLUE)
    column = told.numbers[4:36, 8]
    assert (column[0], column[10], column[25], column[31]) == (0, 1, 2, 0)
    assert (told.numbers[:, 20] == UNTOLD).all()


def test_rows_are_those_of_the_whole_wearer_where_something_hides_the_legs() -> None:
    person = value_of("person")
    placed = [block(person, 0.1, 0.1, 0.3, 0.9)]
    canvas = compose(placed, 40)
    canvas.label_map[20:], canvas.instance_map[20:] = BUS, 2
    jeans = Some(person, (), (Worn("bottom", "jeans", BLUE),))
    assert told_colours(canvas, [jeans], placed) is None
    unplaced = told_colours(canvas, [jeans])
    assert unplaced is not None
    assert (unplaced.numbers[[10, 16], 8] == (UNTOLD, 0)).all()
