"""The losses of TAC-GAN (Dash et al., 2017), as pure functions."""

from torch import Tensor

from trecs.systems.parts.classes import class_loss
from trecs.systems.parts.matching_aware import believed_loss, matching_aware_loss

Verdict = tuple[Tensor, Tensor]
"""Logits (B,) that pictures are real and of their sentence, and class logits (B, C)."""


def judge_loss(
    real: Verdict, wrong: Verdict, fake: Verdict, classes: Tensor, wrong_classes: Tensor
) -> Tensor:
    """L_D: real and drawn pictures are of `classes`, wrong ones of `wrong_classes`. A scalar.

    Each (B,) int64; nothing is halved.
    """
    source = matching_aware_loss(real[0], wrong[0], fake[0], weight=1)
    named = class_loss(real[1], classes) + class_loss(fake[1], classes)
    return source + named + class_loss(wrong[1], wrong_classes)


def generator_loss(fake: Verdict, classes: Tensor) -> Tensor:
    """L_G of pictures drawn beside sentences of photos of `classes` (B,). A scalar."""
    return believed_loss(fake[0]) + class_loss(fake[1], classes)
