"""The losses of PPAN (Gao et al., AAAI 2019), as pure functions: L3 and L4.

L1, of matching pairs, and L2, of patches, are `pair_loss` and `local_loss` of
`parts/least_squares.py`. Reconstructed: L1 and L2 are least squares, as HDGAN's, and L1 to L3 have
the weight 1.
"""

from typing import NamedTuple

from torch import Tensor
from torch.nn import functional

from trecs.systems.parts.classes import class_loss


class Named(NamedTuple):
    """The last judge's class logits (B, C) of real pictures, wrong ones and drawn ones."""

    real: Tensor
    wrong: Tensor
    fake: Tensor


def naming_loss(named: Named, classes: Tensor, wrong_classes: Tensor) -> Tensor:
    """L3 of the judge, as TAC-GAN's: all three are named. A scalar.

    `classes` (B,) int64: those of real pictures and of what is drawn; `wrong_classes`: of wrong
    ones.
    """
    right = class_loss(named.real, classes) + class_loss(named.fake, classes)
    return right + class_loss(named.wrong, wrong_classes)


def perceptual_loss(drawn: Tensor, photos: Tensor) -> Tensor:
    """L4: how far maps (B, C, H, W) of drawn pictures are from those of their photos. A scalar.

    Johnson et al. (ECCV 2016), equation 2: the squared distance over C H W, a mean over B.
    """
    return functional.mse_loss(drawn.float(), photos.float())
