import numpy as np
import pytest

from trecs.evaluation.estimates import Estimate, Texts, estimates, splits
from trecs.evaluation.looking import Seen

TEXTS = Texts(np.array([0, 1, 1]))


def test_nothing_seen_gives_nothing():
    assert estimates(Seen(), None, TEXTS, "") == {}


def test_means_are_over_the_pictures_that_have_a_number():
    nan = float("nan")
    seen = Seen(photos=[0, 0, 1], texts=[0, 0, 1])
    seen.ssim, seen.psnr, seen.lpips = [0.5, 0.5, 0.5], [nan] * 3, [0.25, nan, 0.75]
    seen.canvas_iou, seen.tagged, seen.words = [nan] * 3, [1.0, nan, 0.5], [1, 0, 3]
    found = estimates(seen, None, TEXTS, "")
    assert found.keys() == {"SSIM", "ST-LPIPS", "tag accuracy"}
    assert found["SSIM"] == Estimate(0.5, 0.5, 0.5, 3)
    assert (found["ST-LPIPS"].value, found["ST-LPIPS"].count) == (0.5, 2)
    assert (found["ST-LPIPS"].low, found["ST-LPIPS"].high) == (0.25, 0.75)
    # Four words, of which 1 + 1.5 are right.
    assert found["tag accuracy"].value == pytest.approx(2.5 / 4)


def everything(count: int = 40) -> Seen:
    rng = np.random.default_rng(0)
    seen = Seen(photos=[i // 2 for i in range(count)], texts=[i // 2 for i in range(count)])
    seen.features = list(rng.normal(size=(count, 3)).astype(np.float32))
    seen.probabilities = list(rng.dirichlet(np.ones(4), count).astype(np.float32))
    seen.damsm = seen.encoder = list(np.eye(count // 2)[seen.texts])
    seen.ssim = seen.psnr = seen.lpips = seen.canvas_iou = seen.tagged = [0.5] * count
    seen.words = [2] * count
    return seen


def test_sets_are_measured_under_the_name_of_the_eyes():
    seen = everything()
    real = np.random.default_rng(1).normal(size=(20, 3)).astype(np.float32)
    texts = Texts(np.arange(20))
    found = estimates(seen, real, texts, "EffLite-")
    assert {"EffLite-IS", "EffLite-FID"} <= found.keys()
    assert not {"IS", "FID"} & found.keys()
    score, distance = found["EffLite-IS"], found["EffLite-FID"]
    assert score.low < score.value < score.high
    assert distance.low < distance.value < distance.high
    assert {"IS", "FID"} <= estimates(seen, real, texts, "").keys()
    assert "FID" not in estimates(seen, None, texts, "")


def test_texts_are_compared_by_both_encoders():
    told = np.eye(20)
    found = estimates(everything(), None, Texts(np.arange(20), told, told[::-1]), "")
    assert found["R-precision (DAMSM)"] == Estimate(1, 1, 1, 40)
    assert found["R-precision (independent)"].value == 0
    assert found["VS similarity"].value == 0


def test_labels_of_all_pictures_count_together():
    seen = everything(4)
    dog, cat = np.eye(182, dtype=np.uint8)[[17, 16]]
    seen.named = [dog, dog, dog + cat, dog]
    seen.found = [dog, dog, dog, 0 * dog]
    overlaps = np.zeros((4, 182, 3), np.int32)
    overlaps[:, 17] = [1, 2, 1]
    overlaps[0, 16] = [0, 0, 1]
    seen.overlaps = list(overlaps)
    found = estimates(seen, None, Texts(np.arange(2)), "")
    assert found["SOA-C"].value == pytest.approx((3 / 4 + 0) / 2)
    assert found["SOA-I"].value == pytest.approx(3 / 5)
    assert found["re-segmented mIoU"].value == pytest.approx((4 / 8 + 0) / 2)
    assert found["re-segmented accuracy"] == Estimate(0.5, 0.5, 0.5, 4)


def test_splits_are_for_many_pictures():
    assert (splits(999), splits(1000)) == (1, 10)
