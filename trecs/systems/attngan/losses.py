"""The loss of AttnGAN's generator, a pure function; those of others are among the parts.

The equation is that of Xu et al.; where the paper and the authors' code differ, the code holds,
for the published numbers come from it, and the docstring says so.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from trecs.learning.judge import Verdict, adversarial_loss

LAMBDA = 50.0  # COCO's; 5 for birds


def generator_loss(
    verdicts: Sequence[Verdict],
    matching: Sequence[Tensor],
    divergence: Tensor,
    *,
    weight: float = LAMBDA,
) -> Tensor:
    """L = L_G + lambda L_DAMSM (equation 3), a scalar.

    `verdicts`: of each stage's generated pictures; `matching`: the word and sentence losses of the
    last stage's; `divergence`: that of `kl_loss`, which the paper does not write down.
    """
    return adversarial_loss(verdicts) + weight * torch.stack(list(matching)).sum() + divergence
