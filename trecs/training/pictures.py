"""Photos in memory, with their labels and instances, and the random patches trained on."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.coco_files import CocoImage, silhouette
from segmentation.canvas import Canvas, instances_of
from trecs.generators.appearance import measure
from trecs.generators.condition import Condition, places_of
from trecs.training.data import Dataset, Photo


@dataclass(frozen=True, eq=False)
class Picture:
    """A photo (H, W, 3) uint8 RGB and its canvas, scaled so that the shorter side is `side`.

    `places` (H, W, 2) float16: the canvas's (`trecs.generators.condition.places_of`).
    """

    photo: NDArray[np.uint8]
    canvas: Canvas
    places: NDArray[np.float16]

    def patch(self, rng: np.random.Generator, size: int, zoom: float = 1.25) -> "Picture":
        """A random square patch of size/zoom to zoom * size, scaled to size; half are mirrored.

        Its places are those in the whole picture's regions.
        """
        shorter = min(self.photo.shape[:2])
        side = min(shorter, round(size * zoom ** rng.uniform(-1, 1)))
        top = rng.integers(self.photo.shape[0] - side + 1)
        left = rng.integers(self.photo.shape[1] - side + 1)
        window = (slice(top, top + side), slice(left, left + side))
        photo = cv2.resize(self.photo[window], (size, size), interpolation=cv2.INTER_AREA)
        canvas = Canvas(self.canvas.label_map[window], self.canvas.instance_map[window])
        canvas = canvas.resized(size, size)
        pixels = np.arange(size) * side // size
        places = self.places[window][pixels[:, None], pixels]
        if rng.random() < 0.5:
            photo = photo[:, ::-1]
            canvas = Canvas(canvas.label_map[:, ::-1], canvas.instance_map[:, ::-1])
            places = places[:, ::-1] * np.array([1, -1], np.float16)
        return Picture(photo, canvas, places)


def load_pictures(dataset: Dataset, photos: Sequence[Photo], side: int) -> list[Picture]:
    """Reads photos with their canvases, scaled so that the shorter side is `side` pixels."""
    annotated = {image.stem: image for image in dataset.coco_instances}

    def load(photo: Photo) -> Picture:
        label_map = photo.label_map()
        if photo.source == "coco" and photo.name in annotated:
            instances = _painted(label_map, annotated[photo.name])
        else:
            instances = instances_of(label_map)
        image = photo.image()
        scale = side / min(image.size)
        width, height = round(image.width * scale), round(image.height * scale)
        pixels = cv2.resize(np.asarray(image), (width, height), interpolation=cv2.INTER_AREA)
        canvas = Canvas(label_map, instances).resized(height, width)
        return Picture(pixels, canvas, places_of(canvas).astype(np.float16))

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(load, photos))


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


class Patches:
    """Random batches for training: the patches of step n depend on the seed and n alone."""

    def __init__(self, pictures: Sequence[Picture], size: int, batch: int, seed: int) -> None:
        self.pictures, self.size, self.batch, self.seed = pictures, size, batch, seed

    def __getitem__(self, step: int) -> tuple[Tensor, Condition]:
        """Photos (B, 3, size, size) in [-1, 1] and their condition."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.pictures), self.batch, replace=False)
        patches = [self.pictures[i].patch(rng, self.size) for i in chosen]
        photos = to_tensor(np.stack([patch.photo for patch in patches]))
        canvases = (patch.canvas for patch in patches)
        return photos, Condition.of(*canvases, places=[patch.places for patch in patches])


def appearances(pictures: Sequence[Picture], smallest: int = 64) -> tuple[Tensor, Tensor, Tensor]:
    """Labels (R,) int64, appearances (R, 8) and areas (R,) in pixels of all regions.

    Those of fewer than `smallest` pixels are left out.
    """
    labels, measured, areas = [], [], []
    for picture in pictures:
        condition = Condition.of(picture.canvas, places=[picture.places])
        keys = condition.labels << 32 | condition.instances
        unique, region, counts = torch.unique(keys, return_inverse=True, return_counts=True)
        photo = to_tensor(picture.photo[None])
        seen = measure(photo, region, len(unique), condition.places[..., 0])
        large = counts >= smallest
        labels.append((unique >> 32)[large])
        measured.append(seen[large])
        areas.append(counts[large])
    return torch.cat(labels), torch.cat(measured), torch.cat(areas)


def to_tensor(photos: NDArray[np.uint8]) -> Tensor:
    """Photos (B, H, W, 3) uint8 as (B, 3, H, W) float in [-1, 1]."""
    return torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """The inverse of `to_tensor`."""
    pixels = (pictures.float().permute(0, 2, 3, 1) + 1) * 127.5
    return pixels.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
