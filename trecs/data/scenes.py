"""Held-back photos as square scenes: what a generator is told, and what was really there."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from trecs.data.dataset import Dataset, Photo
from trecs.data.pictures import load_pictures

CAMVID_STEP = 10
"""Only every tenth frame of CamVid's films counts: neighbours show the same street."""


@dataclass(frozen=True, eq=False)
class Scene:
    """The middle square of a photo, (S, S, 3) uint8 RGB, and of its canvas."""

    source: str
    photo: NDArray[np.uint8]
    canvas: Canvas


def held_back_photos(dataset: Dataset, limit: int | None = None) -> list[Photo]:
    """The photos that generators are measured on; evenly spaced ones where there is a limit.

    People drew the label maps of all of them.
    """
    photos = dataset.photos(held_back=True)
    films = [photo for photo in photos if photo.source == "camvid"]
    chosen = [photo for photo in photos if photo.source != "camvid"] + films[::CAMVID_STEP]
    return spaced(chosen, limit)


def spaced(photos: Sequence[Photo], limit: int | None) -> list[Photo]:
    """So many evenly spaced photos, all where there is no limit."""
    if limit is None or limit >= len(photos):
        return list(photos)
    return [photos[i * len(photos) // limit] for i in range(limit)]


def load_scenes(dataset: Dataset, photos: Sequence[Photo], side: int) -> list[Scene]:
    """Reads photos as scenes: scaled so that the shorter side is `side`, then cut in the middle."""
    scenes = []
    for photo, picture in zip(photos, load_pictures(dataset, photos, side), strict=True):
        window = _middle(picture.photo.shape[0], picture.photo.shape[1])
        canvas = Canvas(picture.canvas.label_map[window], picture.canvas.instance_map[window])
        scenes.append(Scene(photo.source, picture.photo[window], canvas))
    return scenes


def cut_square(photo: Photo, side: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The middle square of a photo, (side, side, 3) uint8 RGB, and its labels (side, side)."""
    pixels, labels = np.asarray(photo.image()), photo.label_map()
    pixels = pixels[_middle(pixels.shape[0], pixels.shape[1])]
    pixels = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    labels = labels[_middle(labels.shape[0], labels.shape[1])]
    rows = (np.arange(side) * 2 + 1) * len(labels) // (2 * side)
    return pixels.astype(np.uint8), labels[np.ix_(rows, rows)]


def _middle(height: int, width: int) -> tuple[slice, slice]:
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return slice(top, top + side), slice(left, left + side)
