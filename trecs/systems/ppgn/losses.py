"""What PPGN's generator loses for a picture of a code, as pure functions.

Dosovitskiy and Brox, NIPS 2016, equations 1 to 5, and Nguyen et al., CVPR 2017, section 3.4: the
photo's pixels, what E sees of it, and its code, beside what a judge says.
"""

from torch import Tensor


def weighted(differences: Tensor, weights: Tensor) -> Tensor:
    """The mean over a batch of differences (B, ...), each of its weight (B,), a scalar."""
    return (differences.flatten(1).mean(1) * weights).mean()


def image_loss(drawn: Tensor, photos: Tensor, weights: Tensor) -> Tensor:
    """How far pictures (B, 3, S, S) are from photos: absolute values, for squares blur more."""
    return weighted((drawn - photos).abs(), weights)


def feature_loss(drawn: Tensor, real: Tensor, weights: Tensor) -> Tensor:
    """Squared distances of maps or codes (B, ...): L_feat, and E(G(h)) from h."""
    return weighted((drawn - real).square(), weights)


def noised(code: Tensor, noise: Tensor, level: Tensor) -> Tensor:
    """Codes (B, K, H, W) with noise of a level (B,), h + level n, as in the noisy variant.

    Of the same variance, sqrt(1 - level^2) h + level n, they let chains, whose noise is added,
    blow up: the prior took a code that was too wide for one of more contrast.
    """
    return code + level.view(-1, 1, 1, 1) * noise
