"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import log

import pytest
import torch

from trecs.learning.judge import Verdict
from trecs.systems.dmgan.losses import generator_loss

UNSURE = Verdict(torch.zeros(2), torch.zeros(2))


def test_stages_divergence_and_matching_are_summed_by_their_weights() -> None:
    """Of means 1 and variances 1 the divergence is 1/2 a number."""
    mean, log_variance = torch.ones(2, 3), torch.zeros(2, 3)
    matching = torch.tensor([1.0, 2.0, 3.0, 4.0]).unbind()
    loss = generator_loss([UNSURE] * 3, matching, mean, log_variance)
    assert loss.item() == pytest.approx(6 * log(2) + 0.5 + 5 * 10)
    loss = generator_loss(
        [UNSURE], matching, mean, log_variance, matching_weight=0.1, divergence_weight=3
    )
    assert loss.item() == pytest.approx(2 * log(2) + 1.5 + 1)
