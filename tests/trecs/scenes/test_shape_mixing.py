import numpy as np
import pytest

from segmentation.masks import iou
from tests.retrieval.models import DOG
from tests.trecs.scenes.silhouettes import drawn
from trecs.scenes.shape_mixing import LIMIT, Overlaps, mix


def test_overlaps_are_ious_either_way_round():
    bitmaps = drawn(6, np.full(6, DOG, np.uint8)).bitmaps
    found = Overlaps.of(bitmaps[:4]).with_(bitmaps[4:])
    assert found.shape == (2, 4)
    for i, j in ((0, 0), (1, 3)):
        a, b = bitmaps[4 + i], bitmaps[j]
        assert found[i, j] == pytest.approx(max(iou(a, b), iou(a[:, ::-1], b)))
    assert Overlaps.of(bitmaps).with_(bitmaps[:1, :, ::-1])[0, 0] == 1


def test_mixed_silhouettes_are_no_nearer_to_real_ones_than_those_are_to_each_other():
    known = drawn(12, np.full(12, DOG, np.uint8))
    made, aspects = mix(known, np.ones(12), 16, DOG, np.random.default_rng(0))
    assert made.shape == (16, *known.bitmaps.shape[1:])
    assert aspects == pytest.approx(np.ones(16))
    alike = Overlaps.of(known.bitmaps).with_(known.bitmaps)
    np.fill_diagonal(alike, 0)
    limit = max(LIMIT, float(np.median(alike.max(1))))
    nearest = Overlaps.of(known.bitmaps).with_(made).max(1)
    assert np.median(nearest) <= limit
    assert nearest.max() < 0.97
    assert nearest.min() > 0.5


def test_only_silhouettes_of_worth_are_parents():
    known = drawn(8, np.full(8, DOG, np.uint8))
    known.bitmaps[:4] = True
    worth = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    made, _ = mix(known, worth, 8, DOG, np.random.default_rng(0))
    assert made.mean((1, 2)).max() < 0.97  # no full square
