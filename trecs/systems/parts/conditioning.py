"""Conditioning augmentation: a sentence to a distribution of conditions, and what holds it wide.

Zhang et al., StackGAN (ICCV 2017), section 3.2; as AttnGAN's code has it, with a gate.
"""

from typing import Any

import torch
from torch import Tensor, nn

from trecs.systems.parts.layers import GatedLinear

LEAST = 1e-3  # deviation of sentences that is told from none


class ConditioningAugmentation(nn.Module):
    """A sentence to a normal distribution of conditions (F^ca; Zhang et al., ICCV 2017)."""

    def __init__(self, text: int, condition: int) -> None:
        super().__init__()
        self.fc = nn.Linear(text, condition * 4)
        self.gate = GatedLinear()

    def forward(self, sentence: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance (B, condition) of sentences (B, D)."""
        mean, log_variance = self.gate(self.fc(sentence)).chunk(2, 1)
        return mean, log_variance


class Noised(nn.Module):
    """A generator that takes noise, and variations of its conditions."""

    config: Any
    """Its numbers, `noise` (Z) and `condition` (C) among them."""

    def draw_noise(
        self, batch: int, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Noise (B, Z) and variations (B, C), standard normal, on the CPU.

        The noise comes first: one seed gives one noise, however wide the condition is.
        """
        noise = torch.randn(batch, self.config.noise, generator=generator)
        return noise, torch.randn(batch, self.config.condition, generator=generator)


def kl_loss(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Divergence of the conditions (B, C) from a standard normal distribution, a scalar.

    Zhang et al., ICCV 2017, equation 2; the mean over B and C, as in the authors' code.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()


@torch.no_grad()
def begin_apart(augmentation: ConditioningAugmentation, sentences: Tensor) -> None:
    """Starts the conditions of sentences (N, D) as far apart as the noise is wide.

    Reconstructed: their means are the sentences' principal components, each of unit variance, and
    the deviation round them is exp(-1). From the authors' start thousands of steps pass before
    different sentences give different pictures.
    """
    begin_conditions(augmentation.fc, augmentation.fc.out_features // 4, sentences, 2, -4)


@torch.no_grad()
def begin_conditions(
    layer: nn.Linear, conditions: int, sentences: Tensor, scale: float, log_variance: float
) -> None:
    """The same for any layer whose outputs begin with so many means, then as many log sigma^2.

    `scale` and `log_variance`: of the layer's outputs, for the sake of what follows it: a gate of
    0 halves them.
    """
    means = scale * _principal(sentences, conditions)  # (condition, D)
    layer.weight.zero_()
    layer.bias.zero_()
    layer.weight[:conditions] = means
    layer.bias[:conditions] = -means @ sentences.mean(0)
    layer.bias[conditions : 2 * conditions] = log_variance


@torch.no_grad()
def begin_told_apart(layer: nn.Linear, sentences: Tensor) -> None:
    """The same for a layer that maps sentences (N, D) to features: each of unit variance.

    Features beyond the D components stay at 0 (reconstructed).
    """
    weight = _principal(sentences, min(layer.weight.shape))
    layer.weight.zero_()
    layer.bias.zero_()
    layer.weight[: len(weight)] = weight
    layer.bias[: len(weight)] = -weight @ sentences.mean(0)


def _principal(sentences: Tensor, count: int) -> Tensor:
    """The last, largest, principal components of sentences (N, D) by unit variance, (count, D)."""
    centred = sentences - sentences.mean(0)
    variances, directions = torch.linalg.eigh(centred.T @ centred / len(sentences))
    scale = variances[-count:].clamp(min=LEAST**2).sqrt()
    return (directions[:, -count:] / scale).T
