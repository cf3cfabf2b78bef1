"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import exp, log, log1p

import pytest
import torch

from trecs.systems.fusedgan.losses import conditional_loss, judge_loss

UNSURE = torch.zeros(2)


def test_a_judge_loses_for_photos_and_for_pictures() -> None:
    sure = torch.full((2,), 3.0)
    assert judge_loss(UNSURE, UNSURE).item() == pytest.approx(2 * log(2))
    assert judge_loss(sure, sure).item() == pytest.approx(log1p(exp(-3)) + log1p(exp(3)))


def test_the_conditional_branch_also_loses_the_divergence() -> None:
    """Of means 1 and variances 1 the divergence is 1/2 a number."""
    mean, log_variance = torch.ones(2, 3), torch.zeros(2, 3)
    loss = conditional_loss(UNSURE, mean, log_variance, weight=2)
    assert loss.item() == pytest.approx(log(2) + 2 * 0.5)
