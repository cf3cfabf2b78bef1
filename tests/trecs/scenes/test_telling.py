import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from retrieval.families import USED_LABELS
from retrieval.shapes import SIDE
from segmentation.labels import NAMES, value_of
from tests.trecs.scenes.silhouettes import drawn as photographed
from trecs.data.dataset import EVERY_SET
from trecs.scenes import telling
from trecs.scenes.shapes import ENOUGH_TELLING, with_drawn
from trecs.scenes.telling import drawn, is_telling

BICYCLE, HOUSE, DOG = map(value_of, ("bicycle", "house", "dog"))


def picks():
    with Path(telling.__file__).with_name("telling.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_picked_is_told_by_its_photo_and_its_box():
    pick = next(row for row in picks() if row["label"] == "dog")
    x, y, width = (float(pick[name]) for name in ("x", "y", "width"))
    box = (x - width / 2 + 0.001, y - 0.1, x + width / 2 + 0.001, y + 0.1)
    assert is_telling(DOG, pick["photo"], box)
    assert not is_telling(BICYCLE, pick["photo"], box)
    assert not is_telling(DOG, pick["photo"], (box[0] + 0.05, *box[1:]))
    assert not is_telling(DOG, "coco/0", box)


def test_picks_are_of_labels_and_sets_that_there_are_and_none_twice():
    rows = [tuple(row.values()) for row in picks()]
    assert len(rows) > 300
    assert len(set(rows)) == len(rows)
    assert {row["photo"].split("/")[0] for row in picks()} <= set(EVERY_SET)
    assert all(value_of(row["label"]) in USED_LABELS for row in picks())


@pytest.mark.parametrize("label", [label for label in USED_LABELS if drawn(label)])
def test_drawn_outlines_fill_their_boxes(label):
    for bitmap, aspect in drawn(label):
        assert bitmap.any(0).all() or bitmap.any(1).all(), NAMES[label]
        assert bitmap[0].any()
        assert bitmap[-1].any()
        assert bitmap[:, 0].any()
        assert bitmap[:, -1].any()
        assert aspect == pytest.approx(bitmap.shape[1] / bitmap.shape[0], rel=0.02)


def test_both_wheels_of_a_drawn_bicycle_are_rings():
    bitmap, _ = drawn(BICYCLE)[0]
    count, parts = cv2.connectedComponents((~np.pad(bitmap, 1)).astype(np.uint8))
    sizes = np.sort(np.bincount(parts.ravel(), minlength=count)[2:])
    assert len(sizes) >= 2
    assert sizes[-2] > 0.02 * bitmap.size


def test_drawn_outlines_come_after_those_of_photos_and_are_enough_for_a_house():
    known = photographed(3, np.full(3, DOG, np.uint8))
    both = with_drawn(known)
    assert (both.bitmaps[:3] == known.bitmaps).all()
    assert both.bitmaps.shape[1:] == (SIDE, SIDE)
    assert not both.telling[:3].any()
    assert both.telling[3:].all()
    assert np.count_nonzero(both.labels == HOUSE) >= ENOUGH_TELLING
    assert len(set(both.photos)) == len(both)
