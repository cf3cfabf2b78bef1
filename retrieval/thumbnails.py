"""Silhouettes as 24x24 bits, compared by counting bits.

A thumbnail shows a mask in the frame of its own box, so that two of them compare shapes with
position and scale already aligned (reconstructed; the paper compares masks in place).
"""

import numpy as np
from numpy.typing import NDArray

from segmentation.masks import resize_bitmap

SIDE = 24


def thumbnail(bitmap: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """The (h, w) bool bitmap at 24x24, packed into (9,) uint64."""
    return np.packbits(resize_bitmap(bitmap, SIDE, SIDE)).view("<u8")


def unpacked(packed: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """The inverse of `thumbnail`: (24, 24) bool."""
    return np.unpackbits(packed.view(np.uint8)).reshape(SIDE, SIDE).astype(bool)


def overlaps(thumbnails: NDArray[np.uint64], shape: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Intersection over union of each of (N, 9) thumbnails with one shape (9,); (N,) in [0, 1]."""
    shared = _counts(thumbnails & shape)
    either = _counts(thumbnails) + _counts(shape) - shared
    return shared / np.maximum(either, 1)


def _counts(thumbnails: NDArray[np.uint64]) -> NDArray[np.float32]:
    """How many bits of (..., 9) thumbnails are set, (...)."""
    ones = np.ones(thumbnails.shape[-1], np.float32)
    counts: NDArray[np.float32] = np.bitwise_count(thumbnails).astype(np.float32) @ ones
    return counts
