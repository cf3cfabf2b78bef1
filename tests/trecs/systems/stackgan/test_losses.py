"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import exp, log, log1p

import pytest
import torch

from trecs.systems.stackgan.losses import generator_loss, judge_loss

UNSURE = torch.zeros(2)


def test_means_of_what_is_kept_and_of_what_is_rejected() -> None:
    """Two things said of a photo, two of a picture, and of a wrong pair one, which is believed."""
    sure = torch.full((2,), 3.0)
    loss = judge_loss((UNSURE, sure), torch.tensor([3.0]), (UNSURE, UNSURE))
    kept, rejected = (log(2) + log1p(exp(-3))) / 2, (2 * log(2) + log1p(exp(3))) / 3
    assert loss.item() == pytest.approx(kept + rejected)


def test_a_stage_adds_what_is_said_and_the_divergence() -> None:
    """Of means 1 and variances 1 the divergence is 1/2 a number."""
    mean, log_variance = torch.ones(2, 3), torch.zeros(2, 3)
    loss = generator_loss((UNSURE, UNSURE), mean, log_variance)
    assert loss.item() == pytest.approx(2 * log(2) + 2 * 0.5)
    assert generator_loss((UNSURE,), mean, log_variance, weight=0).item() == pytest.approx(log(2))
