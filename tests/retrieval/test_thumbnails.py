import numpy as np
import pytest

from retrieval.thumbnails import SIDE, overlaps, thumbnail, unpacked


def test_thumbnails_keep_every_bit():
    bitmap = np.random.default_rng(0).random((SIDE, SIDE)) < 0.5
    assert thumbnail(bitmap).shape == (9,)
    assert np.array_equal(unpacked(thumbnail(bitmap)), bitmap)


def test_overlaps_are_those_of_the_bitmaps():
    bitmaps = np.random.default_rng(1).random((20, SIDE, SIDE)) < 0.5
    packed = np.stack([thumbnail(bitmap) for bitmap in bitmaps])
    expected = [(b & bitmaps[0]).sum() / (b | bitmaps[0]).sum() for b in bitmaps]
    assert overlaps(packed, packed[0]) == pytest.approx(expected)


def test_nothing_overlaps_nothing():
    empty = np.zeros((1, 9), np.uint64)
    assert overlaps(empty, empty[0]).tolist() == [0]
