"""What a generator must beat: label maps filled with mean colours, and the most similar photo."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import UNLABELED
from trecs.data.dataset import Photo
from trecs.data.scenes import cut_square

SIDE = 64


@dataclass(frozen=True, eq=False)
class SmallPhotos:
    """The middle squares of photos and of their label maps, 64 pixels a side.

    `pixels`: (N, 64, 64, 3) uint8 RGB. `labels`: (N, 64, 64) uint8.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @staticmethod
    def of(photos: Sequence[Photo]) -> "SmallPhotos":
        """Reads photos, of which there must be one."""
        squares = [cut_square(photo, SIDE) for photo in photos]
        pixels, labels = zip(*squares, strict=True)
        return SmallPhotos(np.stack(pixels), np.stack(labels))

    def mean_colours(self) -> NDArray[np.uint8]:
        """The mean colour of each label, (256, 3) uint8; of all pixels where a label has none."""
        labels, pixels = self.labels.ravel(), self.pixels.reshape(-1, 3)
        counts = np.bincount(labels, minlength=256)[:, None]
        sums = np.stack([np.bincount(labels, pixels[:, i], 256) for i in range(3)], 1)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), pixels.mean(0))
        return means.round().astype(np.uint8)

    def nearest(self, label_map: NDArray[np.uint8]) -> int:
        """Which photo agrees with a square label map (S, S) at most of its labelled pixels."""
        rows = (np.arange(SIDE) * 2 + 1) * len(label_map) // (2 * SIDE)
        small = label_map[np.ix_(rows, rows)]
        same = (self.labels == small) & (small != UNLABELED)
        return int(same.sum((1, 2)).argmax())
