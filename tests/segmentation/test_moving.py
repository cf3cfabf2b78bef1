from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.composition import (
    Placement,
    brought_forward,
    compose,
    instance_numbers,
    visible,
)
from segmentation.labels import value_of
from segmentation.masks import Mask
from segmentation.moves import Move
from segmentation.moving import moved, painting_order
from segmentation.repainting import remaining
from tests.segmentation.test_composition import backgrounds, block, placements

SKY, GRASS, TREE = (value_of(name) for name in ("sky-other", "grass", "tree"))
PERSON, DOG, COW = value_of("person"), value_of("dog"), value_of("cow")
SCENE = (
    block(SKY, 0, 0, 1, 0.5),
    block(GRASS, 0, 0.5, 1, 1),
    block(PERSON, 0.4, 0.2, 0.8, 0.6),
    Placement(DOG, tuple(block(DOG, x, 0.7, x + 0.2, 0.9).masks[0] for x in (0.1, 0.5))),
)


def composed(*moves: Move) -> Canvas:
    """The scene on a canvas of 100x100 after some moves."""
    return compose(moved(SCENE, moves, 100), 100)


def test_only_what_is_moved_changes_and_what_was_beneath_is_filled() -> None:
    before = composed()
    after = composed(Move(2, shift=(-0.3, 0)))
    assert before.label_map[40, [30, 60]].tolist() == [SKY, PERSON]
    assert after.label_map[40, [30, 60]].tolist() == [PERSON, SKY]
    assert after.label_map[55, 70] == GRASS
    assert np.array_equal(before.label_map[60:], after.label_map[60:])
    assert (after.instance_map > 0).sum() == (before.instance_map > 0).sum()


def test_stuff_moves_too_and_leaves_no_hole() -> None:
    after = composed(Move(0, shift=(0, 0.3)), Move(1, deleted=True))
    assert after.label_map[75, 35] == SKY
    assert set(np.unique(after.label_map)) == {SKY, PERSON, DOG}


def test_one_of_a_group_moves_alone_and_is_duplicated_and_deleted() -> None:
    after = composed(Move(3, 1, shift=(0.25, 0)), Move(3, 1, copy=1, shift=(0, -0.6)))
    assert (after.label_map[80, [20, 60, 85]] == [DOG, GRASS, DOG]).all()
    assert after.label_map[12, 60] == DOG
    assert len(np.unique(after.instance_map)) == 1 + 4
    gone = composed(Move(3, 0, deleted=True), Move(3, 0, copy=2, shift=(0, -0.6)))
    assert (gone.label_map[80, [20, 60]] == [GRASS, DOG]).all()
    assert gone.label_map[20, 20] == DOG
    assert (composed(Move(3, 0, deleted=True), Move(3, 1, deleted=True)).label_map != DOG).all()


def test_order_is_as_told_also_where_something_vanishes() -> None:
    on_it = Move(3, 0, shift=(0.4, -0.4))  # columns 50 to 70, rows 30 to 50, within the person
    order = painting_order(SCENE, 100)
    assert order == [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1)]
    assert composed(on_it).label_map[40, 60] == DOG
    behind = composed(replace(on_it, order=1.5))
    assert behind.label_map[40, 60] == PERSON
    assert (behind.label_map == DOG).sum() == 400  # the other one
    # Stuff in front of things.
    hidden = composed(Move(1, shift=(0, -0.3), order=9))
    assert (hidden.label_map[25:45, 45:75] == GRASS).all()
    assert (hidden.instance_map[25:45, 45:75] == 0).all()


def test_another_label_makes_things_of_stuff_and_stuff_of_things() -> None:
    cow = composed(Move(2, label=COW))
    assert cow.label_map[40, 60] == COW
    tree = composed(Move(2, label=TREE))
    assert tree.label_map[40, 60] == TREE
    assert tree.instance_map[40, 60] == 0


def test_numbers_and_what_is_seen_are_of_what_was_moved() -> None:
    placed = moved(SCENE, [Move(3, 0, shift=(0.4, -0.4), order=1.5), Move(3, 1, label=TREE)], 100)
    canvas = compose(placed, 100)
    assert instance_numbers(placed) == [(), (), (2,), (1,)]
    seen = visible(placed, canvas)
    assert seen[2][40, 60]
    assert seen[3][80, 60]  # the tree
    assert seen[3].sum() == 400
    painted = canvas.label_map.copy()
    painted[75:, :] = GRASS
    left = remaining(placed, canvas, painted)
    assert left[2] is placed[2]
    assert left[3] is not None
    assert [how.label for how in left[3].moved] == [DOG, TREE]
    painted[70:, :] = GRASS
    assert remaining(placed, canvas, painted)[3] is None  # the dog is behind the person


@given(placements(), backgrounds)
def test_an_order_made_explicit_changes_nothing(placed: list[Placement], background) -> None:
    if not placed:
        return
    before = compose(placed, 64, background)
    after = compose(moved(placed, [Move(0)], 64), 64, background)
    assert np.array_equal(before.label_map, after.label_map)


def test_stuff_said_to_be_in_front_stays_there() -> None:
    tree, dog = block(TREE, 0.3, 0.3, 0.6, 0.9), block(DOG, 0.4, 0.4, 0.9, 0.8)
    said = brought_forward([tree, dog, block(GRASS, 0, 0, 1, 1)], [(0, 1)])
    assert painting_order(said, 100) == [(2, 0), (1, 0), (0, 0)]
    before, after = compose(said, 100), compose(moved(said, [Move(1)], 100), 100)
    assert before.equals(after)
    assert after.label_map[45, 50] == TREE


def test_the_same_mask_twice_is_two() -> None:
    mask = Mask((0.1, 0.1, 0.3, 0.3), np.ones((4, 4), bool))
    twice = [Placement(DOG, (mask, mask))]
    canvas = compose(moved(twice, [Move(0, 1, shift=(0.5, 0))], 100), 100)
    assert canvas.label_map[20, [20, 70]].tolist() == [DOG, DOG]


def test_a_canvas_of_which_all_is_deleted_is_filled() -> None:
    placed = moved([block(DOG, 0, 0, 1, 1)], [Move(0, deleted=True)], 32)
    canvas = compose(placed, 32)
    assert canvas.instance_map.max() == 0
    assert not visible(placed, canvas)[0].any()


@pytest.mark.parametrize(
    ("move", "message"),
    [
        (Move(4), "region 4; there are 4"),
        (Move(3, 2), r"part 2 of region 3 \(dog\), which has 2"),
    ],
)
def test_a_move_of_what_is_not_there_is_refused(move: Move, message: str) -> None:
    with pytest.raises(InputError, match=message):
        moved(SCENE, [move], 100)
    with pytest.raises(InputError, match="same mask"):
        moved(SCENE, [Move(0), Move(0)], 100)
