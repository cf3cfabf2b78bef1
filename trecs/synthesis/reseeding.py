"""Regions drawn by seeds of their own: another cow on the same meadow.

Reconstructed, not from the paper. Where a region is, the picture's noise gives way to that of the
region's seed; elsewhere it stays. The flow that draws the thumbnail looks everywhere, so that other
noise in one place changes all of it: what it draws is kept within the region alone, and the rest of
the thumbnail is that of the picture's seed (as inpainting by diffusion keeps what is known; Lugmayr
et al., "RePaint", CVPR 2022, there at every step). What the generator's convolutions carry beyond a
region's border remains.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from segmentation.told_seeds import ToldSeeds
from trecs.synthesis.painter.told import SIDE
from trecs.synthesis.spade import Noise

GROWN = 3  # cells around each that a region's thumbnail reaches into, an odd number


class Reseeding:
    """The noise of a picture of which some regions have seeds of their own.

    `noise`: the picture's, with the texture of each region's seed where that region is. `own`: by
    how much each cell of the thumbnail is drawn by each region's seed, (R, 1, 32, 32) from 0 to 1.
    `thumbnails`: (1 + R, 3, 32, 32), the noise of the picture's thumbnail, and the same for each
    region alone.
    """

    def __init__(self, noise: Noise, seeds: ToldSeeds, draw: Callable[[int], Noise]) -> None:
        """`draw` gives the noise of a seed, of the size of the picture's; `seeds` has its size."""
        texture, small, shares = noise.texture.clone(), [noise.thumbnail], []
        numbers = torch.from_numpy(seeds.numbers)
        for number, seed in enumerate(seeds.seeds):
            inside = (numbers == number)[None, None]  # (1, 1, H, W)
            other = draw(seed)
            texture = torch.where(inside, other.texture, texture)
            share = functional.adaptive_avg_pool2d(inside.float(), SIDE)
            shares.append(share)
            small.append(blended(noise.thumbnail, other.thumbnail, share))
        self.noise = noise._replace(texture=texture)
        self.thumbnails = torch.cat(small)
        self.own = functional.max_pool2d(torch.cat(shares), GROWN, 1, GROWN // 2)

    def composed(self, drawn: Tensor) -> Tensor:
        """One thumbnail (1, 3, 32, 32) of those (1 + R, 3, 32, 32) that `thumbnails` led to."""
        whole = drawn[:1]
        for own, region in zip(self.own.to(drawn.device), drawn[1:], strict=True):
            whole = own * region + (1 - own) * whole
        return whole


def blended(noise: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """Noise of which a share (1, 1, h, w) is another's; its variance stays 1."""
    mixed: Tensor = share * other + (1 - share) * noise
    return mixed * torch.rsqrt(share.square() + (1 - share).square())
