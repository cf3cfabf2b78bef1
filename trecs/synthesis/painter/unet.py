"""The U-Net of both painters: residual blocks that the time and the canvas modulate.

After Ho et al. (NeurIPS 2020) and Dhariwal and Nichol (NeurIPS 2021); that the canvas scales and
shifts every block's features place by place, at each scale, is SPADE's idea (Park et al., CVPR
2019) within a flow (reconstructed).
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Mixing = Literal["3x3", "depthwise"]
FREQUENCIES = 16  # of the sines that tell a number


@dataclass(frozen=True)
class UNetConfig:
    """The numbers of a U-Net.

    `widths`: channels at a side of 32, 16 and 8 cells. `more`: further blocks at each of these
    scales, which begin as the identity. `attention`: whether the places of 16 x 16 look at each
    other, too; those of 8 x 8 always do. `mixing`: "3x3" convolutions, or "depthwise" ones of 5x5
    with one of 1x1 behind. `dropout`: in training.
    """

    widths: tuple[int, ...] = (64, 128, 256)
    more: tuple[int, ...] = (0, 0, 0)
    attention: bool = False
    mixing: Mixing = "3x3"
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for name in ("widths", "more"):  # lists in config.json
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @staticmethod
    def tiny() -> "UNetConfig":
        """Small enough for tests, with all parts."""
        return UNetConfig((8, 8, 16), (0, 1, 0), attention=True)

    def varied(self, **changes: object) -> "UNetConfig":
        """The same with some numbers changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


class UNet(nn.Module):
    """From (B, inputs, h, w), numbers that tell the moment, and a canvas to (B, outputs, h, w).

    `h` and `w` are multiples of 4. `moments`: how many numbers tell the moment.
    """

    def __init__(self, config: UNetConfig, inputs: int, outputs: int, moments: int = 1) -> None:
        super().__init__()
        fine, middle, coarse = config.widths
        told = 4 * fine
        self.time = nn.Sequential(
            nn.Linear(2 * FREQUENCIES * moments, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU()
        )

        def block(inputs: int, outputs: int) -> Block:
            return Block(inputs, outputs, told, fine, config)

        def further(scale: int) -> nn.ModuleList:
            width = config.widths[scale]
            return nn.ModuleList(
                Block(width, width, told, fine, config, identity=True)
                for _ in range(config.more[scale])
            )

        self.read = nn.Conv2d(inputs, fine, 3, padding=1)
        self.down_0 = block(2 * fine, fine)
        self.down_1 = block(fine, middle)
        self.attend_1 = Attention(middle, quiet=True) if config.attention else None
        self.down_2 = block(middle, coarse)
        self.attend = Attention(coarse)
        self.middle = block(coarse, coarse)
        self.more_2 = further(2)
        self.up_1 = block(coarse + middle, middle)
        self.more_1 = further(1)
        self.up_0 = block(middle + fine, fine)
        self.more_0 = further(0)
        self.last = block(2 * fine, fine)
        self.write = nn.Conv2d(fine, outputs, 3, padding=1)

    def forward(self, x: Tensor, moments: Tensor, canvas: Tensor) -> Tensor:
        """`moments` (B, M) in [0, 1]; `canvas` (B, fine, h, w)."""
        told = self.time(_sines(moments))  # (B, 4 * fine)
        half = functional.avg_pool2d(canvas, 2)
        quarter = functional.avg_pool2d(half, 2)
        fine = self.down_0(torch.cat([self.read(x), canvas], 1), told, canvas)  # (B, fine, h, w)
        middle = self.down_1(functional.avg_pool2d(fine, 2), told, half)  # (B, middle, h/2, w/2)
        if self.attend_1 is not None:
            middle = self.attend_1(middle)
        x = self.down_2(functional.avg_pool2d(middle, 2), told, quarter)  # (B, coarse, h/4, w/4)
        x = self.middle(self.attend(x), told, quarter)
        for block in self.more_2:
            x = block(x, told, quarter)
        x = self.up_1(torch.cat([_doubled(x), middle], 1), told, half)
        for block in self.more_1:
            x = block(x, told, half)
        x = self.up_0(torch.cat([_doubled(x), fine], 1), told, canvas)
        for block in self.more_0:
            x = block(x, told, canvas)
        x = self.last(torch.cat([x, canvas], 1), told, canvas)
        written: Tensor = self.write(functional.silu(x))
        return written


class Block(nn.Module):
    """Two convolutions around a shortcut; time and canvas scale and shift in between.

    `identity`: it begins as one, and its shortcut stays one.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        told: int,
        canvas: int,
        config: UNetConfig,
        *,
        identity: bool = False,
    ) -> None:
        super().__init__()
        self.norm_0 = nn.GroupNorm(8, inputs)
        self.conv_0 = _convolution(inputs, outputs, config.mixing)
        self.norm_1 = nn.GroupNorm(8, outputs)
        self.conv_1 = _convolution(outputs, outputs, config.mixing)
        self.dropout = nn.Dropout2d(config.dropout)
        self.modulate = nn.Linear(told, 2 * outputs)
        self.place = nn.Conv2d(canvas, 2 * outputs, 1)
        self.shortcut = nn.Identity() if identity else nn.Conv2d(inputs, outputs, 1)
        last = list(self.conv_1.modules())[-1]
        silence(self.place)
        silence(last, weight_only=not identity)

    def forward(self, x: Tensor, told: Tensor, canvas: Tensor) -> Tensor:
        """`told` (B, T) of the moment, `canvas` (B, C, h, w) at the scale of x (B, ., h, w)."""
        hidden = self.conv_0(functional.silu(self.norm_0(x)))
        scale, shift = (self.modulate(told)[:, :, None, None] + self.place(canvas)).chunk(2, 1)
        hidden = self.norm_1(hidden) * (1 + scale) + shift
        return self.shortcut(x) + self.conv_1(self.dropout(functional.silu(hidden)))


class Attention(nn.Module):
    """Every place looks at every other, so that the light agrees across the picture.

    `quiet`: it says nothing at first.
    """

    def __init__(self, channels: int, heads: int = 4, *, quiet: bool = False) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.attention = nn.MultiheadAttention(channels, heads, batch_first=True)
        if quiet:
            silence(self.attention.out_proj)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, C, h, w) to the same shape."""
        rows = self.norm(x).flatten(2).transpose(1, 2)  # (B, h*w, C)
        seen, _ = self.attention(rows, rows, rows, need_weights=False)
        return x + seen.transpose(1, 2).reshape(x.shape)


def silence(layer: nn.Module, *, weight_only: bool = False) -> None:
    """Sets a layer's numbers to zero, so that it adds nothing at first."""
    for name, parameter in layer.named_parameters():
        if name == "weight" or not weight_only:
            nn.init.zeros_(parameter)


def _convolution(inputs: int, outputs: int, mixing: Mixing) -> nn.Module:
    if mixing == "3x3":
        return nn.Conv2d(inputs, outputs, 3, padding=1)
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 5, padding=2, groups=inputs), nn.Conv2d(inputs, outputs, 1)
    )


def _sines(moments: Tensor) -> Tensor:
    """Sines and cosines of numbers (B, M), (B, 32 M)."""
    turns = torch.pi * torch.arange(1, FREQUENCIES + 1, device=moments.device)
    angles = moments[:, :, None] * turns  # (B, M, 16)
    return torch.cat([angles.sin(), angles.cos()], 2).flatten(1)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2)
