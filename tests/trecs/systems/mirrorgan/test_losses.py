"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import log

import pytest
import torch

from trecs.learning.judge import Verdict
from trecs.systems.mirrorgan.losses import generator_loss

UNSURE = torch.zeros(2)


def test_the_stages_what_is_read_back_and_the_divergence_are_summed() -> None:
    """Of means 1 and variances 1 the divergence is 1/2 a number."""
    mean, log_variance = torch.ones(2, 3), torch.zeros(2, 3)
    verdicts = [Verdict(UNSURE, UNSURE)] * 3
    loss = generator_loss(verdicts, torch.tensor(1.5), mean, log_variance, weight=4.0)
    assert loss.item() == pytest.approx(6 * log(2) + 4 * 1.5 + 0.5)
