"""Inception-v3 as FID and the Inception Score use it (Szegedy et al., CVPR 2016).

The network of TensorFlow's 2015 release, with 1,008 classes, whose weights pytorch-fid and
torch-fidelity pass on in one file. It differs from torchvision's in how it averages at borders, in
the last block's pooling, and in how pictures are enlarged. The trunk is either of them.
"""

from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from trecs.trunks.published import load_published, read_published

WHAT = "Inception-v3 (TensorFlow 2015)"
PACKAGE, FILE = "torch-fidelity", "weights-inception-2015-12-05-6726825d.pth"
LOCAL, CHANNELS, SIDE = 768, 2048, 299
Pool = Literal["average", "average with border", "max", "thin"]


class Step(NamedTuple):
    """A convolution of a path: its name, its channels, its kernel and its stride."""

    name: str
    channels: int
    kernel: tuple[int, int]
    stride: int = 1


Paths = tuple[tuple[tuple[Step, ...], ...], ...]
"""Of a block: each path is a row of steps, some of them forks whose ends are joined."""


class InceptionTrunk(nn.Module):
    """The convolutions; parameter names are those of the published files.

    `torchvision`: the trunk of torchvision's network, whose averages count the zeros beyond the
    border, in the last block, too; TensorFlow's otherwise.
    """

    def __init__(self, *, torchvision: bool = False) -> None:
        super().__init__()
        average: Pool = "average with border" if torchvision else "average"
        self.Conv2d_1a_3x3 = _Conv(3, 32, (3, 3), 2)
        self.Conv2d_2a_3x3 = _Conv(32, 32, (3, 3), padded=False)
        self.Conv2d_2b_3x3 = _Conv(32, 64, (3, 3))
        self.Conv2d_3b_1x1 = _Conv(64, 80, (1, 1))
        self.Conv2d_4a_3x3 = _Conv(80, 192, (3, 3), padded=False)
        self.Mixed_5b = _Mixed(192, _A, average, 32)
        self.Mixed_5c = _Mixed(256, _A, average, 64)
        self.Mixed_5d = _Mixed(288, _A, average, 64)
        self.Mixed_6a = _Mixed(288, _B, "thin")
        self.Mixed_6b = _Mixed(LOCAL, _c(128), average, 192)
        self.Mixed_6c = _Mixed(LOCAL, _c(160), average, 192)
        self.Mixed_6d = _Mixed(LOCAL, _c(160), average, 192)
        self.Mixed_6e = _Mixed(LOCAL, _c(192), average, 192)
        self.Mixed_7a = _Mixed(LOCAL, _D, "thin")
        self.Mixed_7b = _Mixed(1280, _E, average, 192)
        self.Mixed_7c = _Mixed(CHANNELS, _E, average if torchvision else "max", 192)

    def maps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The maps after block 6e (B, 768, 17, 17) and the last (B, 2048, 8, 8).

        x (B, 3, 299, 299), about -1 to 1.
        """
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = functional.max_pool2d(x, 3, 2)  # (B, 64, 73, 73)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))
        x = functional.max_pool2d(x, 3, 2)  # (B, 192, 35, 35)
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(x)))
        local = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))))
        return local, self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(local)))


class InceptionV3(InceptionTrunk):
    """Features and class probabilities; parameter names are those of the published file."""

    prefix = ""  # of the measures that look through it: FID, IS
    protocol = (
        "Inception-v3 (TensorFlow 2015), 2,048 pooled features, 1,008 classes without their bias, "
        f"of 8-bit pictures resized to {SIDE}x{SIDE} by TensorFlow 1's bilinear filter, which is "
        "not antialiased"
    )

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(CHANNELS, 1008)

    @staticmethod
    def load(path: Path) -> "InceptionV3":
        """Reads the published weights; raises InputError where they are missing or others."""
        network = InceptionV3()
        load_published(
            network, read_published(path, what=WHAT, package=PACKAGE, file=FILE), what=WHAT
        )
        return network

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, 2048) of pictures (B, 3, 299, 299) with values (x255 - 128) / 128."""
        return self.maps(x)[1].mean((2, 3))

    @torch.inference_mode()
    def look(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features (B, 2048) and probabilities (B, 1008) of pictures (B, H, W, 3) uint8 RGB."""
        x = torch.from_numpy(pictures).to(self.fc.weight.device).permute(0, 3, 1, 2).float()
        features = self((_enlarged(x) - 128) / 128)
        probabilities = functional.linear(features, self.fc.weight).softmax(1)
        return features.cpu().numpy(), probabilities.cpu().numpy()


def _enlarged(x: Tensor) -> Tensor:
    """Resizes as TensorFlow 1 did: pixel i comes from i * (old / new), with no half pixel."""
    for axis in (2, 3):
        size = x.shape[axis]
        place = torch.arange(SIDE, device=x.device) * torch.tensor(size / SIDE, dtype=torch.float32)
        first = place.long()
        second = (first + 1).clamp(max=size - 1)
        share = (place - first).view((-1, 1) if axis == 2 else (-1,))
        start, end = x.index_select(axis, first), x.index_select(axis, second)
        x = start + (end - start) * share
    return x


class _Conv(nn.Module):
    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        stride: int = 1,
        *,
        padded: bool = True,
    ) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if padded and stride == 1 else 0
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.bn(self.conv(x)))


class _Mixed(nn.Module):
    """Paths of convolutions beside one another; the last one pools first."""

    def __init__(self, inputs: int, paths: Paths, pool: Pool, pooled: int = 0) -> None:
        super().__init__()
        self.paths, self.pool = paths, pool
        for path in paths:
            channels = inputs
            for fork in path:
                for step in fork:
                    conv = _Conv(channels, step.channels, step.kernel, step.stride)
                    self.add_module(step.name, conv)
                channels = sum(step.channels for step in fork)
        if pooled:
            self.branch_pool = _Conv(inputs, pooled, (1, 1))

    def forward(self, x: Tensor) -> Tensor:
        found = []
        for path in self.paths:
            y = x
            for fork in path:
                y = torch.cat([self.get_submodule(step.name)(y) for step in fork], 1)
            found.append(y)
        if self.pool == "thin":
            return torch.cat([*found, functional.max_pool2d(x, 3, 2)], 1)
        if self.pool == "max":
            x = functional.max_pool2d(x, 3, 1, 1)
        else:
            border = self.pool == "average with border"
            x = functional.avg_pool2d(x, 3, 1, 1, count_include_pad=border)
        return torch.cat([*found, self.branch_pool(x)], 1)


def _row(*steps: Step) -> tuple[tuple[Step, ...], ...]:
    """A path without forks."""
    return tuple((step,) for step in steps)


def _c(narrow: int) -> Paths:
    """The paths of a block whose long kernels work on `narrow` channels."""
    return (
        _row(Step("branch1x1", 192, (1, 1))),
        _row(
            Step("branch7x7_1", narrow, (1, 1)),
            Step("branch7x7_2", narrow, (1, 7)),
            Step("branch7x7_3", 192, (7, 1)),
        ),
        _row(
            Step("branch7x7dbl_1", narrow, (1, 1)),
            Step("branch7x7dbl_2", narrow, (7, 1)),
            Step("branch7x7dbl_3", narrow, (1, 7)),
            Step("branch7x7dbl_4", narrow, (7, 1)),
            Step("branch7x7dbl_5", 192, (1, 7)),
        ),
    )


_A: Paths = (
    _row(Step("branch1x1", 64, (1, 1))),
    _row(Step("branch5x5_1", 48, (1, 1)), Step("branch5x5_2", 64, (5, 5))),
    _row(
        Step("branch3x3dbl_1", 64, (1, 1)),
        Step("branch3x3dbl_2", 96, (3, 3)),
        Step("branch3x3dbl_3", 96, (3, 3)),
    ),
)
_B: Paths = (
    _row(Step("branch3x3", 384, (3, 3), 2)),
    _row(
        Step("branch3x3dbl_1", 64, (1, 1)),
        Step("branch3x3dbl_2", 96, (3, 3)),
        Step("branch3x3dbl_3", 96, (3, 3), 2),
    ),
)
_D: Paths = (
    _row(Step("branch3x3_1", 192, (1, 1)), Step("branch3x3_2", 320, (3, 3), 2)),
    _row(
        Step("branch7x7x3_1", 192, (1, 1)),
        Step("branch7x7x3_2", 192, (1, 7)),
        Step("branch7x7x3_3", 192, (7, 1)),
        Step("branch7x7x3_4", 192, (3, 3), 2),
    ),
)
_E: Paths = (
    _row(Step("branch1x1", 320, (1, 1))),
    (
        (Step("branch3x3_1", 384, (1, 1)),),
        (Step("branch3x3_2a", 384, (1, 3)), Step("branch3x3_2b", 384, (3, 1))),
    ),
    (
        (Step("branch3x3dbl_1", 448, (1, 1)),),
        (Step("branch3x3dbl_2", 384, (3, 3)),),
        (Step("branch3x3dbl_3a", 384, (1, 3)), Step("branch3x3dbl_3b", 384, (3, 1))),
    ),
)
