"""The losses of StackGAN-v2 (Zhang et al., TPAMI 2018, equations 6 to 10), as pure functions.

What is summed, and that a wrong picture is a real one where it is judged by itself, is the authors'
PyTorch code's; the paper halves both sums.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

from trecs.learning.judge import Verdict, adversarial_loss
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss

MEANS, COVARIANCES = 50.0, 250.0  # weights of the colours' consistency: alpha, and five times that


def judge_loss(real: Verdict, wrong: Verdict, fake: Verdict) -> Tensor:
    """L_D of one stage, a scalar: photos, other ones beside the same texts, and what is drawn."""
    given = believed_loss(real.conditional) + doubted_loss(wrong.conditional)
    alone = believed_loss(real.unconditional) + believed_loss(wrong.unconditional)
    return given + alone + doubted_loss(fake.conditional) + doubted_loss(fake.unconditional)


def generator_loss(
    fake: Sequence[Verdict], mean: Tensor, log_variance: Tensor, *, weight: float = 2.0
) -> Tensor:
    """L_G of all stages, a scalar: what judges say, and `weight` times the divergence.

    `mean` and `log_variance` (B, C): of the conditions, see `kl_loss`.
    """
    return adversarial_loss(fake) + weight * kl_loss(mean, log_variance)


def colour_loss(pictures: Sequence[Tensor]) -> Tensor:
    """L_C, a scalar: how far colours of neighbouring stages' pictures (B, 3, S, S) are apart.

    Equation 10, with the mean in place of the sum over the numbers of a mean or covariance; the
    smaller picture is taken as it is. The authors use it where nothing is told.
    """
    terms = []
    for smaller, larger in pairwise(pictures):
        aim, covariance = colours(smaller.detach())
        found = colours(larger)
        terms += [MEANS * functional.mse_loss(found[0], aim),
                  COVARIANCES * functional.mse_loss(found[1], covariance)]  # fmt: skip
    return torch.stack(terms).sum()


def colours(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Means (B, 3) and covariances (B, 3, 3) of the pixels of pictures (B, 3, S, S); equation 9."""
    pixels = pictures.flatten(2)  # (B, 3, N)
    mean = pixels.mean(2)
    centred = pixels - mean[..., None]
    return mean, centred @ centred.transpose(1, 2) / pixels.shape[2]
