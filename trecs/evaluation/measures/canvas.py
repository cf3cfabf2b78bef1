"""How well a canvas matches the true label map, and the simplest canvas that a trace allows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmentation.filling import nearest_filled
from segmentation.labels import UNLABELED
from segmentation.masks import fill_polygon
from trecs.alignment.regions import Region


def pixel_accuracy(truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> float:
    """The share of pixels with the right label, 0 to 1.

    Both (H, W) uint8; pixels that are unlabeled in `truth`, of which there must be others, do not
    count.
    """
    labelled = truth != UNLABELED
    return float((truth == predicted)[labelled].mean())


def mean_iou(truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> float:
    """Intersection over union, 0 to 1, averaged over the labels present in `truth`.

    Both (H, W) uint8; pixels that are unlabeled in `truth`, of which there must be others, do not
    count.
    """
    labelled = truth != UNLABELED
    truth, predicted = truth[labelled], predicted[labelled]
    present = np.unique(truth)
    common = np.bincount(truth[truth == predicted], minlength=256)
    union = np.bincount(truth, minlength=256) + np.bincount(predicted, minlength=256) - common
    return float((common[present] / union[present]).mean())


def painted_hulls(regions: Sequence[Region], size: int) -> NDArray[np.uint8]:
    """The baseline canvas: each region's hull filled with its label, larger ones first.

    Pixels in no hull take the label of the nearest pixel in one. Returns (size, size) uint8; all
    unlabeled where no region has a trace.
    """
    canvas = np.full((size, size), UNLABELED, np.uint8)
    shapes = [(fill_polygon(r.hull, size, size), r.label) for r in regions if r.strokes]
    for shape, label in sorted(shapes, key=lambda painted: -int(painted[0].sum())):
        canvas[shape] = label
    return nearest_filled(canvas)
