"""The trunk of generators that draw in stages: a first map, and what makes larger ones of it.

StackGAN-v2 (Zhang et al., TPAMI 2018, figure 3) and AttnGAN (Xu et al., CVPR 2018, figure 2), whose
authors' names of the parameters these are.
"""

import torch
from torch import Tensor, nn

from trecs.learning.judge import conv3x3
from trecs.systems.parts.layers import GatedLinear

SMALLEST = 4  # places a side of the first map


class FirstStage(nn.Module):
    """F_0: condition and noise to a hidden map (INIT_STAGE_G).

    `width`: its channels; each of its `doublings` halves those of the one before.
    """

    def __init__(self, inputs: int, width: int, doublings: int = 4) -> None:
        super().__init__()
        self.channels, self._doublings = width << doublings, doublings
        units = self.channels * SMALLEST**2 * 2
        self.fc = nn.Sequential(
            nn.Linear(inputs, units, bias=False), nn.BatchNorm1d(units), GatedLinear()
        )
        for number in range(1, doublings + 1):
            channels = width << doublings - number
            self.add_module(f"upsample{number}", doubling(channels * 2, channels))

    def forward(self, condition: Tensor, noise: Tensor) -> Tensor:
        """The hidden map (B, width, S, S), S twice the smallest side for each doubling."""
        x = self.fc(torch.cat([condition, noise], 1)).unflatten(1, (-1, SMALLEST, SMALLEST))
        for number in range(1, self._doublings + 1):
            x = self.get_submodule(f"upsample{number}")(x)
        return x


class ResidualBlock(nn.Module):
    """Two normalised convolutions, the first gated, around a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            conv3x3(channels, channels * 2),
            nn.BatchNorm2d(channels * 2),
            GatedLinear(),
            conv3x3(channels, channels),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keeps the shape (B, channels, H, W)."""
        changed: Tensor = self.block(x)
        return x + changed


class ToImage(nn.Module):
    """G_i: a hidden map to a picture (GET_IMAGE_G)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.img = nn.Sequential(conv3x3(width, 3), nn.Tanh())

    def forward(self, hidden: Tensor) -> Tensor:
        """Maps (B, width, S, S) to (B, 3, S, S) in [-1, 1]."""
        image: Tensor = self.img(hidden)
        return image


def doubling(inputs: int, outputs: int) -> nn.Sequential:
    """Twice the side by nearest neighbour (upBlock)."""
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), *gated(inputs, outputs))


def gated(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    """A normalised convolution whose half of channels gates the other (Block3x3_relu)."""
    return conv3x3(inputs, outputs * 2), nn.BatchNorm2d(outputs * 2), GatedLinear()
