import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.errors import InputError
from segmentation.labels import value_of
from segmentation.masks import Mask
from segmentation.moves import Move, Moved, check_sizes, moved_mask, read_moves

SIZE = 8


def drawn(*rows: str) -> np.ndarray:
    return np.array([[letter == "#" for letter in row] for row in rows])


CORNER = drawn("#..", "##.")
PLACED = Mask((2 / 8, 3 / 8, 5 / 8, 5 / 8), CORNER)  # columns 2 to 4, rows 3 and 4


def shown(move: Move) -> list[str]:
    """The mask after a move on a canvas of 8x8, a row a text."""
    full = moved_mask(PLACED, move, SIZE).render(SIZE, SIZE)
    return ["".join(".#"[pixel] for pixel in row) for row in full.astype(int)]


def rows(**lines: str) -> list[str]:
    """A canvas of which some rows, as `r3`, are not empty."""
    return [lines.get(f"r{i}", "." * SIZE) for i in range(SIZE)]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (Move(0), rows(r3="..#.....", r4="..##....")),
        (Move(0, shift=(2 / 8, -3 / 8)), rows(r0="....#...", r1="....##..")),
        (Move(0, shift=(-3 / 8, 0)), rows(r4="#.......")),  # beyond the edge
        (Move(0, mirrored=True), rows(r3="....#...", r4="...##...")),
        (Move(0, turn=180), rows(r3="...##...", r4="....#...")),
        # A box of 3x2 becomes one of 2x3 about the same middle, 3.5 across and 4 down.
        (Move(0, turn=90, shift=(0.5 / 8, 0.5 / 8)), rows(r3="...##...", r4="...#....")),
        (Move(0, turn=-90, shift=(0.5 / 8, 0.5 / 8)), rows(r4="....#...", r5="...##...")),
        (
            Move(0, scale=(1, 2)),
            rows(r2="..#.....", r3="..#.....", r4="..##....", r5="..##...."),
        ),
        # Three columns become two: of the second, a third is full.
        (Move(0, scale=(2 / 3, 1), shift=(0.5 / 8, 0)), rows(r3="...#....", r4="...#....")),
        # Mirrored first, then turned.
        (
            Move(0, mirrored=True, turn=90, shift=(0.5 / 8, 0.5 / 8)),
            rows(r4="...#....", r5="...##..."),
        ),
    ],
)
def test_moves_by_hand(move: Move, expected: list[str]) -> None:
    assert shown(move) == expected


def test_a_mask_in_place_is_the_very_same() -> None:
    for move in (Move(0), Move(0, turn=360), Move(0, label=3, order=2.5, deleted=True)):
        assert moved_mask(PLACED, move, SIZE) is PLACED


@given(st.integers(-300, 300), st.integers(-300, 300))
def test_a_shift_by_pixels_changes_none(right: int, down: int) -> None:
    mask = Mask((0.11, 0.203, 0.4071, 0.68), np.random.default_rng(0).random((50, 61)) > 0.4)
    moved = moved_mask(mask, Move(0, shift=(right / 256, down / 256)), 256)
    expected = np.zeros((256, 256), bool)
    rows, columns = np.nonzero(mask.render(256, 256))
    rows, columns = rows + down, columns + right
    there = (rows >= 0) & (rows < 256) & (columns >= 0) & (columns < 256)
    expected[rows[there], columns[there]] = True
    np.testing.assert_array_equal(moved.render(256, 256), expected)


def test_a_disc_turned_is_a_disc_and_a_bar_turns() -> None:
    y, x = np.mgrid[:101, :101] - 50
    disc = Mask((0.25, 0.25, 0.75, 0.75), x**2 + y**2 <= 50**2)
    before, after = (moved_mask(disc, Move(0, turn=t), 256).render(256, 256) for t in (0, 37))
    assert (before != after).mean() < 0.004
    bar = Mask((0.1, 0.45, 0.9, 0.55), np.ones((4, 4), bool))
    turned = moved_mask(bar, Move(0, turn=45), 256).render(256, 256)
    assert turned[64, 64]  # clockwise: from the upper left to the lower right
    assert turned[192, 192]
    assert not turned[192, 64]
    assert turned.mean() == pytest.approx(bar.area, rel=0.03)


@given(
    st.tuples(*[st.floats(-0.5, 0.5)] * 2),
    st.tuples(*[st.floats(0.3, 3)] * 2),
    st.floats(-180, 180),
    st.booleans(),
)
def test_what_was_moved_is_found_where_it_was(
    shift: tuple[float, float], scale: tuple[float, float], turn: float, mirrored: bool
) -> None:
    move = Move(0, shift=shift, scale=scale, turn=turn, mirrored=mirrored)
    moved = Moved(move, 0, 0, (0.4, 0.3))
    x, y = 0.55, 0.2  # a place, moved step by step as the docstring of Move says
    across, down = ((-1 if mirrored else 1) * (x - 0.4) * scale[0], (y - 0.3) * scale[1])
    angle = math.radians(turn)
    at = (
        0.4 + across * math.cos(angle) - down * math.sin(angle) + shift[0],
        0.3 + across * math.sin(angle) + down * math.cos(angle) + shift[1],
    )
    back = moved.before(np.array(at[0]), np.array(at[1]))
    assert [float(one) for one in back] == pytest.approx([x, y])


def test_moves_go_out_and_come_back() -> None:
    moves = (
        Move(0),
        Move(2, 1, 3, (0.25, -0.5), (2.0, 1.0), 30.0, True, 4.5, value_of("cow"), False),
        Move(1, deleted=True),
    )
    told = [move.to_json() for move in moves]
    assert told[0] == {"region": 0}
    assert told[1]["label"] == "cow"
    assert told[2] == {"region": 1, "deleted": True}
    assert read_moves(told) == moves
    assert read_moves(None) == ()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({}, "no list"),
        ("moves", "no list"),
        ([{"region": 0}] * 201, "at most 200"),
        ([None], "no object"),
        ([{"part": 0}], "no object with a region"),
        ([{"region": 0, "shfit": [0, 0]}], "'shfit'; expected region, part"),
        ([{"region": -1}], "from 0"),
        ([{"region": True}], "from 0"),
        ([{"region": 0, "copy": 1.5}], "from 0"),
        ([{"region": 0, "shift": 1}], "two numbers"),
        ([{"region": 0, "shift": [1]}], "two numbers"),
        ([{"region": 0, "shift": [0, 9]}], "-3 to 3"),
        ([{"region": 0, "shift": [0, float("nan")]}], "-3 to 3"),
        ([{"region": 0, "scale": [0, 1]}], "0.02 to 50"),
        ([{"region": 0, "turn": "90"}], "expected a number"),
        ([{"region": 0, "turn": True}], "expected a number"),
        ([{"region": 0, "mirrored": 1}], "true or false"),
        ([{"region": 0, "order": []}], "expected a number"),
        ([{"region": 0, "label": 3}], "label's name"),
        ([{"region": 0, "label": "dgo"}], "not a COCO-Stuff label"),
        ([{"region": 0, "label": "hat"}], "nothing in COCO has"),
        ([{"region": 0}, {"region": 0}], "Two moves are of the same mask"),
    ],
)
def test_what_is_no_move_is_refused(told: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_moves(told)


def test_a_mask_that_would_be_too_large_is_refused() -> None:
    with pytest.raises(InputError, match="larger than 4 canvases"):
        check_sizes([(PLACED, Move(0, scale=(12, 1)))], SIZE)


def test_more_masks_than_the_memory_holds_are_refused() -> None:
    mask = Mask((0, 0, 1, 1), np.ones((2, 2), bool))
    moves = [(mask, Move(0, copy=n, scale=(4, 4))) for n in range(200)]
    check_sizes(moves[:32], 256)
    with pytest.raises(InputError, match="210 million pixels; at most 33"):
        check_sizes(moves, 256)
    with pytest.raises(InputError, match="67 million pixels"):
        check_sizes(moves[:1], 2048)


def test_a_large_mask_is_turned_in_little_memory() -> None:
    tracemalloc.start()
    moved = moved_mask(Mask((0, 0, 1, 1), np.ones((2, 2), bool)), Move(0, turn=45), 2048)
    assert tracemalloc.get_traced_memory()[1] < 2**27
    tracemalloc.stop()
    assert moved.bitmap.shape == (2897, 2897)
    assert moved.bitmap.sum() == pytest.approx(2048**2, rel=1e-3)
