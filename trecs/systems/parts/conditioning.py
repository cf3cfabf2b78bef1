"""Conditioning augmentation: a sentence to a distribution of conditions, and what holds it wide.

Zhang et al., StackGAN (ICCV 2017), section 3.2; as AttnGAN's code has it, with a gate.
"""

from torch import Tensor, nn

from trecs.systems.parts.layers import GatedLinear


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
