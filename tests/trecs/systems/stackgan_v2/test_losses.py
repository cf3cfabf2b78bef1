"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import exp, log, log1p

import pytest
import torch

from trecs.learning.judge import Verdict
from trecs.systems.stackgan_v2.losses import colour_loss, colours, generator_loss, judge_loss

UNSURE = torch.zeros(2)
SURE = torch.full((2,), 3.0)


def test_a_wrong_picture_is_a_real_one_by_itself() -> None:
    """Sure of all that is real: that costs little, and as much the wrong one beside the text."""
    real = Verdict(SURE, SURE)
    loss = judge_loss(real, Verdict(SURE, SURE), Verdict(-SURE, -SURE))
    assert loss.item() == pytest.approx(5 * log1p(exp(-3)) + log1p(exp(3)))


def test_the_stages_and_the_divergence_are_summed() -> None:
    """Of means 1 and variances 1 the divergence is 1/2 a number."""
    mean, log_variance = torch.ones(2, 3), torch.zeros(2, 3)
    loss = generator_loss([Verdict(UNSURE, UNSURE)] * 3, mean, log_variance)
    assert loss.item() == pytest.approx(6 * log(2) + 2 * 0.5)


def test_colours_are_means_and_covariances() -> None:
    """Red is 0 and 2, green twice that, blue always 1."""
    picture = torch.tensor([[0.0, 2.0], [0.0, 4.0], [1.0, 1.0]])[None, :, None]
    mean, covariance = colours(picture)
    assert mean.tolist() == [[1, 2, 1]]
    assert covariance.tolist() == [[[1, 2, 0], [2, 4, 0], [0, 0, 0]]]


def test_larger_pictures_are_drawn_to_the_colours_of_smaller_ones() -> None:
    """Means that are half apart lose 50 / 4; the larger one's grey levels vary by 1/4 and nothing
    of the smaller one's: 250 / 16."""
    smaller = torch.zeros(1, 3, 2, 2, requires_grad=True)
    larger = torch.tensor([0.0, 1.0]).expand(1, 3, 4, 2).clone().requires_grad_()
    loss = colour_loss([smaller, larger])
    assert loss.item() == pytest.approx(50 / 4 + 250 / 16)
    loss.backward()
    assert smaller.grad is None
    assert larger.grad is not None
    assert larger.grad.abs().max() > 0
