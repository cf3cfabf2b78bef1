import numpy as np
import pytest

from trecs.evaluation.measures.resegmentation import label_overlaps, segmentation_scores

TOLD = np.array([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 255, 255]], np.uint8)
SEEN = np.array([[1, 1, 1, 2], [1, 1, 1, 2], [4, 3, 2, 255]], np.uint8)


def test_by_hand():
    overlaps = label_overlaps(TOLD, SEEN)
    assert overlaps[[1, 2, 3, 4]].tolist() == [[4, 4, 6], [2, 4, 2], [1, 2, 1], [0, 0, 1]]
    mean_iou, accuracy = segmentation_scores(overlaps[None])
    assert mean_iou == pytest.approx((4 / 6 + 2 / 4 + 1 / 2 + 0) / 4)
    assert accuracy == pytest.approx(7 / 10)


def test_pixels_of_all_pictures_count_together():
    first = label_overlaps(np.full((1, 3), 7, np.uint8), np.array([[7, 7, 9]], np.uint8))
    second = label_overlaps(np.full((1, 1), 9, np.uint8), np.full((1, 1), 9, np.uint8))
    # 7: 2 of 3; 9: 1 of 2
    expected = (2 / 3 + 1 / 2) / 2, 3 / 4
    assert segmentation_scores(np.stack([first, second])) == pytest.approx(expected)


def test_nothing_labelled_is_no_number():
    nothing = label_overlaps(np.full((2, 2), 255, np.uint8), np.zeros((2, 2), np.uint8))
    assert np.isnan(segmentation_scores(nothing[None])).all()


def test_agrees_with_torchmetrics():
    torch = pytest.importorskip("torch")
    classification = pytest.importorskip("torchmetrics.functional.classification")
    maps = np.random.default_rng(0).integers(6, size=(2, 5, 20, 20)).astype(np.uint8)
    overlaps = np.stack([label_overlaps(*pair) for pair in zip(*maps, strict=True)])
    seen, told = (torch.from_numpy(m.astype(np.int64)) for m in (maps[1], maps[0]))
    expected = classification.multiclass_jaccard_index(seen, told, 6, average="macro")
    mean_iou, accuracy = segmentation_scores(overlaps)
    assert mean_iou == pytest.approx(float(expected), rel=1e-6)
    assert accuracy == pytest.approx(float((seen == told).double().mean()))
