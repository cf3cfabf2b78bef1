"""HDGAN's generator: one path of maps, pictures of several (Zhang et al., CVPR 2018, section 3.1).

Layers and parameter names are those of the authors' PyTorch code.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.hdgan.config import SMALLEST, HdGanConfig
from trecs.systems.parts.conditioning import Noised

SLOPE = 0.2  # of the leaky ReLU of conditions


class Drawn(NamedTuple):
    """The pictures of all sides, and the distribution of their one condition."""

    pictures: tuple[Tensor, ...]  # (B, 3, S, S) in [-1, 1], the smallest first
    mean: Tensor  # (B, C)
    log_deviation: Tensor  # (B, C)


class Augmentation(nn.Module):
    """A sentence to a normal distribution of conditions (condEmbedding)."""

    def __init__(self, config: HdGanConfig) -> None:
        super().__init__()
        self.linear = nn.Linear(config.text, config.condition * 2)
        self._leaky = nn.LeakyReLU(SLOPE)

    def forward(self, sentence: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log sigma (B, C) of sentences (B, D)."""
        mean, log_deviation = self._leaky(self.linear(sentence)).chunk(2, 1)
        return mean, log_deviation


class FirstMap(nn.Module):
    """A condition and noise to the map of 4x4 places (Sent2FeatMap)."""

    def __init__(self, config: HdGanConfig) -> None:
        super().__init__()
        units = config.channels(SMALLEST) * SMALLEST**2
        inputs = config.condition + config.noise
        self.out = nn.Sequential(nn.Linear(inputs, units), nn.BatchNorm1d(units))

    def forward(self, told: Tensor) -> Tensor:
        """Maps (B, C + Z) to (B, channels, 4, 4)."""
        return self.out(told).unflatten(1, (-1, SMALLEST, SMALLEST))


class ResidualBlock(nn.Module):
    """x + two convolutions, the first rectified (ResnetBlock)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.res_block = nn.Sequential(
            normalised(channels, channels).append(nn.ReLU()), normalised(channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keeps the shape (B, channels, H, W)."""
        changed: Tensor = self.res_block(x)
        return x + changed


class Generator(Noised):
    """Noise and a sentence to pictures of all sides, X_1 to X_s = G(t, z) (equation 1)."""

    def __init__(self, config: HdGanConfig) -> None:
        super().__init__()
        self.config = config
        self.condEmbedding = Augmentation(config)
        self.vec_to_tensor = FirstMap(config)
        channels, side = config.channels(SMALLEST), SMALLEST
        self.scale_4 = nn.Sequential(*(ResidualBlock(channels) for _ in range(config.blocks)))
        while side < config.side:
            side *= 2
            layers: list[nn.Module] = [nn.Upsample(scale_factor=2, mode="nearest")]
            if config.channels(side) != channels:
                layers.append(normalised(channels, config.channels(side)).append(nn.ReLU()))
                channels = config.channels(side)
            layers += (ResidualBlock(channels) for _ in range(config.blocks))
            self.add_module(f"scale_{side}", nn.Sequential(*layers))
            if side in config.sides:
                shown = nn.Sequential(*padded(channels, 3), nn.Tanh())
                self.add_module(f"tensor_to_img_{side}", shown)

    def forward(self, noise: Tensor, sentence: Tensor, variation: Tensor) -> Drawn:
        """Draws with noise (B, Z), sentences (B, D) and variations (B, C) of the conditions."""
        mean, log_deviation = self.condEmbedding(sentence)
        condition = mean + log_deviation.exp() * variation
        hidden = self.scale_4(self.vec_to_tensor(torch.cat([condition, noise], 1)))
        pictures, side = [], SMALLEST
        while side < self.config.side:
            side *= 2
            hidden = self.get_submodule(f"scale_{side}")(hidden)  # (B, channels, side, side)
            if side in self.config.sides:
                pictures.append(self.get_submodule(f"tensor_to_img_{side}")(hidden))
        return Drawn(tuple(pictures), mean, log_deviation)


def padded(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    """A convolution over what is mirrored at the borders."""
    return nn.ReflectionPad2d(1), nn.Conv2d(inputs, outputs, 3, bias=False)


def normalised(inputs: int, outputs: int) -> nn.Sequential:
    """The same, with batch norm (pad_conv_norm)."""
    return nn.Sequential(*padded(inputs, outputs), nn.BatchNorm2d(outputs))
