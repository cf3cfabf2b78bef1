"""The losses of SD-GAN (Yin et al., CVPR 2019, section 3.2), as pure functions.

That of its judges is `trecs.learning.judge.discriminator_loss`, AttnGAN's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from trecs.learning.judge import Verdict, adversarial_loss
from trecs.systems.parts.conditioning import kl_loss

MARGIN = 1.0  # epsilon: pictures of different photos' texts are to be so far apart
ALPHA = 0.1  # pictures of one photo's texts need not be nearer, or all would become one


def branches(code: Tensor) -> tuple[Tensor, Tensor]:
    """What the contrastive loss compares: features (B, N) of each branch.

    `code` (2 B, N, h, w): a judge's of the pictures of both. Reconstructed: features are the mean
    over places, of unit length, so that distances are 0 to 2 and the paper's margins mean something
    whatever a judge's scale is.
    """
    first, second = functional.normalize(code.float().mean((2, 3)), dim=1).chunk(2)
    return first, second


def contrastive_loss(
    first: Tensor, second: Tensor, same: Tensor, *, margin: float = MARGIN, alpha: float = ALPHA
) -> Tensor:
    """L_c (B,) of pairs of features (B, N) whose distance is d.

    1 / (2 N) max(d, alpha)^2 where the texts are the `same` photo's ((B,) bool), and else
    1 / (2 N) max(margin - d, 0)^2. An `alpha` of 0 is the plain form.
    """
    distance = torch.linalg.vector_norm(first - second, dim=1)
    near, far = distance.clamp(min=alpha), (margin - distance).clamp(min=0)
    return torch.where(same, near, far).square() / (2 * first.shape[1])


def generator_loss(
    verdicts: Sequence[Verdict],
    contrast: Tensor,
    mean: Tensor,
    log_variance: Tensor,
    *,
    contrast_weight: float,
) -> Tensor:
    """L_G, a scalar: adversarial losses of all stages, divergence and contrast.

    `verdicts`: of each stage's pictures of both branches. `contrast`: a scalar. `mean`,
    `log_variance` (B, C): of the conditions, see `kl_loss`.
    """
    divergence = kl_loss(mean, log_variance)
    return adversarial_loss(verdicts) + divergence + contrast_weight * contrast
