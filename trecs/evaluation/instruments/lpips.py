"""ST-LPIPS: how different two pictures look (Ghildyal and Liu, ECCV 2022), with AlexNet.

It is LPIPS (Zhang et al., CVPR 2018) with an AlexNet whose layers are blurred before they are
thinned out, so that a shift by a pixel changes little, and with heads of its own. Its values are
not those of the older LPIPS, whose weights are another file.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from trecs.device import channels_last
from trecs.trunks.published import load_published, read_published

WHAT = "ST-LPIPS (AlexNet)"
PACKAGE, FILE = "stlpips-pytorch", "weights/vST0.0/alex_shift_tolerant.pth"
PROTOCOL = "ST-LPIPS vST0.0 (AlexNet, shift-tolerant variant) of 8-bit pictures at their own size"
CHANNELS = (64, 192, 384, 256, 256)


class ShiftTolerantLpips(nn.Module):
    """The trunk and its linear heads."""

    shift: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(1, 3, 1, 1))
        self.register_buffer("scale", torch.ones(1, 3, 1, 1))
        inputs, kernels = (3, *CHANNELS), (11, 5, 3, 3, 3)
        self.convs = nn.ModuleList(
            nn.Conv2d(inputs[i], inputs[i + 1], kernel, padding=min(kernel // 2, 2))
            for i, kernel in enumerate(kernels)
        )
        self.heads = nn.ParameterList(torch.zeros(1, channels, 1, 1) for channels in CHANNELS)

    @staticmethod
    def load(path: Path | None = None) -> "ShiftTolerantLpips":
        """Reads the published weights from `path` or the installed package.

        Raises InputError where they are missing or are those of another network.
        """
        state = read_published(path, what=WHAT, package=PACKAGE, file=FILE)
        network = ShiftTolerantLpips()
        load_published(network, {_ours(name): value for name, value in state.items()}, what=WHAT)
        return channels_last(network)

    @torch.inference_mode()
    def seen(self, pictures: NDArray[np.uint8]) -> list[Tensor]:
        """What the five layers see in pictures (B, H, W, 3) uint8 RGB, at least 32 a side.

        Each (B, C, h, w), of length 1 at every pixel.
        """
        x = torch.from_numpy(pictures).to(self.shift.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        first, second, *rest = self.convs
        x = functional.relu(_halved(first((x - self.shift) / self.scale)))
        layers = [x]
        x = functional.relu(second(_halved(functional.max_pool2d(x, 3, 1))))
        layers.append(x)
        x = _halved(functional.max_pool2d(x, 3, 1))
        for conv in rest:
            x = functional.relu(conv(x))
            layers.append(x)
        return [functional.normalize(layer, dim=1, eps=1e-10) for layer in layers]

    @torch.inference_mode()
    def between(self, first: list[Tensor], second: list[Tensor]) -> Tensor:
        """The distances (B,) between what was seen in two stacks of pictures."""
        distance = torch.zeros(len(first[0]))
        for head, a, b in zip(self.heads, first, second, strict=True):
            distance += functional.conv2d((a - b).square(), head).mean((1, 2, 3))
        return distance


def _halved(x: Tensor) -> Tensor:
    """Blurs with the 3x3 binomial filter, continued by reflection, and takes every other pixel."""
    row = torch.tensor([1.0, 2.0, 1.0], device=x.device) / 4
    kernel = (row[:, None] * row).expand(x.shape[1], 1, 3, 3)
    return functional.conv2d(
        functional.pad(x, (2, 2, 2, 2), "reflect"), kernel, stride=2, groups=x.shape[1]
    )


def _ours(name: str) -> str:
    """The name here of a tensor of the published file, such as 'net.slice2.5.weight'."""
    part, *rest = name.removeprefix("scaling_layer.").split(".")
    if part == "net" and rest[-1] != "filt":
        return f"convs.{int(rest[0].removeprefix('slice')) - 1}.{rest[-1]}"
    return f"heads.{part.removeprefix('lin')}" if part.startswith("lin") else part
