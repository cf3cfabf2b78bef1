"""The regions of a canvas, numbered by their size, and the mean colour that a photo gives each."""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED
from trecs.synthesis.painter.told import NO_REGION

REGIONS = 255
"""Regions of a canvas that are numbered at most."""


def region_map(canvas: Canvas) -> NDArray[np.uint8]:
    """The number of the region that each pixel belongs to, (H, W) uint8.

    A region is all pixels of one label and one instance, connected or not. The largest is 0;
    equally large ones go by label and instance. Unlabeled pixels and those of all but the REGIONS
    largest regions are NO_REGION.
    """
    span = int(canvas.instance_map.max(initial=0)) + 1
    keys = canvas.label_map.ravel().astype(np.int64) * span + canvas.instance_map.ravel()
    found, which, areas = np.unique(keys, return_inverse=True, return_counts=True)
    labeled = found // span != UNLABELED
    order = np.argsort(np.where(labeled, -areas, 1), kind="stable")
    order = order[: min(labeled.sum(), REGIONS)]  # region -> its place among the keys
    numbers = np.full(len(areas), NO_REGION, np.uint8)
    numbers[order] = np.arange(len(order))
    return numbers[which].reshape(canvas.label_map.shape)


def region_colours(photo: NDArray[np.uint8], regions: NDArray[np.uint8]) -> NDArray[np.float16]:
    """The mean CIE Lab colour of each region in a photo, (REGIONS, 3) float16.

    `photo` (H, W, 3) RGB in sRGB, `regions` (H, W) as `region_map` numbers them. L is 0 to 100,
    a and b about -100 to 100 (white point D65), all right to 0.4; NaN for the numbers that no
    pixel has.
    """
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    numbers = regions.ravel()
    areas = np.bincount(numbers, minlength=REGIONS + 1)
    sums = [np.bincount(numbers, channel, REGIONS + 1) for channel in lab.T]
    with np.errstate(invalid="ignore"):
        means = np.stack(sums, 1) / areas[:, None]  # (256, 3), the last of NO_REGION
    return means[:REGIONS].astype(np.float16)
