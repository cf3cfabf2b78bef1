"""Conditioning augmentation: a sentence to a distribution of conditions, and what holds it wide.

Zhang et al., StackGAN (ICCV 2017), section 3.2; as AttnGAN's code has it, with a gate.
"""

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
    centred = sentences - sentences.mean(0)
    variances, directions = torch.linalg.eigh(centred.T @ centred / len(sentences))
    conditions = augmentation.fc.out_features // 4
    scale = variances[-conditions:].clamp(min=LEAST**2).sqrt()
    means = (directions[:, -conditions:] / scale).T  # (condition, D)
    weight, bias = augmentation.fc.weight, augmentation.fc.bias
    weight.zero_()
    bias.zero_()
    weight[:conditions] = 2 * means  # a gate of 0 halves them
    bias[:conditions] = -2 * means @ sentences.mean(0)
    bias[conditions : 2 * conditions] = -4
