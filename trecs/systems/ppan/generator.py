"""PPAN's generator: a path of maps, and over it a pyramid (Gao et al., AAAI 2019).

Reconstructed, for neither code nor sizes are known: the paper has one pyramid generator, whose
levels take coarse features, draw a picture, and give finer features by convolutions. That its path
has residual blocks, and that levels take its maps sideways as feature pyramids do (Lin et al., CVPR
2017, figure 3), is a reading.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.learning.judge import conv3x3
from trecs.systems.parts.conditioning import ConditioningAugmentation, Noised
from trecs.systems.ppan.config import SMALLEST, PpanConfig


class Drawn(NamedTuple):
    """The pictures of all levels, and the distribution of their one condition."""

    pictures: tuple[Tensor, ...]  # (B, 3, S, S) in [-1, 1], the smallest first
    mean: Tensor  # (B, C)
    log_variance: Tensor  # (B, C)


class FirstMap(nn.Module):
    """A condition and noise to the map of 4x4 places."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        units = channels * SMALLEST**2
        self.layers = nn.Sequential(
            nn.Linear(inputs, units, bias=False), nn.BatchNorm1d(units), nn.ReLU()
        )

    def forward(self, told: Tensor) -> Tensor:
        """Maps (B, inputs) to (B, channels, 4, 4)."""
        return self.layers(told).unflatten(1, (-1, SMALLEST, SMALLEST))


class Finer(nn.Module):
    """A map to one of twice the side and half the channels: a convolution and a residual block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="nearest"), *normalised(channels, half), nn.ReLU()
        )
        self.block = nn.Sequential(*normalised(half, half), nn.ReLU(), *normalised(half, half))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, H, W) to (B, C / 2, 2 H, 2 W)."""
        larger: Tensor = self.up(x)
        return larger + self.block(larger)


class Level(nn.Module):
    """A level of the pyramid: what comes of the coarser one, the path's map, and a picture."""

    def __init__(self, channels: int, pyramid: int) -> None:
        super().__init__()
        self.lateral = nn.Conv2d(channels, pyramid, 1)
        self.smooth = nn.Sequential(*normalised(pyramid, pyramid), nn.ReLU())
        self.image = nn.Sequential(nn.Conv2d(pyramid, 3, 3, padding=1), nn.Tanh())

    def forward(self, hidden: Tensor, coarser: Tensor | None) -> tuple[Tensor, Tensor]:
        """The level (B, P, S, S) of the path's map (B, C, S, S), and its picture (B, 3, S, S).

        `coarser` (B, P, S / 2, S / 2): the level before it, unless it is the first.
        """
        level: Tensor = self.lateral(hidden)
        if coarser is not None:
            level = level + functional.interpolate(coarser, scale_factor=2.0, mode="nearest")
        level = self.smooth(level)
        return level, self.image(level)


class Generator(Noised):
    """Noise and a sentence to the pictures of all levels, in one pass."""

    def __init__(self, config: PpanConfig) -> None:
        super().__init__()
        self.config = config
        self.augmentation = ConditioningAugmentation(config.text, config.condition)
        channels = config.width * config.side // SMALLEST
        self.begin = FirstMap(config.condition + config.noise, channels)
        side = SMALLEST
        while side < config.side:
            self.add_module(f"finer{side * 2}", Finer(channels))
            side, channels = side * 2, channels // 2
            if side in config.sides:
                self.add_module(f"level{side}", Level(channels, config.pyramid))

    def forward(self, noise: Tensor, sentence: Tensor, variation: Tensor) -> Drawn:
        """Draws with noise (B, Z), sentences (B, D) and variations (B, C) of the conditions."""
        mean, log_variance = self.augmentation(sentence)
        condition = mean + (log_variance / 2).exp() * variation
        hidden = self.begin(torch.cat([condition, noise], 1))
        pictures, level, side = [], None, SMALLEST
        while side < self.config.side:
            side *= 2
            hidden = self.get_submodule(f"finer{side}")(hidden)  # (B, channels, side, side)
            if side in self.config.sides:
                level, picture = self.get_submodule(f"level{side}")(hidden, level)
                pictures.append(picture)
        return Drawn(tuple(pictures), mean, log_variance)


def normalised(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    """A convolution and batch norm."""
    return conv3x3(inputs, outputs), nn.BatchNorm2d(outputs)
