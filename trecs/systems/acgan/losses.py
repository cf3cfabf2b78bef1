"""The losses of AC-GAN (Odena et al., ICML 2017, equations 2 and 3), as pure functions.

The known re-implementation puts the negative probability of the class in place of its negative
logarithm; the paper's log-likelihood holds here.
"""

from torch import Tensor
from torch.nn import functional

from trecs.systems.parts.matching_aware import believed_loss, doubted_loss

Verdict = tuple[Tensor, Tensor]
"""Logits (B,) that pictures are real, and class logits (B, C)."""


def judge_loss(real: Verdict, fake: Verdict, classes: Tensor, drawn: Tensor) -> Tensor:
    """-(L_S + L_C) of photos of `classes` (B,) and pictures drawn as `drawn` (B,). A scalar."""
    source = believed_loss(real[0]) + doubted_loss(fake[0])
    return source + class_loss(real[1], classes) + class_loss(fake[1], drawn)


def generator_loss(fake: Verdict, drawn: Tensor, *, weight: float = 1.0) -> Tensor:
    """L_S - L_C, its first part as -log D, of pictures drawn as `drawn` (B,). A scalar.

    `weight`: of L_C, the paper's 1.
    """
    return believed_loss(fake[0]) + weight * class_loss(fake[1], drawn)


def class_loss(logits: Tensor, classes: Tensor) -> Tensor:
    """-log P(C = c | X) of class logits (B, C) and classes (B,) int64. A scalar."""
    return functional.cross_entropy(logits.float(), classes)
