"""The losses of FusedGAN (Bodla et al., ECCV 2018), as pure functions.

Either branch has the ordinary game of two: its judge is not matching-aware.
"""

from torch import Tensor

from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss


def judge_loss(real: Tensor, fake: Tensor) -> Tensor:
    """L_D of a branch, a scalar, of logits (B,) of photos and of drawn pictures."""
    return believed_loss(real) + doubted_loss(fake)


def conditional_loss(
    fake: Tensor, mean: Tensor, log_variance: Tensor, *, weight: float = 1.0
) -> Tensor:
    """L_G of the conditional branch, a scalar; that of the other is `believed_loss` alone.

    `fake`: logits (B,) of drawn pictures. `mean`, `log_variance` (B, C): of the conditions, whose
    divergence has the `weight`, see `kl_loss`.
    """
    return believed_loss(fake) + weight * kl_loss(mean, log_variance)
