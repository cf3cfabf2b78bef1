"""The losses of StackGAN (Zhang et al., ICCV 2017, equations 3 to 6), as pure functions.

The means of what is kept and of what is rejected are the authors' PyTorch code's: a stage's judge
says one or two things of a picture, the second judges it by itself, too.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss


def judge_loss(real: Sequence[Tensor], wrong: Tensor, fake: Sequence[Tensor]) -> Tensor:
    """L_D, a scalar, of logits (B,) of photos and drawn pictures, and of wrong pairs (B - 1,)."""
    kept = torch.stack([believed_loss(logits) for logits in real])
    rejected = torch.stack([doubted_loss(logits) for logits in (*fake, wrong)])
    return kept.mean() + rejected.mean()


def generator_loss(
    fake: Sequence[Tensor], mean: Tensor, log_variance: Tensor, *, weight: float = 2.0
) -> Tensor:
    """L_G, a scalar: logits (B,) of drawn pictures, and `weight` (lambda) times the divergence.

    `mean` and `log_variance` (B, C): of the conditions, see `kl_loss`.
    """
    believed = torch.stack([believed_loss(logits) for logits in fake]).sum()
    return believed + weight * kl_loss(mean, log_variance)
