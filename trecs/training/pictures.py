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
from segmentation.labels import COUNT, UNLABELED
from trecs.generators.appearance import Looks, measure, mirrored
from trecs.generators.condition import Condition, places_of, regions_of
from trecs.training.data import Dataset, Photo


@dataclass(frozen=True, eq=False)
class Picture:
    """A photo (H, W, 3) uint8 RGB and its canvas, scaled so that the shorter side is `side`.

    `regions` (H, W) int32 and `places` (H, W, 2) float16: the canvas's (`regions_of` and
    `places_of` in `trecs.generators.condition`). `looks` (R, NUMBERS): its regions' appearances.
    """

    photo: NDArray[np.uint8]
    canvas: Canvas
    regions: NDArray[np.int32]
    places: NDArray[np.float16]
    looks: NDArray[np.float32]

    @staticmethod
    def of(photo: NDArray[np.uint8], canvas: Canvas) -> "Picture":
        """Measures a photo's regions."""
        regions, places = regions_of(canvas), places_of(canvas)
        looks = measure(photo, regions, places)
        return Picture(photo, canvas, regions.astype(np.int32), places.astype(np.float16), looks)

    def patch(self, rng: np.random.Generator, size: int, zoom: float = 1.25) -> "Picture":
        """A random square patch of size/zoom to zoom * size, scaled to size; half are mirrored.

        Its places are those in the whole picture's regions, which keep their looks.
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
        regions = self.regions[window][pixels[:, None], pixels]
        places = self.places[window][pixels[:, None], pixels]
        looks = self.looks
        if rng.random() < 0.5:
            photo = photo[:, ::-1]
            canvas = Canvas(canvas.label_map[:, ::-1], canvas.instance_map[:, ::-1])
            regions, looks = regions[:, ::-1], mirrored(looks)
            places = places[:, ::-1] * np.array([1, -1], np.float16)
        return Picture(photo, canvas, regions, places, looks)


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
        return Picture.of(pixels, Canvas(label_map, instances).resized(height, width))

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

    def __getitem__(self, step: int) -> tuple[Tensor, Condition, Looks]:
        """Photos (B, 3, size, size) in [-1, 1], their condition and their regions' looks."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.pictures), self.batch, replace=False)
        patches = [self.pictures[i].patch(rng, self.size) for i in chosen]
        photos = to_tensor(np.stack([patch.photo for patch in patches]))
        canvases = (patch.canvas for patch in patches)
        condition = Condition.of(*canvases, places=[patch.places for patch in patches])
        return photos, condition, looks_of(patches)


def looks_of(pictures: Sequence[Picture]) -> Looks:
    """The looks of pictures of one size."""
    firsts = np.cumsum([0, *(len(picture.looks) for picture in pictures[:-1])])
    rows = [p.regions.astype(np.int64) + first for p, first in zip(pictures, firsts, strict=True)]
    values = np.concatenate([picture.looks for picture in pictures])
    return Looks(torch.from_numpy(values), torch.from_numpy(np.stack(rows)))


def appearances(pictures: Sequence[Picture], smallest: int = 64) -> tuple[Tensor, Tensor, Tensor]:
    """Labels (R,) int64, appearances (R, NUMBERS) and areas (R,) in pixels of all regions.

    Those of fewer than `smallest` pixels are left out.
    """
    labels, measured, areas = [], [], []
    for picture in pictures:
        counts = np.bincount(picture.regions.ravel())
        one = np.zeros(len(counts), int)  # a pixel of each region
        one[picture.regions.ravel()] = np.arange(picture.regions.size)
        large = counts >= smallest
        labels.append(picture.canvas.label_map.ravel()[one[large]].astype(np.int64))
        measured.append(picture.looks[large])
        areas.append(counts[large])
    label = np.concatenate(labels)
    label[label == UNLABELED] = COUNT
    return (
        torch.from_numpy(label),
        torch.from_numpy(np.concatenate(measured)),
        torch.from_numpy(np.concatenate(areas)),
    )


def to_tensor(photos: NDArray[np.uint8]) -> Tensor:
    """Photos (B, H, W, 3) uint8 as (B, 3, H, W) float in [-1, 1]."""
    return torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(pictures: Tensor) -> NDArray[np.uint8]:
    """The inverse of `to_tensor`."""
    pixels = (pictures.float().permute(0, 2, 3, 1) + 1) * 127.5
    return pixels.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
