"""The noise that pictures begin as: one seed's, or in some regions another's."""

from collections.abc import Mapping

import torch
from torch import Tensor

from trecs.synthesis.painter.told import SIDE


def noise_of(seed: int, batch: int, channels: int) -> Tensor:
    """Normal noise (batch, channels, 32, 32) of a seed."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, channels, SIDE, SIDE, generator=generator)


def region_noise(
    regions: Tensor, seed: int, region_seeds: Mapping[int, int], channels: int
) -> Tensor:
    """Normal noise (1, channels, 32, 32) of a picture's seed, in some regions of another.

    `regions` (128, 128), numbers; `region_seeds` gives some of them seeds of their own, so that
    another cow stands on the same meadow. A cell belongs to the region of its middle. Every mixture
    of seeds is noise such as the training's, so a flow needs to learn nothing for it.
    """
    noise = noise_of(seed, 1, channels)
    step = len(regions) // SIDE
    cells = regions[step // 2 :: step, step // 2 :: step]  # (32, 32)
    for region, other in sorted(region_seeds.items()):
        noise = torch.where(cells == region, noise_of(other, 1, channels), noise)
    return noise
