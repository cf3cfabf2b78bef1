"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import log

import pytest
import torch

from trecs.learning.judge import Verdict
from trecs.systems.controlgan.losses import correlation_loss, generator_loss, perceptual_loss

UNSURE = torch.zeros(2)


def test_the_word_level_judge_loses_half_of_both() -> None:
    own, others = torch.tensor([0.0, 0.0]), torch.tensor([log(3), log(3)])  # 1/2 and 3/4
    assert correlation_loss(own, others).item() == pytest.approx((log(2) + log(4)) / 2)


def test_pictures_are_held_against_photos_at_every_stage() -> None:
    """Squared differences of 4 at one stage and of 0 and 2 at the other: their means' mean."""
    small, large = torch.zeros(1, 2, 1, 1), torch.zeros(1, 1, 1, 2)
    aims = [small + 2, torch.tensor([[[[0.0, 2**0.5]]]])]
    assert perceptual_loss([small, large], aims).item() == pytest.approx((4 + 1) / 2)


def test_all_terms_are_summed_by_their_weights() -> None:
    """Of means 1 and variances 1 the divergence is 1/2 a number."""
    mean, log_variance = torch.ones(2, 3), torch.zeros(2, 3)
    matching = torch.tensor([1.0, 2.0, 3.0, 4.0]).unbind()
    given = ([Verdict(UNSURE, UNSURE)] * 3, matching, torch.tensor(2.0), UNSURE, mean, log_variance)
    assert generator_loss(*given).item() == pytest.approx(6 * log(2) + 50 + 2 + log(2) + 0.5)
    loss = generator_loss(
        *given, matching_weight=0.1, perceptual_weight=0.05, correlation_weight=3.0
    )
    assert loss.item() == pytest.approx(6 * log(2) + 1 + 0.1 + 3 * log(2) + 0.5)
