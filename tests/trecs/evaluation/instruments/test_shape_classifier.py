import numpy as np
import pytest
import torch

from tests.retrieval.models import DOG, PERSON
from trecs.evaluation.instruments.shape_classifier import accuracy, train_classifier


def bars(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Upright bars called people and level bars called dogs, half of each."""
    rng = np.random.default_rng(count)
    bitmaps = np.zeros((count, 64, 64), bool)
    labels = np.where(np.arange(count) % 2, DOG, PERSON).astype(np.uint8)
    for bitmap, label in zip(bitmaps, labels, strict=True):
        low, high = rng.integers(18, 26), rng.integers(38, 46)
        bar = bitmap if label == DOG else bitmap.T
        bar[low:high] = True
    return bitmaps, labels, np.ones(count, np.float32)


def test_it_learns_to_tell_bars_apart_and_is_repeatable():
    before = torch.random.get_rng_state()
    one, two = (train_classifier(*bars(128), seed=3, epochs=12) for _ in range(2))
    assert accuracy(one, *bars(40)) > 0.95
    assert torch.equal(one.out.weight, two.out.weight)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_accuracy_is_the_mean_over_labels():
    model = train_classifier(*bars(128), seed=3, epochs=12)
    bitmaps, labels, aspects = bars(40)
    labels[:] = PERSON
    labels[0] = DOG  # an upright bar: wrong
    expected = (0.0 + 19 / 39) / 2
    assert accuracy(model, bitmaps, labels, aspects) == pytest.approx(expected, abs=0.02)
