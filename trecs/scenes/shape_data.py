"""What the shape and layout models learn from: silhouettes in their boxes, and where they lie."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.coco_files import CocoImage
from retrieval.families import FAMILIES
from segmentation.filling import nearest
from segmentation.labels import FIRST_STUFF, UNLABELED, is_thing, value_of
from segmentation.masks import Mask, fill_polygon
from trecs.data.dataset import ANNOTATED, Dataset, Photo
from trecs.scenes.telling import is_telling

MIN_THING_SIDE = 24  # pixels of the longer side; smaller outlines are a handful of corners
MIN_STUFF_SHARE = 0.015  # of the picture
MOST_PER_LABEL = 500
ENOUGH = 40
KEEP_EVERY_CAMVID = 12  # neighbouring frames of its films are near copies
FREE = 0.8  # share of an outline from which on little of the thing is hidden
FREE_BY_MAP = 0.5  # assumed of things in label maps, whose outlines are coarser, too
LEAST_ACCURACY = 0.55  # of a machine-made label map from which outlines are taken
APART = frozenset(  # things that label maps show one by one often enough
    value_of(name)
    for family in ("bird", "animal", "wheels", "vehicle", "craft", "hung", "seat")
    for name in FAMILIES[family]
)


@dataclass(frozen=True, eq=False)
class Silhouette:
    """One region of a photo.

    `mask` as it lies in the photo; `aspect` width over height in pixels; `clear` when its outline
    tells what it is: a thing of one piece that the picture's edge does not cut off, stuff that is
    more than a rectangle. `free` is the share of a thing's outline that no other thing touches;
    the others are likely hidden in part. What comes from a machine-made label map counts as less
    free, by the accuracy that is expected of it.
    """

    label: int
    mask: Mask
    aspect: float
    clear: bool
    photo: str
    free: float = 1.0

    @property
    def telling(self) -> bool:
        """Whether it was picked by eye as one that a stranger names."""
        return is_telling(self.label, self.photo, self.mask.box)


@dataclass(frozen=True, eq=False)
class ShapeSet:
    """Silhouettes stretched to squares: `bitmaps` (N, S, S) bool, the other fields (N,) long.

    `labels` uint8; `aspects` float32, width over height; `clear`, `free`, `photos` and `telling`
    as in `Silhouette`.
    """

    bitmaps: NDArray[np.bool_]
    labels: NDArray[np.uint8]
    aspects: NDArray[np.float32]
    clear: NDArray[np.bool_]
    free: NDArray[np.float32]
    photos: NDArray[np.str_]
    telling: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, chosen: NDArray[np.bool_]) -> "ShapeSet":
        """Those for which `chosen` (N,) is true."""
        return ShapeSet(*(getattr(self, field.name)[chosen] for field in fields(self)))


def silhouettes(
    dataset: Dataset,
    *,
    held_back: bool = False,
    sets: Sequence[str] = ANNOTATED,
    least_accuracy: float = LEAST_ACCURACY,
) -> list[Silhouette]:
    """Every usable region of the training photos of some sets, or of the held-back ones.

    Things come from polygons where there are any; see `photos_with_maps` for other regions.
    """
    found = list(polygon_silhouettes(dataset, held_back=held_back, sets=sets))
    for photo in photos_with_maps(
        dataset, held_back=held_back, sets=sets, least_accuracy=least_accuracy
    ):
        found.extend(_regions(photo, dataset))
    return found


def photos_with_maps(
    dataset: Dataset,
    *,
    held_back: bool = False,
    sets: Sequence[str] = ANNOTATED,
    least_accuracy: float = LEAST_ACCURACY,
) -> Iterator[Photo]:
    """The photos of some sets, few frames of each film, whose maps are right enough.

    `least_accuracy`: the share of a map's pixels that must be expected to be right.
    """
    frames = 0
    for photo in dataset.photos(held_back=held_back, sets=sets):
        frames += photo.source == "camvid"
        frame_of_many = photo.source == "camvid" and frames % KEEP_EVERY_CAMVID
        if not frame_of_many and photo.accuracy >= least_accuracy:
            yield photo


def shape_set(found: list[Silhouette], side: int) -> ShapeSet:
    """The silhouettes worth learning shapes from, each stretched to a square of `side` pixels.

    Those picked by eye first, then clear ones, the free and large ones first; at most
    MOST_PER_LABEL a label; unclear ones only where a label has fewer than ENOUGH clear ones.
    """
    picked = {id(s): s.telling for s in found}
    ordered = sorted(
        found,
        key=lambda s: (not picked[id(s)], not s.clear, s.free < FREE, -s.mask.area, s.photo),
    )
    taken: Counter[int] = Counter()
    kept = []
    for silhouette in ordered:
        if taken[silhouette.label] < (MOST_PER_LABEL if silhouette.clear else ENOUGH):
            taken[silhouette.label] += 1
            kept.append(silhouette)
    return ShapeSet(
        bitmaps=np.stack([stretched(s.mask.bitmap, side) for s in kept]),
        labels=np.array([s.label for s in kept], np.uint8),
        aspects=np.array([s.aspect for s in kept], np.float32),
        clear=np.array([s.clear for s in kept]),
        free=np.array([s.free for s in kept], np.float32),
        photos=np.array([s.photo for s in kept]),
        telling=np.array([picked[id(s)] for s in kept]),
    )


def stuff_map(label_map: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A label map (H, W) with its things and unlabeled pixels given to the nearest stuff."""
    stuff = (label_map >= FIRST_STUFF) & (label_map != UNLABELED)
    return nearest(label_map, stuff) if stuff.any() else np.full_like(label_map, UNLABELED)


def polygon_silhouettes(
    dataset: Dataset, *, held_back: bool, sets: Sequence[str] = ANNOTATED
) -> Iterator[Silhouette]:
    """The things of the held-back or the training photos of some sets, from their polygons."""
    for image in dataset.coco_instances if "coco" in sets else ():
        if (image.id in dataset.held_photo_ids) == held_back:
            yield from _polygons(image, f"coco/{image.stem}")
    for photo in dataset.photos(held_back=held_back, sets=[s for s in sets if s != "coco"]):
        things = dataset.things_of(photo)
        if things is not None:
            yield from _polygons(things.image, f"{photo.source}/{photo.name}")


def _polygons(image: CocoImage, photo: str) -> Iterator[Silhouette]:
    width, height = image.width, image.height
    free = free_outlines(image)
    for annotation, share in zip(image.annotations, free, strict=True):
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
            photo,
            share,
        )


def free_outlines(image: CocoImage) -> list[float]:
    """The share of every annotation's outline that lies away from all others of its photo."""
    scale = 256 / max(image.width, image.height)
    rows, columns = round(image.height * scale), round(image.width * scale)
    near = np.ones((5, 5), np.uint8)
    covers = []
    for annotation in image.annotations:
        cover = np.zeros((rows, columns), np.uint8)
        if not isinstance(annotation["segmentation"], dict):
            for flat in annotation["segmentation"]:
                points = np.array(flat, np.float64).reshape(-1, 2)
                cover |= fill_polygon(points / (image.width, image.height), rows, columns)
        covers.append(cover)
    reached = np.zeros((rows, columns), np.int32)
    for cover in covers:
        reached += cv2.dilate(cover, near)
    shares = []
    for cover in covers:
        outline = (cover > 0) & (cv2.erode(cover, near[:3, :3], borderValue=1) == 0)
        shares.append(float((reached[outline] < 2).mean()) if outline.any() else 0.0)
    return shares


def _regions(photo: Photo, dataset: Dataset) -> Iterator[Silhouette]:
    """The stuff of a label map, and those of its things that stand apart, without polygons.

    A label's connected pixels count as one region. Other things touch and hide each other too
    often for that: they are taken from polygons alone, as people are.
    """
    label_map = photo.label_map()
    filled = stuff_map(label_map)
    for label in np.unique(filled):
        if label != UNLABELED and (filled == label).mean() > MIN_STUFF_SHARE:
            yield from _components(filled == label, int(label), photo)
    things = dataset.things_of(photo)
    if photo.source == "coco" or (things is not None and not things.people_only):
        return
    for label in np.unique(label_map):
        if label in APART:
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
        free = (FREE_BY_MAP if is_thing(label) else 1.0) * photo.accuracy**3
        yield Silhouette(label, Mask(box, bitmap), w / h, clear, name, free)


def stretched(bitmap: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """The cells of a (side, side) grid that a (h, w) bitmap covers for the most part, bool."""
    coverage = bitmap.astype(np.float32)
    if min(bitmap.shape) < side:  # enlarge first: area averaging only shrinks
        factor = -(-side // min(bitmap.shape))
        coverage = cv2.resize(coverage, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    return cv2.resize(coverage, (side, side), interpolation=cv2.INTER_AREA) > 0.5
