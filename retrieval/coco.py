"""Builds a scene library from COCO's annotation files; no photos are needed.

Things come from `instances_*.json`; stuff from COCO's `stuff_*_pixelmaps` (PNG values are
COCO-Stuff ids: 92-182 stuff, 183 other, 0 unlabeled) or from COCO-Stuff's `stuffthingmaps`
(PNG values are ids minus one, 255 unlabeled), one mask for each stuff label of a photo.

Photos are squeezed to squares, as the canvas is one. A crowd region (`iscrowd`) is one mask
behind the single things. Annotations have no depth, so a scene's things are put back to front
by `segmentation.composition.back_to_front` (reconstructed).
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco

from retrieval.library import LibraryWriter
from segmentation.composition import Placement, back_to_front
from segmentation.errors import InputError
from segmentation.labels import COUNT, FIRST_STUFF
from segmentation.masks import Mask, decode

LAST_THING_ID = 90  # of COCO's category ids
OTHER_ID = 183  # in pixel maps: whatever is a thing
SMALLEST_STUFF = 0.002  # share of the photo
MAX_SIDE = 10_000  # pixels


@dataclass(frozen=True)
class BuildReport:
    """What became of the photos: `scenes` with `masks`, of which some came `without_stuff`.

    `empty` photos have neither things nor stuff and are left out.
    """

    scenes: int
    masks: int
    without_stuff: int
    empty: int


def build_library(
    instances: Path, out: Path, *, stuff: Path | None = None, labels: Path | None = None
) -> BuildReport:
    """Builds a library in the folder `out` from an instances file and stuff or label maps.

    Raises InputError for a damaged or foreign file; then `out` stays as it was.
    """
    from tqdm import tqdm

    images, things = _read_instances(instances)
    maps = stuff or labels
    if maps is not None and not any((maps / f"{_stem(i)}.png").is_file() for i in images):
        raise InputError(
            f"'{maps}' has no map for any photo of '{instances}'; expected PNG files such as "
            f"'{_stem(images[0])}.png'."
        )
    without_stuff = empty = 0
    with LibraryWriter(out) as writer:
        for image in tqdm(images, desc="scenes", unit="scene"):
            path = maps / f"{_stem(image)}.png" if maps is not None else None
            found = path is not None and path.is_file()
            masks = _stuff_masks(path, image, stuff is not None) if path and found else []
            masks += _thing_masks(things.get(image["id"], []), image)
            if masks:
                writer.append_scene(_stem(image), masks)
                without_stuff += not found
            else:
                empty += 1
        report = BuildReport(writer.scene_count, writer.mask_count, without_stuff, empty)
        writer.finish(f"COCO annotations: {instances.name}" + (f", {maps.name}" if maps else ""))
    return report


def _stem(image: dict[str, Any]) -> str:
    return Path(image["file_name"]).stem


def _read_instances(path: Path) -> tuple[list[dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    """The photos and, by photo id, their annotations."""
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"The annotations '{path}' cannot be read as JSON ({error}); expected a file such as "
            "COCO's instances_val2017.json. Download it again if it is truncated."
        ) from error
    if not isinstance(record, dict) or not all(
        isinstance(record.get(name), list) for name in ("images", "annotations")
    ):
        raise InputError(
            f"'{path}' is JSON, but no COCO annotation file; expected an object with the lists "
            "'images' and 'annotations', such as COCO's instances_val2017.json."
        )
    if not record["images"]:
        raise InputError(f"'{path}' lists no images; expected COCO's instances file.")
    for image in record["images"]:
        _check_image(image, path)
    known = {image["id"] for image in record["images"]}
    things = defaultdict(list)
    for annotation in record["annotations"]:
        _check_annotation(annotation, known, path)
        things[annotation["image_id"]].append(annotation)
    return record["images"], things


def _check_image(image: Any, path: Path) -> None:
    usable = (
        isinstance(image, dict)
        and isinstance(image.get("id"), int)
        and isinstance(image.get("file_name"), str)
        and all(
            isinstance(image.get(side), int) and 0 < image[side] <= MAX_SIDE
            for side in ("width", "height")
        )
    )
    if not usable:
        raise InputError(
            f"An entry of 'images' in '{path}' cannot be used: {json.dumps(image)[:200]}; expected "
            f"id, file_name, width and height (1 to {MAX_SIDE} pixels)."
        )


def _check_annotation(annotation: Any, known: set[int], path: Path) -> None:
    if (
        not isinstance(annotation, dict)
        or annotation.get("image_id") not in known
        or not isinstance(annotation.get("category_id"), int)
        or not 1 <= annotation["category_id"] <= LAST_THING_ID
        or not isinstance(annotation.get("segmentation"), list | dict)
    ):
        shown = json.dumps(annotation)[:200]
        raise InputError(
            f"An annotation in '{path}' cannot be used: {shown}; expected image_id of a listed "
            f"photo, category_id from 1 to {LAST_THING_ID} and segmentation (polygons or RLE)."
        )


def _thing_masks(
    annotations: list[dict[str, Any]], image: dict[str, Any]
) -> list[tuple[int, Mask]]:
    """The photo's things, crowds first, then back to front."""
    crowds: list[Placement] = []
    singles: list[Placement] = []
    for annotation in annotations:
        mask = Mask.from_full(_bitmap(annotation, image["height"], image["width"]))
        if mask is not None:
            kind = crowds if annotation.get("iscrowd") else singles
            kind.append(Placement(annotation["category_id"] - 1, mask))
    return [(p.label, p.mask) for p in [*back_to_front(crowds), *back_to_front(singles)]]


def _bitmap(annotation: dict[str, Any], height: int, width: int) -> NDArray[np.bool_]:
    """An annotation's region, (height, width) bool."""
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
            f"The segmentation of annotation {annotation.get('id', '(without id)')} cannot be "
            f"used ({type(error).__name__}: {error}); expected COCO's polygons or run lengths."
        ) from error


def _stuff_masks(path: Path, image: dict[str, Any], pixel_map: bool) -> list[tuple[int, Mask]]:
    """One mask for each stuff label of a map, larger ones first."""
    values = _read_map(path)
    height, width = values.shape
    if abs(width * image["height"] - height * image["width"]) > 2 * max(
        image["height"], image["width"], height, width
    ):
        raise InputError(
            f"'{path}' is {width}x{height}, but its photo {image['width']}x{image['height']}; "
            "expected the same shape. The maps belong to other photos."
        )
    if pixel_map:
        if ((values > OTHER_ID) & (values != 255)).any():
            raise InputError(f"'{path}' holds {values.max()}; expected COCO-Stuff ids 0 to 183.")
        values = np.where((values == 0) | (values >= OTHER_ID), 255, values - 1).astype(np.uint8)
    elif ((values >= COUNT) & (values != 255)).any():
        wrong = int(values[(values >= COUNT) & (values != 255)][0])
        raise InputError(
            f"'{path}' holds {wrong}; expected label values 0 to {COUNT - 1} and 255. Give "
            "COCO's stuff pixel maps with --stuff."
        )
    counts = np.bincount(values.ravel(), minlength=256)[FIRST_STUFF:COUNT]
    masks = []
    for offset in np.argsort(-counts, kind="stable"):
        if counts[offset] < max(SMALLEST_STUFF * values.size, 1):
            break
        mask = Mask.from_full(values == FIRST_STUFF + offset)
        if mask is not None:
            masks.append((int(FIRST_STUFF + offset), mask))
    return masks


def _read_map(path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as picture:
            if picture.mode not in ("L", "P") or max(picture.size) > MAX_SIDE:
                raise InputError(
                    f"'{path}' is a {picture.width}x{picture.height} picture of mode "
                    f"{picture.mode}; expected an 8-bit grey or indexed PNG of labels."
                )
            return np.asarray(picture, np.uint8)
    except InputError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(
            f"The map '{path}' cannot be read ({error}); expected an 8-bit PNG of labels."
        ) from error
