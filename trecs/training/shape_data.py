"""What the shape and layout models learn from: silhouettes in their boxes, and where they lie."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.coco_files import CocoImage
from segmentation.filling import nearest
from segmentation.labels import FIRST_STUFF, UNLABELED, is_thing
from segmentation.masks import Mask, fill_polygon
from trecs.training.data import Dataset, Photo

MIN_THING_SIDE = 24  # pixels of the longer side; smaller outlines are a handful of corners
MIN_STUFF_SHARE = 0.015  # of the picture
MOST_PER_LABEL = 500
ENOUGH = 40
KEEP_EVERY_CAMVID = 12  # neighbouring frames of its films are near copies
ANIMALS = range(15, 25)  # bird ... giraffe


@dataclass(frozen=True, eq=False)
class Silhouette:
    """One region of a photo.

    `mask` as it lies in the photo; `aspect` width over height in pixels; `clear` when its outline
    tells what it is: a thing that is neither hidden in part nor cut off by the picture's edge,
    stuff that is more than a rectangle.
    """

    label: int
    mask: Mask
    aspect: float
    clear: bool
    photo: str


def silhouettes(dataset: Dataset) -> list[Silhouette]:
    """Every usable region of the training photos, things from polygons where there are any."""
    found = list(polygon_silhouettes(dataset, held_back=False))
    frames = 0
    for photo in dataset.photos(held_back=False):
        if photo.source == "camvid":
            frames += 1
            if frames % KEEP_EVERY_CAMVID:
                continue
        found.extend(_regions(photo))
    return found


def shape_set(
    found: list[Silhouette], side: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float32]]:
    """The silhouettes worth learning shapes from, each stretched to a square of `side` pixels.

    Clear and large ones first, at most MOST_PER_LABEL a label; the others only where a label has
    fewer than ENOUGH clear ones. Returns bitmaps (N, side, side) uint8 of 0-255 coverage,
    labels (N,), aspects (N,).
    """
    ordered = sorted(found, key=lambda s: (not s.clear, -s.mask.area, s.photo))
    taken: Counter[int] = Counter()
    kept = []
    for silhouette in ordered:
        if taken[silhouette.label] < (MOST_PER_LABEL if silhouette.clear else ENOUGH):
            taken[silhouette.label] += 1
            kept.append(silhouette)
    bitmaps = np.stack([_square(s.mask.bitmap, side) for s in kept])
    labels = np.array([s.label for s in kept], np.uint8)
    return bitmaps, labels, np.array([s.aspect for s in kept], np.float32)


def stuff_map(label_map: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A label map (H, W) with its things and unlabeled pixels given to the nearest stuff."""
    stuff = (label_map >= FIRST_STUFF) & (label_map != UNLABELED)
    return nearest(label_map, stuff) if stuff.any() else np.full_like(label_map, UNLABELED)


def polygon_silhouettes(dataset: Dataset, *, held_back: bool) -> Iterator[Silhouette]:
    """The things of the held-back or the training photos of COCO, from their polygons."""
    for image in dataset.coco_instances:
        if (image.id in dataset.held_photo_ids) == held_back:
            yield from _polygons(image)


def _polygons(image: CocoImage) -> Iterator[Silhouette]:
    width, height = image.width, image.height
    for annotation in image.annotations:
        if annotation.get("iscrowd") or isinstance(annotation["segmentation"], dict):
            continue
        left, top, w, h = annotation["bbox"]
        if max(w, h) < MIN_THING_SIDE or min(w, h) < 4:
            continue
        scale = 192 / max(w, h)
        rows, columns = max(round(h * scale), 1), max(round(w * scale), 1)
        bitmap = np.zeros((rows, columns), bool)
        for flat in annotation["segmentation"]:
            points = np.array(flat, np.float64).reshape(-1, 2)
            bitmap |= fill_polygon((points - (left, top)) / (w, h), rows, columns)
        if bitmap.mean() < 0.08:
            continue
        inside = left > 2 and top > 2 and left + w < width - 2 and top + h < height - 2
        box = (left / width, top / height, (left + w) / width, (top + h) / height)
        yield Silhouette(
            annotation["category_id"] - 1,
            Mask(box, bitmap),
            w / h,
            inside and len(annotation["segmentation"]) == 1,
            f"coco/{image.stem}",
        )


def _regions(photo: Photo) -> Iterator[Silhouette]:
    """The stuff of a label map, and its animals where the photo has no polygons.

    A label's connected pixels count as one region. Other things touch and hide each other too
    often for that: they are taken from polygons alone.
    """
    label_map = photo.label_map()
    filled = stuff_map(label_map)
    for label in np.unique(filled):
        if label != UNLABELED and (label_map == label).mean() > MIN_STUFF_SHARE:
            yield from _components(filled == label, int(label), photo)
    if photo.source == "coco":
        return
    for label in np.unique(label_map):
        if label in ANIMALS:
            yield from _components(label_map == label, int(label), photo)


def _components(full: NDArray[np.bool_], label: int, photo: Photo) -> Iterator[Silhouette]:
    smooth = cv2.medianBlur(full.astype(np.uint8), 5)
    count, numbers, boxes, _ = cv2.connectedComponentsWithStats(smooth)
    height, width = full.shape
    for i in range(1, count):
        left, top, w, h, area = (int(v) for v in boxes[i])
        if area < MIN_STUFF_SHARE * full.size or min(w, h) < 8:
            continue
        bitmap = numbers[top : top + h, left : left + w] == i
        if is_thing(label):
            clear = left > 1 and top > 1 and left + w < width - 1 and top + h < height - 1
        else:
            clear = area < 0.97 * w * h
        box = (left / width, top / height, (left + w) / width, (top + h) / height)
        name = f"{photo.source}/{photo.name}"
        yield Silhouette(label, Mask(box, bitmap), w / h, clear, name)


def _square(bitmap: NDArray[np.bool_], side: int) -> NDArray[np.uint8]:
    """The share of each of side x side cells that a bitmap covers, 0-255."""
    coverage = bitmap.astype(np.float32)
    if min(bitmap.shape) < side:  # enlarge first: area averaging only shrinks
        factor = -(-side // min(bitmap.shape))
        coverage = cv2.resize(coverage, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    scaled = cv2.resize(coverage, (side, side), interpolation=cv2.INTER_AREA)
    return np.round(255 * scaled).astype(np.uint8)
