import pytest
import torch

from trecs.systems.parts.mode_seeking import mode_seeking_loss


def test_the_loss_is_the_reciprocal_of_the_ratio_of_distances() -> None:
    """Pictures 0.5 and noises 2 apart in the mean: a ratio of 1/4."""
    first, second = torch.zeros(2, 3, 4, 4), torch.full((2, 3, 4, 4), 0.5)
    noise, other = torch.zeros(2, 5), torch.full((2, 5), -2.0)
    assert mode_seeking_loss(first, second, noise, other).item() == pytest.approx(4, rel=1e-3)


def test_pictures_that_are_alike_are_driven_apart() -> None:
    noise, other = torch.zeros(1, 2), torch.ones(1, 2)
    second = torch.full((1, 3, 2, 2), 0.1, requires_grad=True)
    mode_seeking_loss(torch.zeros(1, 3, 2, 2), second, noise, other).backward()
    assert second.grad is not None
    assert (second.grad < 0).all()
    same = torch.zeros(1, 3, 2, 2)
    assert mode_seeking_loss(same, same, noise, other).isfinite()
