"""The segmentation discriminator of OASIS (Schönfeld et al., ICLR 2021).

A U-Net names the label of every pixel of a real picture and 'generated' for every pixel of a
generated one. It needs no features of a pretrained network, but can read them where they are at
hand, which teaches it in fewer steps (as in Projected GANs, Sauer et al., NeurIPS 2021).
Reconstructed: the first convolution halves the picture and the verdict stays at that resolution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from trecs.synthesis.condition import CLASSES


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Channels of the U-Net's levels, from half the picture's resolution downwards.

    `trunk`: channels of a pretrained network's features at the same levels, or none.
    """

    widths: tuple[int, ...] = (32, 64, 128, 192)
    trunk: tuple[int, ...] = ()

    @staticmethod
    def tiny() -> "DiscriminatorConfig":
        """Small enough for tests."""
        return DiscriminatorConfig((4, 8, 8))


class DiscriminatorBlock(nn.Module):
    """Two spectrally normalised convolutions around a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv_0 = spectral_norm(nn.Conv2d(inputs, outputs, 3, padding=1))
        self.conv_1 = spectral_norm(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.shortcut = spectral_norm(nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) to (B, outputs, H, W)."""
        hidden = self.conv_0(functional.leaky_relu(x, 0.2))
        return self.shortcut(x) + self.conv_1(functional.leaky_relu(hidden, 0.2))


class SegmentationDiscriminator(nn.Module):
    """Classifies each pixel as one of 183 labels (182: unlabeled, unused) or as generated (183)."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        widths = config.widths
        self.stem = spectral_norm(nn.Conv2d(3, widths[0], 4, stride=2, padding=1))
        self.read = nn.ModuleList(
            spectral_norm(nn.Conv2d(inputs, outputs, 1))
            for inputs, outputs in zip(config.trunk, widths, strict=False)
        )
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        for upper, lower in pairwise(widths):
            self.down.append(DiscriminatorBlock(upper, lower))
            self.up.insert(0, DiscriminatorBlock(lower + upper, upper))
        self.verdict = nn.Conv2d(widths[0], CLASSES + 1, 1)

    def forward(self, picture: Tensor, features: Sequence[Tensor] = ()) -> Tensor:
        """Scores a picture (B, 3, H, W) in [-1, 1]: logits (B, 184, H/2, W/2).

        `features`: the trunk's, (B, trunk[i], H/2^(i+1), W/2^(i+1)); none without a trunk.
        """
        seen = [read(feature) for read, feature in zip(self.read, features, strict=False)]
        x = self.stem(picture)
        skips = []
        for level, block in enumerate(self.down):
            x = x + seen[level] if seen else x
            skips.append(x)
            x = functional.avg_pool2d(block(x), 2)
        x = x + seen[-1] if len(seen) > len(self.down) else x
        for block in self.up:
            x = functional.interpolate(x, scale_factor=2)
            x = block(torch.cat([x, skips.pop()], 1))
        return self.verdict(functional.leaky_relu(x, 0.2))
