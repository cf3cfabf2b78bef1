"""Photos in memory, with their labels and instances, and the random squares trained on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.coco_files import CocoImage
from retrieval.silhouettes import silhouette
from segmentation.canvas import Canvas, instances_of
from trecs.data.composed import composed_canvas
from trecs.data.dataset import Dataset, Photo, Things

SMALLEST_SQUARE = 0.75
"""Side of the smallest square cut from a photo, of its shorter side."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A photo (H, W, 3) uint8 RGB and its canvas.

    `film`: whether it is a frame of a film. `composed`: the canvas of the same size that the
    studio composes of its labels, its own where there is none. `accuracy`: the share of its own
    canvas, 0 to 1, that is expected to be right.
    """

    photo: NDArray[np.uint8]
    canvas: Canvas
    composed: Canvas
    film: bool = False
    accuracy: float = 1.0

    def square(
        self, rng: np.random.Generator, side: int, canvas_side: int, *, sharp: bool = False
    ) -> "Picture":
        """A random square of at least SMALLEST_SQUARE, scaled to `side`; half are mirrored.

        Its canvases are scaled to `canvas_side`. `sharp`: it has at least `side` pixels where the
        photo has as many, so that none of them is made up.
        """
        shorter = min(self.photo.shape[:2])
        least = max(SMALLEST_SQUARE, min(side / shorter, 1)) if sharp else SMALLEST_SQUARE
        cut = round(shorter * rng.uniform(least, 1))
        top = rng.integers(self.photo.shape[0] - cut + 1)
        left = rng.integers(self.photo.shape[1] - cut + 1)
        window = (slice(top, top + cut), slice(left, left + cut))
        photo = cv2.resize(self.photo[window], (side, side), interpolation=cv2.INTER_AREA)
        mirrored = rng.random() < 0.5

        def cut_out(canvas: Canvas) -> Canvas:
            part = Canvas(canvas.label_map[window], canvas.instance_map[window])
            part = part.resized(canvas_side, canvas_side)
            if mirrored:
                part = Canvas(part.label_map[:, ::-1], part.instance_map[:, ::-1])
            return part

        canvas = cut_out(self.canvas)
        composed = canvas if self.composed is self.canvas else cut_out(self.composed)
        photo = photo[:, ::-1] if mirrored else photo
        return replace(self, photo=photo.astype(np.uint8), canvas=canvas, composed=composed)


def load_pictures(
    dataset: Dataset,
    photos: Sequence[Photo],
    side: int,
    composed: Path | None = None,
    *,
    enlarged: bool = True,
) -> list[Picture]:
    """Reads photos with their canvases, scaled so that the shorter side is `side` pixels.

    `enlarged`: whether smaller ones are, too. `composed`: the folder that `trecs data compose`
    made. Raises InputError where it is missing or damaged.
    """

    def load(photo: Photo, things: Things | None) -> Picture:
        own = photo_canvas(photo, things)
        image = photo.image()
        scale = side / min(image.size)
        if not enlarged:
            scale = min(scale, 1.0)
        width, height = round(image.width * scale), round(image.height * scale)
        pixels = cv2.resize(np.asarray(image), (width, height), interpolation=cv2.INTER_AREA)
        canvas = own.resized(height, width)
        other = composed_canvas(composed, photo) if composed else None
        other = other.resized(height, width) if other else canvas
        film = photo.source == "camvid"
        return Picture(pixels.astype(np.uint8), canvas, other, film, photo.accuracy)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(load, photos, map(dataset.things_of, photos)))


def photo_canvas(photo: Photo, things: Things | None) -> Canvas:
    """A photo's labels and instances: those of its polygons, or else the connected parts.

    Raises InputError where the annotations cannot be used.
    """
    label_map = photo.label_map()
    instances = _painted(label_map, things.image) if things else instances_of(label_map)
    return Canvas(label_map, instances)


def _painted(label_map: NDArray[np.uint8], image: CocoImage) -> NDArray[np.int32]:
    """Instances of a photo's label map, which may be scaled, from its COCO annotations.

    A pixel belongs to the last annotation that covers it and has its label; things that no
    polygon covers become their connected components.
    """
    instances = instances_of(label_map)
    size = label_map.shape[::-1]
    for number, annotation in enumerate(image.annotations, int(instances.max()) + 1):
        shape = silhouette(annotation, image.height, image.width).astype(np.uint8)
        drawn = cv2.resize(shape, size, interpolation=cv2.INTER_NEAREST)
        instances[(drawn > 0) & (label_map == annotation["category_id"] - 1)] = number
    return instances


def to_tensor(photos: NDArray[np.uint8]) -> Tensor:
    """Photos (B, H, W, 3) uint8 as (B, 3, H, W) float in [-1, 1]."""
    return torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """The inverse of `to_tensor`."""
    pixels = (pictures.float().permute(0, 2, 3, 1) + 1) * 127.5
    return pixels.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
