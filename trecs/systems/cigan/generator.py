"""The generator: noise z to a code w, and a code to a picture (Karras et al., CVPR 2020)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.cigan.config import SMALLEST, CiGanConfig
from trecs.systems.cigan.style import EPSILON, GAIN, SLOPE, EqualLinear, StyledLayer, ToRgb

SLOWER = 0.01  # the mapping's learning rate beside that of other layers

Noise = Sequence[Tensor]
"""Noise (B, 1, S, S) of every styled layer."""


class Mapping(nn.Module):
    """Standard normal z to codes w."""

    def __init__(self, config: CiGanConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            EqualLinear(config.code, config.code, rate=SLOWER) for _ in range(config.mapping)
        )

    def forward(self, z: Tensor) -> Tensor:
        """Codes (B, W) of noise (B, W), whose length does not count."""
        x = z * (z.square().mean(1, keepdim=True) + EPSILON).rsqrt()
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), SLOPE) * GAIN
        return x


class Generator(nn.Module):
    """G: codes to pictures. Each side adds to the enlarged picture of the one before (skips)."""

    def __init__(self, config: CiGanConfig) -> None:
        super().__init__()
        self.config, code = config, config.code
        self.mapping = Mapping(config)
        first, *rest = config.widths
        self.constant = nn.Parameter(torch.randn(1, first, SMALLEST, SMALLEST))
        self.layers = nn.ModuleList([StyledLayer(first, first, code)])
        self.pictures = nn.ModuleList([ToRgb(first, code)])
        for width in rest:
            self.layers.append(StyledLayer(first, width, code, doubles=True))
            self.layers.append(StyledLayer(width, width, code))
            self.pictures.append(ToRgb(width, code))
            first = width

    def forward(self, z: Tensor, noise: Noise) -> Tensor:
        """Pictures (B, 3, S, S), about in [-1, 1], of z (B, W) and what `draw_noise` gives."""
        return self.draw(self.mapping(z), noise)

    def draw(self, code: Tensor, noise: Noise) -> Tensor:
        """The same of codes w (B, W)."""
        x = self.layers[0](self.constant.expand(len(code), -1, -1, -1), code, noise[0])
        picture: Tensor = self.pictures[0](x, code, None)
        for number, to_rgb in enumerate(self.pictures[1:]):
            for layer in (2 * number + 1, 2 * number + 2):
                x = self.layers[layer](x, code, noise[layer])
            picture = to_rgb(x, code, picture)
        return picture

    def draw_noise(self, batch: int, generator: torch.Generator | None = None) -> list[Tensor]:
        """Standard normal noise of every layer, on the CPU."""
        sides = [SMALLEST << (number + 1) // 2 for number in range(len(self.layers))]
        return [torch.randn(batch, 1, side, side, generator=generator) for side in sides]
