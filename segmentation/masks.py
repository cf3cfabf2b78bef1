"""Binary masks cut to their bounding boxes, and their run-length codes.

A mask is its `box` in fractions of the picture and the `bitmap` inside that box, so that it can
be moved and scaled without touching its pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions of the picture's width and height."""

SIDE_TOGETHER = 384  # pixels a side of the bitmap of several masks


@dataclass(frozen=True, eq=False)
class Mask:
    """A silhouette: `bitmap` (h, w) bool fills `box` of the picture."""

    box: Box
    bitmap: NDArray[np.bool_]

    @staticmethod
    def from_full(full: NDArray[np.bool_]) -> "Mask | None":
        """Cuts a (H, W) bool mask to its bounding box; None where it is empty."""
        if not full.any():
            return None
        left, top, right, bottom = _edges(full)
        return Mask(box_of(full), np.ascontiguousarray(full[top:bottom, left:right]))

    @property
    def area(self) -> float:
        """The share of the picture that the mask covers."""
        left, top, right, bottom = self.box
        return float(self.bitmap.mean()) * (right - left) * (bottom - top)

    def render(self, height: int, width: int) -> NDArray[np.bool_]:
        """The mask on a (height, width) bool picture; parts beyond its edges are cut off.

        A mask thinner than a pixel still covers one, so that small things do not vanish.
        """
        full = np.zeros((height, width), bool)
        left, right = pixels(self.box[0], self.box[2], width)
        top, bottom = pixels(self.box[1], self.box[3], height)
        scaled = resize_bitmap(self.bitmap, bottom - top, right - left)
        up, down = max(top, 0), min(bottom, height)
        west, east = max(left, 0), min(right, width)
        if up < down and west < east:
            full[up:down, west:east] = scaled[up - top : down - top, west - left : east - left]
        return full


def together(masks: Sequence[Mask]) -> Mask:
    """Several masks, at least one, as one whose box spans all of theirs.

    Their outlines are drawn anew on a bitmap of 384x384 pixels.
    """
    if len(masks) == 1:
        return masks[0]
    boxes = np.array([mask.box for mask in masks])
    low, high = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    size = np.maximum(high - low, 1e-6)
    bitmap = np.zeros((SIDE_TOGETHER, SIDE_TOGETHER), bool)
    for mask in masks:
        left, top, right, bottom = ((np.array(mask.box).reshape(2, 2) - low) / size).ravel()
        bitmap |= Mask((left, top, right, bottom), mask.bitmap).render(SIDE_TOGETHER, SIDE_TOGETHER)
    return Mask((*low.tolist(), *high.tolist()), bitmap)


def box_of(full: NDArray[np.bool_]) -> Box:
    """The bounding box of a (H, W) bool mask that is not empty."""
    left, top, right, bottom = _edges(full)
    height, width = full.shape
    return (left / width, top / height, right / width, bottom / height)


def common_area(first: Box, second: Box) -> float:
    """The share of the picture that two boxes have in common."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)


def row_ends(bitmap: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The corners of the outermost pixels of every row of a bitmap, (P, 2) in fractions.

    They have the same convex hull as all of its pixels.
    """
    height, width = bitmap.shape
    rows = np.flatnonzero(bitmap.any(1))
    first, last = bitmap[rows].argmax(1), width - bitmap[rows, ::-1].argmax(1)
    corners = [np.column_stack([x, y]) for x in (first, last) for y in (rows, rows + 1)]
    return np.concatenate(corners) / (width, height)


def _edges(full: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels."""
    rows, columns = np.flatnonzero(full.any(1)), np.flatnonzero(full.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def pixels(low: float, high: float, size: int) -> tuple[int, int]:
    """The first pixel of a stretch, and the one after its last, of `size`; at least one."""
    first = round(low * size)
    return first, max(round(high * size), first + 1)


def resize_bitmap(bitmap: NDArray[np.bool_], height: int, width: int) -> NDArray[np.bool_]:
    """A (h, w) bool bitmap at another size: area-averaged when shrunk, smooth when enlarged."""
    if bitmap.shape == (height, width):
        return bitmap
    shrinks = height * width < bitmap.size
    scaled = cv2.resize(
        bitmap.astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    full = scaled >= 0.5
    return full if full.any() else scaled >= scaled.max()


def fill_polygon(points: NDArray[np.floating], height: int, width: int) -> NDArray[np.bool_]:
    """The inside of a polygon, points (P, 2) in fractions, on a (height, width) bool picture."""
    picture = np.zeros((height, width), np.uint8)
    if len(points):
        # Four bits of sub-pixel precision: cv2 takes fixed-point corners, pixel centres at .5.
        corners = np.round((points * (width, height) - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(picture, [corners.reshape(-1, 1, 2)], 1, shift=4)
    return picture.astype(bool)


def encode(bitmap: NDArray[np.bool_]) -> bytes:
    """COCO's compressed run-length code of a (h, w) bool bitmap."""
    return bytes(coco.encode(np.asfortranarray(bitmap, np.uint8))["counts"])


def decode(counts: bytes, height: int, width: int) -> NDArray[np.bool_]:
    """The inverse of `encode`; raises ValueError for bytes that are no code of that size.

    Written out here because pycocotools writes outside its buffer when a code is damaged.
    """
    runs = check_code(counts, height, width)
    columns = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return np.ascontiguousarray(columns.reshape(width, height).T)


def check_code(counts: bytes, height: int, width: int) -> NDArray[np.int64]:
    """The lengths of a code's runs; raises ValueError for what is no code of that size."""
    runs = _runs(counts)
    if (runs < 0).any() or int(runs.sum()) != height * width:
        raise ValueError(f"{len(counts)} bytes that are no code of a {width}x{height} mask")
    return runs


def _runs(counts: bytes) -> NDArray[np.int64]:
    """The lengths of the runs: five bits a byte, and each less the one before the last."""
    digits = np.frombuffer(counts, np.uint8).astype(np.int64) - 48
    last = np.flatnonzero((digits & 0x20) == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    if not len(last) or last[-1] != len(digits) - 1 or (last - first).max() > 6:
        raise ValueError("a code that ends within a number")
    if (digits < 0).any() or (digits > 63).any():
        raise ValueError("a code with foreign characters")
    shift = 5 * (np.arange(len(digits)) - np.repeat(first, last - first + 1))
    runs = np.add.reduceat((digits & 0x1F) << shift, first)
    runs -= np.where(digits[last] & 0x10, 1 << (5 * (last - first + 1)), 0)
    for start in (1, 2):
        runs[start::2] = np.cumsum(runs[start::2])
    return runs


def iou(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """Intersection over union of two bool arrays of one shape; 0 where both are empty."""
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 0.0
