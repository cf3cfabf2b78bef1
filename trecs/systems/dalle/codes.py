"""Where a discrete VAE's codes begin: reconstructed, for a training of minutes.

A VAE that knows no codes yet learns fast. Those that it has then are the centres of what its places
hold, and the encoder's logits are how near they are. From random codes on, 300 steps of 32 photos
used 13 of 512.
"""

import torch
from torch import Tensor

from trecs.systems.dalle.dvae import Convolution, Decoder, Encoder

ROUNDS = 10  # of Lloyd's algorithm
SHARP = 8  # how much nearer than a mean distance counts for e times as likely


@torch.no_grad()
def begin_codes(encoder: Encoder, decoder: Decoder, pictures: Tensor) -> None:
    """Gives codes to networks that have learnt without: decoder(encoder(x)), logits for shares.

    Both convolutions beside the codes are then one linear map of the features f of a place, and
    z = A f + a is what the decoder begins with. Of clusters of z, with centres c_k, code k means
    c_k, and its logit is -|z - c_k|^2 / t but for what all have in common. `pictures`: `mapped`.
    """
    last = encoder.get_submodule("blocks.output.conv")
    first = decoder.get_submodule("blocks.input")
    assert isinstance(last, Convolution)
    assert isinstance(first, Convolution)
    weights = first.w.flatten(1)  # (Z, K)
    matrix, shift = weights @ last.w.flatten(1), weights @ last.b + first.b  # (Z, F), (Z,)
    places = first(encoder(pictures)).permute(0, 2, 3, 1).flatten(0, 2)  # (M, Z)
    centres, distance = clustered(places, len(last.w))
    scale = SHARP / distance
    last.w.copy_((2 * scale * centres @ matrix)[..., None, None])
    last.b.copy_(scale * (2 * centres @ shift - centres.square().sum(1)))
    first.w.copy_((centres - first.b).T[..., None, None])


def clustered(points: Tensor, count: int) -> tuple[Tensor, float]:
    """Centres (K, Z) of points (M, Z) by Lloyd's algorithm, and the mean squared distance to them.

    It begins with points drawn by torch's generator; a centre without points stays.
    """
    chosen = torch.randperm(len(points))[:count].to(points.device)
    centres = points[chosen.repeat(-(-count // len(chosen)))[:count]].clone()
    for _ in range(ROUNDS):
        nearest = torch.cdist(points, centres).argmin(1)
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        sizes = torch.bincount(nearest, minlength=count)[:, None]
        centres = torch.where(sizes > 0, sums / sizes.clamp(min=1), centres)
    return centres, torch.cdist(points, centres).amin(1).square().mean().item()
