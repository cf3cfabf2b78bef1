"""Values worked out by hand: logits of 0 are probabilities of one half."""

from math import log

import pytest
import torch

from trecs.learning.judge import Verdict
from trecs.systems.sdgan.losses import branches, contrastive_loss, generator_loss


def test_pairs_of_one_photo_are_drawn_together_to_alpha_and_others_apart_to_the_margin() -> None:
    """Distances of 0.05, 0.5 and 3, of one photo and of two, each halved by four numbers."""
    first = torch.zeros(6, 2)
    second = torch.tensor([[0.05, 0], [0, 0.5], [3, 0]] * 2)
    same = torch.tensor([True] * 3 + [False] * 3)
    expected = torch.tensor([0.01, 0.25, 9, 0.95**2, 0.25, 0]) / 4
    torch.testing.assert_close(contrastive_loss(first, second, same), expected)


def test_a_picture_drawn_twice_has_a_gradient() -> None:
    """Where the two are equal, as those of a photo with one caption are, none is infinite."""
    first = torch.ones(2, 3, requires_grad=True)
    loss = contrastive_loss(first, torch.ones(2, 3), torch.tensor([True, False]))
    loss.sum().backward()
    assert first.grad is not None
    assert first.grad.isfinite().all()


def test_features_are_a_codes_mean_over_places_at_unit_length() -> None:
    code = torch.tensor([[[0.0, 6.0]], [[1.0, 1.0]]])[None]
    first, second = branches(torch.cat([code, -2 * code]))
    torch.testing.assert_close(first, torch.tensor([[3.0, 1.0]]) / 10**0.5)
    torch.testing.assert_close(second, -first)


def test_stages_divergence_and_contrast_are_summed_by_their_weights() -> None:
    """Of means 1 and variances 1 the divergence is 1/2 a number."""
    unsure = Verdict(torch.zeros(2), torch.zeros(2))
    mean, log_variance, contrast = torch.ones(2, 3), torch.zeros(2, 3), torch.tensor(0.25)
    loss = generator_loss([unsure] * 3, contrast, mean, log_variance, contrast_weight=8)
    assert loss.item() == pytest.approx(6 * log(2) + 0.5 + 2)
