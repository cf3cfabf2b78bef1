import math

import pytest
import torch

from trecs.systems.aligndraw.losses import latent_loss, reconstruction_loss


def test_a_canvas_that_says_nothing_loses_a_bit_a_pixel() -> None:
    pictures = torch.rand(2, 3, 4, 5)
    assert reconstruction_loss(torch.zeros(2, 3, 4, 5), pictures).item() == pytest.approx(
        60 * math.log(2)
    )
    white = reconstruction_loss(torch.full((1, 1, 1, 2), math.log(3)), torch.ones(1, 1, 1, 2))
    assert white.item() == pytest.approx(2 * math.log(4 / 3))  # each believed by 3/4


def test_the_divergence_of_normal_distributions() -> None:
    """log(s2 / s1) + (s1^2 + (m1 - m2)^2) / (2 s2^2) - 1/2, of each number."""
    zeros = torch.zeros(2, 3)
    assert latent_loss((zeros, zeros), (zeros, zeros)).item() == 0
    assert latent_loss((zeros + 2, zeros), (zeros, zeros)).item() == pytest.approx(3 * 2)
    wide = zeros + math.log(2)
    told = latent_loss((zeros + 1, zeros), (zeros, wide)).item()
    assert told == pytest.approx(3 * (math.log(2) + (1 + 1) / 8 - 0.5))
