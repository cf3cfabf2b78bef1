import numpy as np

from segmentation.canvas import Canvas
from segmentation.labels import value_of
from segmentation.repainting import repainted

DOG, GRASS = value_of("dog"), value_of("grass")


def test_painting_beside_a_dog_makes_it_larger_and_apart_makes_another() -> None:
    label_map = np.full((8, 8), GRASS, np.uint8)
    label_map[2:4, 2:4] = DOG
    instances = (label_map == DOG).astype(np.int32)
    painted = label_map.copy()
    painted[2:4, 4] = DOG  # touches the first dog
    painted[6:8, 6:8] = DOG  # does not
    edited = repainted(Canvas(label_map, instances), painted)
    np.testing.assert_array_equal(edited.label_map, painted)
    assert (edited.instance_map[2:4, 2:5] == 1).all()
    assert (edited.instance_map[6:8, 6:8] == 2).all()
    assert (edited.instance_map[painted == GRASS] == 0).all()


def test_painting_stuff_over_a_thing_takes_its_pixels() -> None:
    label_map = np.full((4, 4), DOG, np.uint8)
    painted = label_map.copy()
    painted[:, :2] = GRASS
    edited = repainted(Canvas(label_map, np.full((4, 4), 5, np.int32)), painted)
    assert (edited.instance_map[:, :2] == 0).all()
    assert (edited.instance_map[:, 2:] == 5).all()


def test_without_a_canvas_every_area_of_a_thing_is_an_instance() -> None:
    painted = np.full((5, 5), GRASS, np.uint8)
    painted[0, 0] = painted[4, 4] = DOG
    assert repainted(None, painted).instance_map.max() == 2
