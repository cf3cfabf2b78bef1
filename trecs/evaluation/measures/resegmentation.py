"""Whether a segmenter finds in a picture the labels that the picture was drawn from."""

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import COUNT, UNLABELED


def label_overlaps(told: NDArray[np.uint8], seen: NDArray[np.uint8]) -> NDArray[np.int32]:
    """For each label the pixels in both, in `told` and in `seen`, (182, 3) int32.

    Both label maps (H, W) uint8. Pixels that `told` leaves unlabeled do not count; those that
    `seen` leaves so are in no label.
    """
    labelled = told != UNLABELED
    told, seen = told[labelled], seen[labelled]
    counts = [np.bincount(part, minlength=256)[:COUNT] for part in (told[told == seen], told, seen)]
    return np.stack(counts, 1).astype(np.int32)


def segmentation_scores(overlaps: NDArray[np.integer]) -> tuple[float, float]:
    """Mean IoU and pixel accuracy, both 0 to 1, of the overlaps of many pictures together.

    `overlaps` (N, 182, 3) of `label_overlaps`. As SPADE does (Park et al., CVPR 2019, section 4):
    the pixels of all pictures are counted together, and the IoU is averaged over the labels that
    are told or seen anywhere. Both are nan where nothing is labelled.
    """
    common, told, seen = overlaps.sum(0, dtype=np.int64).T
    union = told + seen - common
    if not told.any():
        return float("nan"), float("nan")
    present = union > 0
    return float((common[present] / union[present]).mean()), float(common.sum() / told.sum())
