"""The bound that DRAW and alignDRAW are trained by, in nats a picture."""

import torch
from torch import Tensor
from torch.nn import functional


def reconstruction_loss(canvas: Tensor, pictures: Tensor) -> Tensor:
    """-log D(x | c_T), a scalar (DRAW, equation 9).

    Of canvases (B, C, H, W) before the sigmoid and pictures in [0, 1]: Bernoulli cross entropies,
    summed over pixels and channels, the mean over the batch.
    """
    losses = functional.binary_cross_entropy_with_logits(canvas, pictures, reduction="none")
    return losses.flatten(1).sum(1).mean()


def latent_loss(posterior: tuple[Tensor, Tensor], prior: tuple[Tensor, Tensor]) -> Tensor:
    """KL(Q || P) of one step's codes, a scalar: summed over (Z,), the mean over the batch.

    Both are means and logarithms of deviations (B, Z). alignDRAW, equation 8; with a standard
    normal prior it is DRAW's equation 11.
    """
    (mean, log_sigma), (prior_mean, prior_log_sigma) = posterior, prior
    apart = (mean - prior_mean).square() + torch.exp(2 * log_sigma)
    ratio = apart / torch.exp(2 * prior_log_sigma)
    return 0.5 * (ratio - 1 - 2 * log_sigma + 2 * prior_log_sigma).sum(1).mean()
