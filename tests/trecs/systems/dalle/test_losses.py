import math

import pytest
import torch

from trecs.systems.dalle.losses import divergence, gumbel_softmax, logit_laplace_loss, token_loss


def test_the_logit_laplace_density_integrates_to_one() -> None:
    """For two means and scales."""
    values = torch.linspace(1e-5, 1 - 1e-5, 200_001)
    for mean, scale in ((0.0, 0.5), (1.0, 0.3)):
        density = [
            torch.exp(-logit_laplace_loss(of(mean, scale), value.view(1, 1, 1, 1)))
            for value in values[::200]
        ]
        assert torch.stack(density).mean().item() == pytest.approx(1, abs=0.01)


def of(mean: float, scale: float) -> torch.Tensor:
    """What a decoder of one value says."""
    return torch.tensor([mean, math.log(scale)]).view(1, 2, 1, 1)


def test_the_logit_laplace_loss_of_a_value() -> None:
    """x = 1/2: |0 - 1| / 2 + log(2 * 2 * 1/4)."""
    assert logit_laplace_loss(of(1, 2), torch.full((1, 1, 1, 1), 0.5)).item() == pytest.approx(0.5)


def test_codes_diverge_from_uniform_ones() -> None:
    sure = torch.zeros(1, 4, 1, 2)
    sure[0, 0, 0, 0] = 99  # one place is sure, the other knows nothing
    assert divergence(sure).item() == pytest.approx(math.log(4) / 2)


def test_cold_samples_are_the_likeliest_with_their_noise() -> None:
    logits, noise = torch.tensor([1.0, 2, 0]), torch.tensor([2.0, 0, 0])
    given = logits.view(1, 3, 1, 1), noise.view(1, 3, 1, 1)
    cold, warm = (gumbel_softmax(*given, temperature).flatten() for temperature in (0.01, 1))
    assert cold.tolist() == pytest.approx([1, 0, 0])
    assert warm.tolist() == pytest.approx(torch.tensor([3.0, 2, 0]).softmax(0).tolist())


def test_a_picture_counts_seven_times_what_words_do() -> None:
    """Two words of four are as likely, and a token is one of sixteen."""
    words, tokens = torch.zeros(1, 2, 4), torch.zeros(1, 3, 16)
    none = torch.zeros(1, 3, dtype=torch.long)
    loss = token_loss(words, none[:, :2], tokens, none)
    assert loss.item() == pytest.approx((math.log(4) + 7 * math.log(16)) / 8)
