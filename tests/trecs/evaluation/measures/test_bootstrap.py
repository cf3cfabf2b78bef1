import numpy as np
import pytest

from trecs.evaluation.measures import bootstrap
from trecs.evaluation.measures.bootstrap import bootstrap_interval, resampled, set_interval


def test_bootstrap_interval():
    assert bootstrap_interval([0.5] * 10) == (0.5, 0.5)
    low, high = bootstrap_interval([0.0] * 50 + [1.0] * 50)
    # The mean of 100 fair coins has a standard deviation of 0.05.
    assert (low, high) == (pytest.approx(0.4, abs=0.02), pytest.approx(0.6, abs=0.02))


def test_pictures_of_one_photo_are_drawn_together():
    # 100 coins, each told four times: as sure as 100 coins and not as 400.
    coins = np.repeat([0.0, 1.0] * 50, 4)
    low, high = bootstrap_interval(coins, groups=np.repeat(np.arange(100), 4))
    assert (low, high) == (pytest.approx(0.4, abs=0.02), pytest.approx(0.6, abs=0.02))
    alone = bootstrap_interval(coins)
    assert alone[1] - alone[0] == pytest.approx((high - low) / 2, abs=0.02)


def test_weights_are_those_of_the_mean():
    low, high = bootstrap_interval(
        [0.0, 1.0], weights=np.array([3.0, 1.0]), groups=np.zeros(2, int)
    )
    assert low == high == 0.25


def test_many_values_are_drawn_in_parts(monkeypatch: pytest.MonkeyPatch):
    values = np.random.default_rng(0).normal(size=300)
    whole = bootstrap_interval(values)
    monkeypatch.setattr(bootstrap, "AT_ONCE", 700)
    assert bootstrap_interval(values) == pytest.approx(whole, abs=0.02)


def test_set_interval_is_round_the_estimate_whatever_the_bias():
    values = np.random.default_rng(0).normal(size=400)

    def variance(rng: np.random.Generator) -> float:
        return float(values[resampled(400, rng)].var()) + 5  # as if repeating moved it up by 5

    low, high = set_interval(variance, 1.0, draws=200)
    assert (low + high) / 2 == pytest.approx(1)
    # The variance of 400 normal numbers has a standard deviation of sqrt(2 / 400).
    assert (high - low) / 2 == pytest.approx(1.96 * (2 / 400) ** 0.5, rel=0.2)


def test_set_interval_of_what_cannot_be_resampled():
    assert np.isnan(set_interval(lambda rng: float("nan"), 1.0)).all()
