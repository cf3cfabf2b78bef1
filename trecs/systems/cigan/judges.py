"""Who judges: pictures, two of a kind for the generator and for its inverse, and codes (D_w)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.cigan.config import SEEN, SMALLEST, CiGanConfig
from trecs.systems.cigan.style import SLOPE, EqualConv, EqualLinear

LEAST = 1e-8


class HalvingBlock(nn.Module):
    """Two convolutions, the second of half the side, around a shortcut (StyleGAN2's, section 4)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = EqualConv(inputs, inputs, 3)
        self.second = EqualConv(inputs, outputs, 4, stride=2)
        self.shortcut = EqualConv(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) to (B, outputs, H / 2, W / 2)."""
        changed = functional.leaky_relu(self.first(x), SLOPE)
        changed = functional.leaky_relu(self.second(changed), SLOPE) * 2**0.5
        return (changed + self.shortcut(functional.avg_pool2d(x, 2))) / 2**0.5


class PictureJudge(nn.Module):
    """Is a picture real? It also sees what the frozen trunk does, and how a batch differs."""

    def __init__(self, config: CiGanConfig) -> None:
        super().__init__()
        first, *rest = config.judge_widths
        self.begin = EqualConv(3, first, 3)
        self.blocks = nn.ModuleList()
        for number, width in enumerate(rest):
            last = number == len(rest) - 1  # of the trunk's side
            self.blocks.append(HalvingBlock(first + (first if last else 0), width))
            first = width
        self.look = EqualConv(SEEN, config.judge_widths[-2], 1)
        self.end = EqualConv(first + 1, first, 3)
        self.hidden = EqualLinear(first * SMALLEST**2, first)
        self.logit = EqualLinear(first, 1)

    def forward(self, pictures: Tensor, seen: Tensor) -> Tensor:
        """Logits (B,) of pictures (B, 3, S, S) and of what the trunk sees there, (B, 40, h, w)."""
        x = functional.leaky_relu(self.begin(pictures), SLOPE)
        for block in self.blocks[:-1]:
            x = block(x)
        looked = functional.adaptive_avg_pool2d(self.look(seen), x.shape[-1])
        x = self.blocks[-1](torch.cat([x, looked], 1))
        x = functional.leaky_relu(self.end(torch.cat([x, spread(x)], 1)), SLOPE)
        hidden = functional.leaky_relu(self.hidden(x.flatten(1)), SLOPE)
        logits: Tensor = self.logit(hidden)
        return logits[:, 0]


class CodeJudge(nn.Module):
    """D_w: is a code one that the mapping gives?"""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            EqualLinear(code, code), nn.LeakyReLU(SLOPE),
            EqualLinear(code, code), nn.LeakyReLU(SLOPE), EqualLinear(code, 1),
        )  # fmt: skip

    def forward(self, codes: Tensor) -> Tensor:
        """Logits (B,) of standardised codes (B, W)."""
        logits: Tensor = self.layers(codes)
        return logits[:, 0]


def spread(x: Tensor) -> Tensor:
    """How far maps (B, C, H, W) of a batch differ, the same everywhere, (B, 1, H, W).

    The mean over channels and places of the deviation (Karras et al., ICLR 2018, section 3).
    """
    deviation = (x.var(0, correction=0) + LEAST).sqrt().mean()
    return deviation.expand(len(x), 1, *x.shape[2:])
