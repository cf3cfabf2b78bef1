"""COCO's annotation files as published: things from instances files, stuff from maps.

Read by the library's build and by `trecs data prepare`. A file is checked when it is read, so
that nothing later meets a photo without a size or a region that does not fit its photo.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from files.errors import InputError
from files.pictures import open_map
from segmentation.canvas import read_label_map
from segmentation.labels import FIRST_STUFF, UNLABELED
from segmentation.masks import decode

MAX_SIDE = 10_000  # pixels
LAST_THING_ID = 90  # of COCO's category ids
PIXELMAP_OTHER = 183  # in the stuff pixel maps: some thing


@dataclass(frozen=True, eq=False)
class CocoImage:
    """A photo of COCO and its things; `record` and `annotations` are COCO's own records."""

    id: int
    file_name: str
    height: int
    width: int
    record: Mapping[str, Any]
    annotations: Sequence[Mapping[str, Any]] = ()

    @property
    def stem(self) -> str:
        """The file name without its ending: the id with twelve digits."""
        return Path(self.file_name).stem


@dataclass(frozen=True, eq=False)
class CocoInstances:
    """An `instances_*.json`: its photos in their order, and its categories as they are."""

    images: tuple[CocoImage, ...]
    categories: Sequence[Any]


def read_instances(path: Path) -> CocoInstances:
    """Reads an `instances_*.json`; raises InputError for another kind of file."""
    record = read_json(path, "an instances file such as COCO's instances_val2017.json")
    if not isinstance(record, dict) or not all(
        isinstance(record.get(name), list) for name in ("images", "annotations")
    ):
        raise InputError(
            f"'{path}' is JSON, but no COCO annotation file; expected an object with the lists "
            "'images' and 'annotations', such as COCO's instances_val2017.json."
        )
    for image in record["images"]:
        _check_image(image, path)
    known = {image["id"] for image in record["images"]}
    of_image = defaultdict(list)
    for annotation in record["annotations"]:
        _check_annotation(annotation, known, path)
        of_image[annotation["image_id"]].append(annotation)
    images = (
        CocoImage(
            image["id"],
            image["file_name"],
            image["height"],
            image["width"],
            image,
            tuple(of_image[image["id"]]),
        )
        for image in record["images"]
    )
    return CocoInstances(tuple(images), record.get("categories", []))


def read_json(path: Path, what: str) -> Any:
    """A JSON file as parsed; raises InputError where it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"'{path}' cannot be read ({error.strerror}); expected {what}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"'{path}' is not JSON ({error}); expected {what}. Is it truncated?"
        ) from error


def silhouette(annotation: Mapping[str, Any], height: int, width: int) -> NDArray[np.bool_]:
    """The region of an annotation in its photo, (height, width) bool.

    From polygons or run lengths, compressed or not. Raises InputError where they cannot be used:
    pycocotools itself would read or write beyond the photo.
    """
    shape = annotation["segmentation"]
    try:
        if isinstance(shape, list):
            polygons = [np.asarray(polygon, np.float64).ravel() for polygon in shape]
            if any(len(p) < 6 or len(p) % 2 or not np.isfinite(p).all() for p in polygons):
                raise ValueError("a polygon needs three or more x, y pairs")
            polygons = [np.clip(p, -MAX_SIDE, 2 * MAX_SIDE) for p in polygons]
            if not polygons:
                return np.zeros((height, width), bool)
            codes = coco.frPyObjects([p.tolist() for p in polygons], height, width)
            return coco.decode(coco.merge(codes)).astype(bool)
        if list(shape["size"]) != [height, width]:
            raise ValueError(f"its size is {shape['size']}, the photo's {[height, width]}")
        counts = shape["counts"]
        if isinstance(counts, str):
            return decode(counts.encode("ascii"), height, width)
        runs = np.asarray(counts, np.int64)
        if runs.ndim != 1 or (runs < 0).any() or int(runs.sum()) != height * width:
            raise ValueError("its run lengths do not add up to the photo's pixels")
        return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise InputError(
            f"The segmentation of annotation {annotation.get('id', '(without id)')} of photo "
            f"{annotation.get('image_id')} cannot be used ({type(error).__name__}: {error}); "
            "expected COCO's polygons or run lengths."
        ) from error


def read_pixelmap(path: Path) -> NDArray[np.uint8]:
    """A stuff pixel map of COCO 2017 as a label map, (H, W) uint8: things are unlabeled.

    Its pixels are COCO-Stuff ids: 92-182 stuff, 183 some thing, 0 nothing. Raises InputError for
    another kind of picture.
    """
    picture = open_map(path, "stuff map")
    mode, values = picture.mode, np.asarray(picture, np.uint8)
    stuff = (values > FIRST_STUFF) & (values < PIXELMAP_OTHER)
    if mode not in ("L", "P") or not (stuff | (values == 0) | (values == PIXELMAP_OTHER)).all():
        raise InputError(
            f"'{path}' is not a stuff pixel map of COCO (mode {mode}, values "
            f"{values.min()}-{values.max()}); expected an 8-bit PNG of 0 and 92-183. Maps of "
            "things and stuff together are COCO-Stuff's stuffthingmaps."
        )
    return np.where(stuff, values - 1, UNLABELED).astype(np.uint8)


def read_stuffthingmap(path: Path) -> NDArray[np.uint8]:
    """A COCO-Stuff map of things and stuff, (H, W) uint8: our values already."""
    try:
        return read_label_map(path)
    except InputError as error:
        raise InputError(f"'{path}': {error}") from error


def check_same_shape(label_map: NDArray[np.uint8], image: CocoImage, path: Path) -> None:
    """Raises InputError where a map has not its photo's shape; the scale may differ.

    A pixel that was lost to rounding in scaling is fine.
    """
    height, width = label_map.shape
    if abs(width * image.height - height * image.width) > max(image.height, image.width):
        raise InputError(
            f"'{path}' is {width}x{height}, but its photo {image.width}x{image.height}; expected "
            "the same shape. The maps belong to other photos."
        )


def _check_image(image: Any, path: Path) -> None:
    usable = (
        isinstance(image, dict)
        and isinstance(image.get("id"), int)
        and isinstance(image.get("file_name"), str)
        and Path(image["file_name"]).name == image["file_name"]
        and all(
            isinstance(image.get(side), int) and 0 < image[side] <= MAX_SIDE
            for side in ("width", "height")
        )
    )
    if not usable:
        raise InputError(
            f"An entry of 'images' in '{path}' cannot be used: {json.dumps(image)[:200]}; expected "
            f"id, file_name (no path), width and height (1 to {MAX_SIDE} pixels)."
        )


def _check_annotation(annotation: Any, known: set[int], path: Path) -> None:
    if (
        not isinstance(annotation, dict)
        or annotation.get("image_id") not in known
        or not isinstance(annotation.get("category_id"), int)
        or not 1 <= annotation["category_id"] <= LAST_THING_ID
        or not isinstance(annotation.get("segmentation"), list | dict)
    ):
        raise InputError(
            f"An annotation in '{path}' cannot be used: {json.dumps(annotation)[:200]}; expected "
            f"image_id of a listed photo, category_id from 1 to {LAST_THING_ID} and segmentation "
            "(polygons or run lengths)."
        )
