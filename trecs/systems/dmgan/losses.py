"""The loss of DM-GAN's generator (Zhu et al., CVPR 2019, equations 10 to 12), a pure function.

That of its judges is `trecs.learning.judge.discriminator_loss`: the authors' code has AttnGAN's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from trecs.learning.judge import Verdict, adversarial_loss
from trecs.systems.parts.conditioning import kl_loss


def generator_loss(
    verdicts: Sequence[Verdict],
    matching: Sequence[Tensor],
    mean: Tensor,
    log_variance: Tensor,
    *,
    matching_weight: float = 5.0,
    divergence_weight: float = 1.0,
) -> Tensor:
    """L = sum of L_G over stages + lambda_1 L_CA + lambda_2 L_DAMSM, a scalar.

    `verdicts`: of each stage's drawn pictures. `matching`: the word and sentence losses of the last
    stage's, lambda_2 is 5 for birds and 50 for COCO. `mean`, `log_variance` (B, C): of the
    conditions, see `kl_loss`.
    """
    matched = matching_weight * torch.stack(list(matching)).sum()
    return adversarial_loss(verdicts) + divergence_weight * kl_loss(mean, log_variance) + matched
