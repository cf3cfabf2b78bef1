from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from segmentation.masks import (
    Mask,
    box_of,
    common_area,
    decode,
    encode,
    fill_polygon,
    iou,
    resize_bitmap,
    row_ends,
    together,
)

bitmaps = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=40))


@given(bitmaps)
def test_codes_survive_a_round_trip(bitmap):
    assert np.array_equal(decode(encode(bitmap), *bitmap.shape), bitmap)


def test_decode_agrees_with_pycocotools_on_a_large_mask():
    noise = np.random.default_rng(0).random((300, 411)) < 0.5
    noise[:200, 100:300] = True
    code = encode(noise)
    theirs = coco.decode({"counts": code, "size": [300, 411]})
    assert np.array_equal(decode(code, 300, 411), theirs.astype(bool))


@given(st.binary(max_size=40), st.integers(1, 30), st.integers(1, 30))
def test_damaged_codes_raise_and_never_crash(code, height, width):
    with suppress(ValueError):
        assert decode(code, height, width).shape == (height, width)


@given(bitmaps)
def test_cutting_and_rendering_a_mask_gives_it_back(full):
    mask = Mask.from_full(full)
    if mask is None:
        assert not full.any()
    else:
        assert np.array_equal(mask.render(*full.shape), full)
        assert mask.area == pytest.approx(full.mean())


def test_rendering_cuts_what_is_beyond_the_picture():
    full = Mask((-0.5, -0.5, 0.5, 0.5), np.ones((8, 8), bool)).render(4, 4)
    assert full.tolist() == [[True, True, False, False]] * 2 + [[False] * 4] * 2


@pytest.mark.parametrize("box", [(2.0, 0.0, 3.0, 1.0), (-3.0, -3.0, -2.0, -2.0)])
def test_a_mask_outside_the_picture_renders_empty(box):
    assert not Mask(box, np.ones((3, 3), bool)).render(16, 16).any()


def test_a_mask_thinner_than_a_pixel_covers_one():
    assert Mask((0.5, 0.5, 0.501, 0.501), np.ones((1, 1), bool)).render(10, 10).sum() == 1


def test_a_shrunk_bitmap_never_vanishes():
    single = np.zeros((50, 50), bool)
    single[20, 30] = True
    assert resize_bitmap(single, 5, 5).sum() == 1


def test_a_polygon_fills_its_inside():
    square = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]])
    filled = fill_polygon(square, 100, 100)
    assert filled[50, 50]
    assert not filled[10, 10]
    assert filled.mean() == pytest.approx(0.25, abs=0.02)
    assert not fill_polygon(np.zeros((0, 2)), 4, 4).any()


def test_iou():
    first, second = np.zeros((2, 4), bool), np.zeros((2, 4), bool)
    assert iou(first, second) == 0
    first[:, :2] = second[:, 1:3] = True
    assert iou(first, second) == pytest.approx(1 / 3)


def test_boxes_of_masks_and_what_they_share():
    full = np.zeros((10, 20), bool)
    full[2:5, 4:8] = True
    assert box_of(full) == pytest.approx((0.2, 0.2, 0.4, 0.5))
    assert common_area(box_of(full), (0.3, 0.0, 1.0, 0.3)) == pytest.approx(0.1 * 0.1)
    assert common_area(box_of(full), (0.5, 0.6, 1.0, 1.0)) == 0


def test_the_ends_of_rows_span_the_mask():
    bitmap = np.array([[0, 1, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0]], bool)
    ends = {tuple(end) for end in (row_ends(bitmap) * (4, 3)).round(6).tolist()}
    assert ends == {(1, 0), (1, 1), (3, 0), (3, 1), (0, 2), (0, 3), (3, 2), (3, 3)}


def test_masks_together_are_where_they_were():
    left, right = (Mask((x, 0.2, x + 0.2, 0.6), np.ones((9, 4), bool)) for x in (0.1, 0.6))
    both = together([left, right])
    assert both.box == pytest.approx((0.1, 0.2, 0.8, 0.6))
    expected = left.render(100, 100) | right.render(100, 100)
    assert iou(both.render(100, 100), expected) > 0.97
    assert together([left]) is left
