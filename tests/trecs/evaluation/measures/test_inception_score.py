import numpy as np
import pytest

from trecs.evaluation.measures.inception_score import inception_score


def test_sure_of_another_class_each_time_scores_the_number_of_classes():
    assert inception_score(np.eye(4), splits=1) == (pytest.approx(4), 0)


def test_never_sure_or_always_of_the_same_class_scores_one():
    assert inception_score(np.full((6, 5), 0.2), splits=1)[0] == pytest.approx(1)
    assert inception_score(np.eye(5)[[2] * 6], splits=1)[0] == pytest.approx(1)


def test_by_hand():
    # KL of (3/4, 1/4) from (1/2, 1/2), for both pictures
    p = np.array([[0.75, 0.25], [0.25, 0.75]])
    expected = np.exp(0.75 * np.log(1.5) + 0.25 * np.log(0.5))
    assert inception_score(p, splits=1)[0] == pytest.approx(expected)


def test_splits_are_scored_apart():
    p = np.concatenate([np.eye(2), np.full((2, 2), 0.5)])
    mean, deviation = inception_score(p, splits=2)
    assert (mean, deviation) == (pytest.approx(1.5), pytest.approx(0.5))


def test_agrees_with_torch_fidelity():
    # isc_features_to_metric(logits, splits=5, shuffle=False) of torch-fidelity 0.4.0
    logits = np.random.default_rng(0).normal(size=(50, 7))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert inception_score(p, splits=5) == pytest.approx((1.382648744827971, 0.19125607905888065))
