import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.composition import (
    Placement,
    back_to_front,
    brought_forward,
    compose,
    visible,
)
from segmentation.labels import COUNT, UNLABELED, is_thing, value_of
from segmentation.masks import Mask

SKY, GRASS, TREE = (value_of(name) for name in ("sky-other", "grass", "tree"))
PERSON, DOG = value_of("person"), value_of("dog")


def block(label, left, top, right, bottom):
    return Placement(label, (Mask((left, top, right, bottom), np.ones((8, 8), bool)),))


@st.composite
def placements(draw):
    found = []
    for _ in range(draw(st.integers(0, 8))):
        left, top = draw(st.floats(-0.4, 1.0)), draw(st.floats(-0.4, 1.0))
        width, height = draw(st.floats(0.01, 1.2)), draw(st.floats(0.01, 1.2))
        label = draw(st.integers(0, COUNT - 1))
        bits = draw(st.integers(1, 2**16 - 1))
        bitmap = np.array([bits >> i & 1 for i in range(16)], bool).reshape(4, 4)
        found.append(Placement(label, (Mask((left, top, left + width, top + height), bitmap),)))
    return found


backgrounds = st.sampled_from(
    [
        None,
        np.full((64, 64), UNLABELED, np.uint8),
        np.full((64, 64), PERSON, np.uint8),
        np.repeat(np.array([SKY, UNLABELED, PERSON, GRASS], np.uint8), 16)[:, None].repeat(64, 1),
    ]
)


@given(placements(), backgrounds)
def test_every_canvas_is_covered_and_its_instances_are_things(placed, background):
    canvas = compose(placed, 64, background)
    assert canvas.label_map.shape == canvas.instance_map.shape == (64, 64)
    assert canvas.label_map.dtype == np.uint8
    assert (canvas.label_map < COUNT).all()
    assert np.array_equal(canvas.instance_map > 0, canvas.label_map < 91)
    things = back_to_front([p for p in placed if is_thing(p.label)])
    for number in np.unique(canvas.instance_map[canvas.instance_map > 0]):
        shape = things[number - 1].mask.render(64, 64)
        where = canvas.instance_map == number
        assert (canvas.label_map[where] == things[number - 1].label).all()
        assert shape[where].all()


@given(placements(), backgrounds)
def test_what_is_visible_of_each_placement_is_its_own(placed, background):
    canvas = compose(placed, 64, background)
    seen = visible(placed, canvas)
    covered = np.zeros((64, 64), bool)
    for placement, where in zip(placed, seen, strict=True):
        assert (canvas.label_map[where] == placement.label).all()
        assert placement.mask.render(64, 64)[where].all()
        if is_thing(placement.label):
            assert not covered[where].any()
            covered |= where
    assert np.array_equal(covered, canvas.instance_map > 0)


@given(placements())
def test_composing_twice_gives_the_same(placed):
    first, second = compose(placed, 32), compose(placed, 32)
    assert np.array_equal(first.label_map, second.label_map)
    assert np.array_equal(first.instance_map, second.instance_map)


@given(placements())
def test_a_single_thing_is_always_seen(placed):
    stuff = [p for p in placed if not is_thing(p.label)]
    canvas = compose([*stuff, block(DOG, 0.4, 0.4, 0.6, 0.6)], 64)
    assert (canvas.label_map[26:38, 26:38] == DOG).all()
    assert canvas.instance_map.max() == 1


def test_each_thing_of_a_group_is_an_instance():
    dogs = [block(DOG, x, 0.4, x + 0.3, 0.8) for x in (0.05, 0.25, 0.65)]
    group = Placement(DOG, tuple(dog.mask for dog in dogs), source=7)
    sky = Placement(SKY, (Mask((0, 0, 1, 0.2), np.ones((8, 8), bool)),) * 2)
    canvas = compose([sky, group, block(PERSON, 0.4, 0.1, 0.6, 0.9)], 100)
    # The person stands further down than the dogs. The first two dogs overlap.
    assert canvas.instance_map[60, [10, 30, 50, 70, 90]].tolist() == [1, 2, 4, 3, 3]
    assert canvas.label_map[60, [10, 30, 50, 70, 90]].tolist() == [DOG, DOG, PERSON, DOG, DOG]
    assert (canvas.label_map[:20] == SKY).sum() == 2000 - 10 * 20
    one_by_one = compose([sky, *dogs, block(PERSON, 0.4, 0.1, 0.6, 0.9)], 100)
    assert np.array_equal(canvas.instance_map, one_by_one.instance_map)
    assert group.mask.box == pytest.approx((0.05, 0.4, 0.95, 0.8))
    assert [part.source for part in group.apart()] == [7, 7, 7]


def test_a_group_stands_in_the_order_as_a_whole():
    small, large = block(DOG, 0.0, 0.1, 0.1, 0.45), block(DOG, 0.3, 0.2, 1.0, 1.0)
    person = block(PERSON, 0.05, 0.1, 0.25, 0.5)
    assert back_to_front([small, large, person]) == [large, person, small]
    canvas = compose([Placement(DOG, (small.mask, large.mask)), person], 100)
    assert canvas.instance_map[30, [2, 7, 60]].tolist() == [2, 3, 1]


def test_stuff_lies_behind_things_and_small_stuff_on_large():
    canvas = compose(
        [block(DOG, 0.4, 0.4, 0.6, 0.6), block(TREE, 0.2, 0.2, 0.7, 0.7), block(GRASS, 0, 0, 1, 1)],
        100,
    )
    assert canvas.label_map[50, 50] == DOG
    assert canvas.label_map[30, 30] == TREE
    assert canvas.label_map[5, 5] == GRASS


def test_the_lower_of_two_equal_things_is_in_front():
    canvas = compose([block(DOG, 0.2, 0.4, 0.6, 0.8), block(PERSON, 0.4, 0.2, 0.8, 0.6)], 100)
    assert canvas.label_map[50, 50] == DOG
    assert canvas.instance_map[50, 50] == 2


def test_a_small_thing_is_in_front_of_a_large_one():
    tie, person = block(value_of("tie"), 0.45, 0.3, 0.55, 0.5), block(PERSON, 0.2, 0, 0.8, 1)
    assert back_to_front([tie, person]) == [person, tie]


def test_a_thing_that_would_vanish_is_moved_in_front():
    # Seen from the order alone, the low and wide one would hide the other.
    hidden = block(DOG, 0.4, 0.1, 0.6, 0.4)
    low = block(PERSON, 0.3, 0.05, 0.7, 0.95)
    tall = Placement(PERSON, (Mask((0.0, 0.0, 1.0, 0.7), np.ones((4, 4), bool)),))
    for placed in ([hidden, low, tall], [tall, low, hidden]):
        canvas = compose(placed, 64)
        assert (canvas.label_map == DOG).sum() > 100
        assert len(np.unique(canvas.instance_map[canvas.instance_map > 0])) == 3


def test_what_is_empty_comes_from_the_backgrounds_stuff():
    background = np.full((64, 64), SKY, np.uint8)
    background[32:] = GRASS
    background[10:20, 10:20] = PERSON
    canvas = compose([block(DOG, 0.4, 0.6, 0.6, 0.9)], 64, background)
    assert set(np.unique(canvas.label_map)) == {DOG, SKY, GRASS}
    assert (canvas.label_map[:30] == SKY).all()


def test_without_a_background_the_users_own_stuff_grows():
    canvas = compose([block(SKY, 0.1, 0.1, 0.9, 0.3), block(GRASS, 0.1, 0.7, 0.9, 0.9)], 64)
    assert (canvas.label_map[:24] == SKY).all()
    assert (canvas.label_map[40:] == GRASS).all()


def test_without_any_stuff_there_is_sky_and_ground():
    canvas = compose([], 32)
    assert (canvas.label_map[:16] == SKY).all()
    assert (canvas.label_map[16:] == GRASS).all()
    assert canvas.instance_map.max() == 0


def test_specks_are_given_to_their_surroundings():
    bitmap = np.zeros((64, 64), bool)
    bitmap[:, :32] = True
    bitmap[10, 50] = True
    stuff = [block(GRASS, 0, 0, 1, 1), Placement(TREE, (Mask((0, 0, 1, 1), bitmap),))]
    canvas = compose(stuff, 64)
    assert canvas.label_map[10, 50] == GRASS
    assert canvas.label_map[10, 10] == TREE


@pytest.mark.parametrize("size", [1, 7, 256])
def test_any_size(size):
    canvas = compose([block(DOG, 0.2, 0.2, 0.8, 0.8), block(SKY, 0, 0, 1, 0.5)], size)
    assert canvas.label_map.shape == (size, size)


def test_what_is_said_to_be_nearer_hides_what_is_behind_it():
    dog, person = block(DOG, 0.2, 0.4, 0.6, 0.8), block(PERSON, 0.4, 0.2, 0.8, 0.6)
    assert compose([dog, person], 100).label_map[50, 50] == DOG
    placed = brought_forward([dog, person], [(1, 0)])
    assert compose(placed, 100).label_map[50, 50] == PERSON
    assert back_to_front(brought_forward([person, dog], [(1, 0), (0, 1)])) is not None


def test_who_is_in_front_goes_on_along_a_chain():
    far, middle, near = (block(DOG, 0.1, 0.1, 0.5, bottom) for bottom in (0.9, 0.7, 0.5))
    placed = brought_forward([near, middle, far], [(0, 1), (1, 2)])
    assert back_to_front(placed) == placed[::-1]


def test_stuff_that_is_said_to_be_nearer_hides_things_but_not_whole_ones():
    tree, dog = block(TREE, 0.3, 0.3, 0.6, 0.9), block(DOG, 0.4, 0.4, 0.9, 0.8)
    hidden = block(PERSON, 0.35, 0.5, 0.55, 0.85)
    canvas = compose(brought_forward([tree, dog, hidden], [(0, 1), (0, 2)]), 100)
    assert canvas.label_map[45, 50] == TREE
    assert canvas.label_map[45, 80] == DOG
    assert canvas.label_map[70, 45] == PERSON
    assert ((canvas.label_map == TREE) <= (canvas.instance_map == 0)).all()


def test_stuff_that_is_said_to_be_nearer_hides_stuff():
    house, fence = value_of("house"), value_of("fence")
    placed = [block(house, 0.3, 0.3, 0.6, 0.7), block(fence, 0.1, 0.5, 0.9, 0.9)]
    assert compose(placed, 100).label_map[60, 45] == house
    assert compose(brought_forward(placed, [(1, 0)]), 100).label_map[60, 45] == fence
