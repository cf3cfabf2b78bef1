import numpy as np
import pytest

from segmentation.canvas import Canvas
from segmentation.composition import Placement, compose
from segmentation.labels import value_of
from segmentation.masks import Mask
from segmentation.repainting import remaining, repainted

DOG, GRASS, SKY = value_of("dog"), value_of("grass"), value_of("sky-other")


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


def block(label: int, left: float, top: float, right: float, bottom: float) -> Placement:
    return Placement(label, (Mask((left, top, right, bottom), np.ones((8, 8), bool)),))


def test_a_placement_is_left_where_something_of_it_is_seen_less_what_was_painted() -> None:
    grass = block(GRASS, 0, 0.5, 1, 1)
    sky = block(SKY, 0, 0, 1, 0.5)
    dog, other = block(DOG, 0.1, 0.6, 0.3, 0.8), block(DOG, 0.6, 0.6, 0.8, 0.8)
    placements = [grass, dog, sky, other]
    composed = compose(placements, 40)
    painted = composed.label_map.copy()
    painted[:, 20:] = SKY  # the other dog, and half of the grass
    left = remaining(placements, composed, painted)
    assert left[1] is dog
    assert left[2] is sky
    assert left[3] is None
    assert left[0] is not None
    mask = left[0].mask.render(40, 40)
    np.testing.assert_array_equal(mask[:, 20:], False)
    assert mask[20:, :20].all()  # also below the dog
    assert remaining(placements, composed, np.full((40, 40), SKY, np.uint8))[:2] == (None, None)
    assert remaining(placements, composed, composed.label_map) == tuple(placements)
    assert remaining(placements, composed, np.full((8, 8), SKY, np.uint8)) == (None,) * 4


def test_of_two_dogs_one_behind_the_other_the_one_that_was_seen_no_more_is_gone() -> None:
    behind, front = block(DOG, 0, 0, 1, 0.9), block(DOG, 0.25, 0.5, 0.75, 1)
    for placements in ([behind, front], [front, behind]):
        composed = compose(placements, 40)
        painted = composed.label_map.copy()
        painted[20:, 10:30] = GRASS
        left = remaining(placements, composed, painted)
        assert left[placements.index(front)] is None
        rest = left[placements.index(behind)]
        assert rest is not None
        assert rest.mask.render(40, 40).sum() == 40 * 36 - 20 * 16


def test_what_was_painted_once_and_taken_back_is_no_loss() -> None:
    placements = [block(DOG, 0.1, 0.6, 0.3, 0.8), block(GRASS, 0, 0, 1, 1)]
    composed = compose(placements, 40)
    canvas = repainted(repainted(composed, np.full((40, 40), SKY, np.uint8)), composed.label_map)
    assert remaining(placements, composed, canvas.label_map) == tuple(placements)


def test_a_group_is_seen_where_any_of_its_things_is_and_loses_what_is_painted() -> None:
    dogs = Placement(
        DOG, tuple(Mask((x, 0.4, x + 0.2, 0.6), np.ones((8, 8), bool)) for x in (0.1, 0.6))
    )
    composed = compose([block(GRASS, 0, 0, 1, 1), dogs], 100)
    label_map = composed.label_map.copy()
    label_map[:, :50] = GRASS
    _, left = remaining([block(GRASS, 0, 0, 1, 1), dogs], composed, label_map)
    assert left is not None
    assert len(left.masks) == 1
    assert left.masks[0].box == pytest.approx(dogs.masks[1].box, abs=0.01)
