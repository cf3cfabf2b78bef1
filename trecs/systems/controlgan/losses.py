"""ControlGAN's losses (Li et al., NeurIPS 2019, section 3.5), as pure functions.

That of its judges of pictures is `trecs.learning.judge.discriminator_loss`: AttnGAN's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from trecs.learning.judge import Verdict, adversarial_loss
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss


def correlation_loss(own: Tensor, others: Tensor) -> Tensor:
    """What the word-level judge loses for photos' logits (B,) beside their captions and others'.

    The half is the authors' code's; a scalar.
    """
    return (believed_loss(own) + doubted_loss(others)) / 2


def perceptual_loss(seen: Sequence[Tensor], aims: Sequence[Tensor]) -> Tensor:
    """How far features (B, C, h, w) of drawn pictures are from those of photos, a scalar.

    The mean over stages of mean squared differences (section 3.4).
    """
    return torch.stack([
        functional.mse_loss(one.float(), aim.float()) for one, aim in zip(seen, aims, strict=True)
    ]).mean()  # fmt: skip


def generator_loss(
    verdicts: Sequence[Verdict],
    matching: Sequence[Tensor],
    unlike: Tensor,
    correlated: Tensor,
    mean: Tensor,
    log_variance: Tensor,
    *,
    matching_weight: float = 5.0,
    perceptual_weight: float = 1.0,
    correlation_weight: float = 1.0,
) -> Tensor:
    """L_G: what the judges of all stages, the DAMSM, the photos and the word-level judge say.

    `verdicts`: of each stage's pictures, summed without the paper's halves. `matching`: the word
    and sentence losses of the last stage's, by 5 for birds and 50 for COCO. `unlike`: their
    `perceptual_loss`. `correlated` (B,): the word-level judge's logits, whose term the authors'
    code lacks. `mean`, `log_variance` (B, C): of the conditions, see `kl_loss`, which the paper
    does not write down. A scalar.
    """
    return (
        adversarial_loss(verdicts)
        + matching_weight * torch.stack(list(matching)).sum()
        + perceptual_weight * unlike
        + correlation_weight * believed_loss(correlated)
        + kl_loss(mean, log_variance)
    )
