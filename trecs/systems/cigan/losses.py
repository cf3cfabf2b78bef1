"""The losses of CI-GAN (Wang et al., ACM MM 2021), as pure functions.

The authors published no code; equations are as secondary sources report them.
"""

import torch
from torch import Tensor
from torch.nn import functional


def squared_distances(codes: Tensor, texts: Tensor) -> Tensor:
    """||w_i - t_j||^2 (B, B) of pictures' codes (B, W) and of texts' (B, W)."""
    return (codes[:, None] - texts[None]).square().sum(2)


def alignment_loss(distances: Tensor) -> Tensor:
    """The mean of -log( exp(-d(t_i, w_i)) / sum_j exp(-d(t_j, w_i)) ), a scalar (InfoNCE).

    `distances` (B, B): of picture i's code from text j's. All texts of the batch are the
    denominator's. (As printed, the fraction has positive exponents and an unpaired text above:
    intended can only be this.)
    """
    own = torch.arange(len(distances), device=distances.device)
    return functional.cross_entropy(-distances, own)


def inversion_terms(
    photos: Tensor, drawn: Tensor, seen: Tensor, seen_drawn: Tensor
) -> tuple[Tensor, Tensor]:
    """L_pix = ||x - x'||^2 and L_vgg = ||F(x) - F(x')||^2, as means over their numbers.

    Of photos and pictures (B, 3, S, S), and of their features (B, C, h, w).
    """
    return functional.mse_loss(drawn, photos), functional.mse_loss(seen_drawn, seen)


def cycle_loss(codes: Tensor, again: Tensor) -> Tensor:
    """How far E(G(w)) (B, W) is from w (B, W), a scalar."""
    return functional.mse_loss(again, codes)


def gradient_penalty(logits: Tensor, pictures: Tensor) -> Tensor:
    """R1: the mean of ||dD/dx||^2 / 2 over a batch, a scalar (Mescheder et al., ICML 2018).

    `logits` (B,) of what is real, `pictures` (B, ...), which had a gradient when they were judged.
    """
    (gradients,) = torch.autograd.grad(logits.sum(), pictures, create_graph=True)
    return gradients.flatten(1).square().sum(1).mean() / 2
