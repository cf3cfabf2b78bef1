import numpy as np
import pytest

from trecs.tagging.calibration import best_temperature


def test_the_temperature_makes_odds_what_is_observed() -> None:
    # Logits say e**2 : 1, three of four are right, which are odds of 3 : 1
    logits = np.array([[2.0, 0.0]] * 4, np.float32)
    truth = np.array([0, 0, 0, 1])
    assert best_temperature(logits, truth) == pytest.approx(2 / np.log(3), abs=1e-4)


def test_the_temperature_has_bounds() -> None:
    logits = np.array([[2.0, 0.0]], np.float32)
    assert best_temperature(logits, np.array([0])) == pytest.approx(0.25, abs=1e-4)
    assert best_temperature(logits, np.array([1])) == pytest.approx(4.0, abs=1e-4)
