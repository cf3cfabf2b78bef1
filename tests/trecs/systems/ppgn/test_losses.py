import pytest
import torch

from trecs.systems.ppgn.losses import feature_loss, image_loss, noised


def test_differences_count_by_weights() -> None:
    """Differences of 2 and 4; the second picture counts half."""
    drawn = torch.tensor([2.0, 4.0]).view(2, 1, 1, 1).expand(-1, 3, 2, 2)
    none, weights = torch.zeros_like(drawn), torch.tensor([1.0, 0.5])
    assert image_loss(drawn, none, weights).item() == pytest.approx((2 + 4 * 0.5) / 2)
    assert feature_loss(drawn, none, weights).item() == pytest.approx((4 + 16 * 0.5) / 2)


def test_noise_is_added_to_codes() -> None:
    code, noise = torch.full((3, 1, 1, 1), 5.0), torch.full((3, 1, 1, 1), 10.0)
    found = noised(code, noise, torch.tensor([0.0, 0.6, 1.5])).flatten()
    assert found.tolist() == pytest.approx([5, 11, 20])
