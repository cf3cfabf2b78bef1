import numpy as np
import pytest

from segmentation.filling import nearest_filled
from trecs.alignment.regions import Region
from trecs.evaluation.measures.canvas import mean_iou, painted_hulls, pixel_accuracy

TRUTH = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 255, 255]], np.uint8)
DRAWN = np.array([[1, 1, 1, 2], [1, 1, 1, 2], [4, 3, 2, 1]], np.uint8)


def test_pixel_accuracy_leaves_out_what_is_unlabeled():
    # 4 of label 1, 2 of label 2, 1 of label 3, among 10 labelled pixels
    assert pixel_accuracy(TRUTH, DRAWN) == pytest.approx(0.7)
    assert pixel_accuracy(TRUTH, TRUTH) == 1


def test_mean_iou_is_over_the_labels_present():
    # label 1: 4 / 6, label 2: 2 / 4, label 3: 1 / 2; label 4 is not present
    assert mean_iou(TRUTH, DRAWN) == pytest.approx((4 / 6 + 2 / 4 + 1 / 2) / 3)
    assert mean_iou(TRUTH, TRUTH) == 1
    assert mean_iou(TRUTH, np.full_like(TRUTH, 9)) == 0


def rectangle(label: int, left: float, top: float, right: float, bottom: float) -> Region:
    corners = [[left, top, 0], [right, top, 0], [right, bottom, 0], [left, bottom, 0]]
    return Region(label, 0, 1, (np.array(corners, np.float64),))


def test_painted_hulls_smaller_over_larger_and_the_rest_from_the_nearest():
    regions = [
        rectangle(7, 0.5, 0.5625, 0.625, 0.6875),
        rectangle(5, 0, 0.5, 1, 0.75),
        rectangle(6, 0, 0, 1, 0.25),
        Region(8, 0, 1),
    ]
    canvas = painted_hulls(regions, 64)
    assert canvas[40, 36] == 7
    assert (canvas[:16] == 6).all()
    assert (canvas[18:22] == 6).all()
    assert (canvas[26:31] == 5).all()
    assert (canvas[50:] == 5).all()
    assert set(np.unique(canvas)) == {5, 6, 7}


def test_nothing_painted_stays_unlabeled():
    assert (painted_hulls([Region(8, 0, 1)], 8) == 255).all()


def test_nearest_filled():
    row = np.array([[4, 255, 255, 255, 255, 9]], np.uint8)
    assert nearest_filled(row).tolist() == [[4, 4, 4, 9, 9, 9]]
