"""The loss that keeps pictures of different noise apart (Mao et al., MSGAN, CVPR 2019)."""

from torch import Tensor

LEAST = 1e-5  # keeps equal pictures from losing without end, as in the authors' code


def mode_seeking_loss(first: Tensor, second: Tensor, noise: Tensor, other: Tensor) -> Tensor:
    """How alike pictures (B, 3, S, S) are for how far apart their noises (B, Z) are, a scalar.

    Equation 3's ratio of mean absolute distances, whose reciprocal is lost as in the authors' code.
    """
    apart = (first - second).abs().mean() / (noise - other).abs().mean()
    return 1 / (apart + LEAST)
