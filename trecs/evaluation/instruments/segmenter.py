"""The bundled segmenter: which labels pictures show, for re-segmentation and object accuracy.

Reconstructed: SPADE's authors measure with a DeepLab trained on COCO-Stuff and SOA's with a YOLO,
neither of which is at hand. Here a small head reads two maps of the frozen EfficientNet-lite2,
which no system of this project learns from, and is trained on photos with label maps
(`trecs.evaluation.instruments.segmenter_training`). Its cells are 16 pixels wide, so that small
things and outlines are beyond it; what it says of real photos, the control row, is what its numbers
compare with.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from files.weights import halved, load_config, load_module, save_weights
from segmentation.labels import COUNT, FIRST_STUFF
from trecs.data.pictures import to_tensor
from trecs.trunks.efficientnet import CHANNELS, LITE2, EfficientNetTrunk, read_trunk
from trecs.trunks.remembered import Remembered

KIND = "segmenter"
LITE = LITE2
LEAST_SEEN = 0.004  # share of the picture that a thing covers to count as found


@dataclass(frozen=True)
class SegmenterConfig:
    """The numbers of the head; `side`: pixels to which pictures are scaled."""

    width: int = 256
    side: int = 384

    @staticmethod
    def tiny() -> "SegmenterConfig":
        """For tests."""
        return SegmenterConfig(width=8, side=64)


class SegmentationHead(nn.Module):
    """Scores of the 182 labels at every cell of lite2's maps, with random weights."""

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        self.config = config
        self.near = nn.Conv2d(LITE.channels[4], config.width, 3, padding=1)
        self.far = nn.Conv2d(CHANNELS, config.width, 1)
        self.dropout = nn.Dropout2d(0.2)
        self.labels = nn.Conv2d(config.width, COUNT, 1)

    def forward(self, local: Tensor, last: Tensor) -> Tensor:
        """Scores (B, 182, h, w) of the trunk's maps (B, 120, h, w) and (B, 1280, h/2, w/2)."""
        far = functional.interpolate(self.far(last), local.shape[2:], mode="bilinear")
        scores: Tensor = self.labels(self.dropout(functional.relu(self.near(local) + far)))
        return scores

    def save(self, folder: Path) -> None:
        """Writes the folder that `Segmenter.load` reads."""
        save_weights(folder, KIND, self.config, halved(self.state_dict()))


class Segmenter:
    """Labels pictures, and finds the things in them, as an evaluation's plugins do.

    `segment`: label maps (B, H, W) uint8, labelled everywhere, of pictures (B, H, W, 3) uint8 RGB.
    """

    def __init__(self, head: SegmentationHead, trunk: EfficientNetTrunk) -> None:
        self._head, self._trunk = head.eval().requires_grad_(False), trunk
        self.segment = Remembered(self._segment)

    @staticmethod
    def load(folder: Path, device: str = "cpu") -> "Segmenter":
        """Reads what `trecs train segmenter` wrote.

        Raises InputError where the folder is missing, damaged or of another kind, and where the
        weights of EfficientNet-lite2 are not to be had.
        """
        config = load_config(folder, KIND, SegmenterConfig)
        head = load_module(folder, lambda: SegmentationHead(config))
        return Segmenter(head.to(device), read_trunk(LITE).to(device))

    def find(self, pictures: NDArray[np.uint8]) -> list[list[int]]:
        """The things, values below 91, that cover enough of each picture to be seen."""
        found = []
        for labels in self.segment(pictures):
            shares = np.bincount(labels.ravel(), minlength=COUNT)[:FIRST_STUFF] / labels.size
            found.append(np.flatnonzero(shares >= LEAST_SEEN).tolist())
        return found

    @torch.inference_mode()
    def _segment(self, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
        side = self._head.config.side
        pixels = to_tensor(pictures).to(self._head.labels.weight.device)
        pixels = functional.interpolate(pixels, (side, side), mode="bilinear", antialias=True)
        scores = self._head(*self._trunk.maps(self._trunk.scaled(pixels)))
        whole = functional.interpolate(scores, pictures.shape[1:3], mode="bilinear")
        labels: NDArray[np.uint8] = whole.argmax(1).to(torch.uint8).cpu().numpy()
        return labels
