"""Maps of stuff, or of things and stuff, beside annotations: a PNG for each photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.pictures import open_map
from retrieval.coco_files import CocoImage
from retrieval.identity import map_of
from retrieval.numberings import PIXELMAPS, VALUES, Agreement, Numbering
from retrieval.silhouettes import silhouette
from segmentation.canvas import check_label_map
from segmentation.interpolation import is_interpolated
from segmentation.label_pictures import SMOOTH, by_colours

LOOKED_AT = 24  # maps by which the numbering is told


@dataclass(frozen=True, eq=False)
class StuffMaps:
    """The maps of a folder, and the numbering that they are in."""

    folder: Path
    numbering: Numbering

    def path_of(self, image: CocoImage) -> Path | None:
        """A photo's map; None where it has none."""
        return map_of(self.folder, image.file_name, image.id)

    def read(self, image: CocoImage, path: Path) -> NDArray[np.uint8]:
        """A photo's map as values of labels, (H, W) uint8, 255 = unlabeled.

        Raises InputError where it cannot be read or is no map of the photo.
        """
        values = _read(path, self.numbering)
        _check_same_shape(values, image, path)
        return values


def open_stuff_maps(
    folder: Path, declared: Numbering, images: Sequence[CocoImage], *, strict: bool = False
) -> tuple[StuffMaps, list[str]]:
    """The maps of a folder, and what the user should know of them, a line each.

    `declared`: the numbering that they should be in. Where the things of the first annotated
    photos tell that it is another one, they are read in that; `strict`: refused. Raises InputError
    where no photo has a map, or where they are in no numbering that fits.
    """
    maps = StuffMaps(folder, declared)
    found = [(image, path) for image in images if (path := maps.path_of(image)) is not None]
    if not found:
        raise InputError(
            f"'{folder}' has no map for any photo of the annotations; expected PNG files such as "
            f"'{images[0].stem}.png'."
        )
    agreement = Agreement()
    annotated = [(image, path) for image, path in found if image.annotations]
    step = max(len(annotated) // LOOKED_AT, 1)
    for image, path in annotated[::step][:LOOKED_AT]:
        pixels = _pixels(path, declared)
        _check_same_shape(pixels, image, path)
        agreement.add(pixels, _things(image, pixels.shape))
    numbering, note = agreement.chosen(declared, folder)
    if note and strict:
        raise InputError(f"It seems that {note}. Renumber them, or leave --strict away.")
    return StuffMaps(folder, numbering), [note] if note else []


def read_pixelmap(path: Path) -> NDArray[np.uint8]:
    """A stuff pixel map of COCO 2017 as a label map, (H, W) uint8: things are unlabeled.

    Its pixels are COCO-Stuff ids: 92-182 stuff, 183 some thing, 0 nothing. Raises InputError for
    another kind of picture.
    """
    return _read(path, PIXELMAPS)


def read_stuffthingmap(path: Path) -> NDArray[np.uint8]:
    """A COCO-Stuff map of things and stuff, (H, W) uint8: our values already."""
    return _read(path, VALUES)


def _read(path: Path, numbering: Numbering) -> NDArray[np.uint8]:
    pixels = _pixels(path, numbering)
    if is_interpolated(pixels):
        raise InputError(f"'{path}': The label map {SMOOTH.format(what='values')}")
    present = np.bincount(pixels.ravel(), minlength=256) > 0
    if numbering.knows(present):
        return numbering.read(pixels)
    if numbering is VALUES:
        try:
            return check_label_map(pixels)
        except InputError as error:
            raise InputError(f"'{path}': {error}") from error
    raise InputError(
        f"'{path}' is not a stuff pixel map of COCO (values {pixels.min()}-{pixels.max()}); "
        f"expected {numbering.called}. Maps of things and stuff together are COCO-Stuff's "
        "stuffthingmaps."
    )


def _pixels(path: Path, numbering: Numbering) -> NDArray[np.uint8]:
    picture = open_map(path, "label map")
    if (labels := by_colours(picture)) is not None:
        return labels
    if picture.mode not in ("L", "P"):
        panoptic = " COCO's panoptic maps tell segments by colour; those are not read." * (
            picture.mode.startswith("RGB")
        )
        raise InputError(
            f"'{path}' is not a stuff pixel map or label map (mode {picture.mode}); expected an "
            f"8-bit grey or indexed PNG of {numbering.called}.{panoptic}"
        )
    return np.asarray(picture, np.uint8)


def _things(image: CocoImage, shape: tuple[int, ...]) -> list[tuple[int, NDArray[np.bool_]]]:
    """The things of a photo: their labels and regions in a map of a shape."""
    things = []
    for annotation in image.annotations:
        region = silhouette(annotation, image.height, image.width).astype(np.uint8)
        scaled = cv2.resize(region, shape[::-1], interpolation=cv2.INTER_NEAREST)
        things.append((annotation["category_id"] - 1, scaled > 0))
    return things


def _check_same_shape(label_map: NDArray[np.uint8], image: CocoImage, path: Path) -> None:
    """Raises InputError where a map has not its photo's shape; the scale may differ."""
    height, width = label_map.shape
    if not same_shape((width, height), (image.width, image.height)):
        raise InputError(
            f"'{path}' is {width}x{height}, but its photo {image.width}x{image.height}; expected "
            "the same shape. The maps belong to other photos."
        )


def same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two (width, height) are one shape; a pixel lost to rounding in scaling is fine."""
    return abs(one[0] * other[1] - one[1] * other[0]) <= max(other)
