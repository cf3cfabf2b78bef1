"""The segmentation canvas: a label and an instance for every pixel, and its PNG files."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.pictures import open_map
from segmentation.label_pictures import labels_of
from segmentation.labels import COUNT, FIRST_STUFF, NAMES, UNLABELED, palette

MAX_SIDE = 2048
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, eq=False)
class Canvas:
    """A segmentation canvas.

    `label_map`: (H, W) uint8, COCO-Stuff values, 255 = unlabeled.
    `instance_map`: (H, W) int32; 0 is stuff and unlabeled, things count from 1. The generator
    draws an edge where the instance of two neighbours differs.
    """

    label_map: NDArray[np.uint8]
    instance_map: NDArray[np.int32]

    @property
    def labels(self) -> list[int]:
        """The labels present, largest area first, without unlabeled."""
        values, counts = np.unique(self.label_map, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return [int(values[i]) for i in order if values[i] != UNLABELED]

    @property
    def shares(self) -> dict[str, float]:
        """The share of the canvas that each label has, by name."""
        values, counts = np.unique(self.label_map, return_counts=True)
        shares = zip(values.tolist(), counts / self.label_map.size, strict=True)
        return {NAMES[value]: round(float(share), 4) for value, share in shares if value < COUNT}

    def picture(self) -> NDArray[np.uint8]:
        """The canvas in palette colours, (H, W, 3) uint8 RGB."""
        return palette()[self.label_map]

    def equals(self, other: "Canvas") -> bool:
        """Whether both maps are the same."""
        return np.array_equal(self.label_map, other.label_map) and np.array_equal(
            self.instance_map, other.instance_map
        )

    def resized(self, height: int, width: int) -> "Canvas":
        """The canvas at another size; each pixel takes its nearest one's label and instance."""
        if self.label_map.shape == (height, width):
            return self
        rows = (np.arange(height) + 0.5) * self.label_map.shape[0] // height
        columns = (np.arange(width) + 0.5) * self.label_map.shape[1] // width
        grid = np.ix_(rows.astype(int), columns.astype(int))
        return Canvas(self.label_map[grid], self.instance_map[grid])


def instances_of(label_map: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The instances of a label map that comes without: each connected part of a thing is one.

    Things that touch merge; the eight neighbours of a pixel count as connected.
    """
    import cv2

    instances = np.zeros(label_map.shape, np.int32)
    for label in np.unique(label_map[label_map < FIRST_STUFF]):
        _, parts = cv2.connectedComponents((label_map == label).astype(np.uint8))
        instances[parts > 0] = parts[parts > 0] + instances.max()
    return instances


def label_png(label_map: NDArray[np.uint8]) -> bytes:
    """A label map as an 8-bit grey PNG whose pixel values are the labels."""
    return _png(Image.fromarray(label_map))


def instance_png(instance_map: NDArray[np.int32]) -> bytes:
    """An instance map as a 16-bit grey PNG."""
    return _png(Image.fromarray(instance_map.astype(np.uint16)))


def palette_png(canvas: Canvas) -> bytes:
    """The canvas as an indexed PNG in palette colours; the indices are the labels."""
    picture = Image.fromarray(canvas.label_map, "P")
    picture.putpalette(palette().tobytes())
    return _png(picture)


def read_label_map(source: Path | bytes) -> NDArray[np.uint8]:
    """Reads a label map, (H, W) uint8: a PNG of labels, grey or in the colours of our palette.

    Raises InputError for a file that is not such a picture, was resized with interpolation, or has
    values that are no label.
    """
    picture = open_map(source, "label map", most_side=MAX_SIDE, most_bytes=MAX_BYTES)
    return check_label_map(labels_of(picture))


def check_label_map(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns a label map (H, W) unchanged; raises InputError where a value is no label."""
    wrong = sorted(set(np.unique(values).tolist()) - set(range(COUNT)) - {UNLABELED})
    if wrong:
        raise InputError(
            f"The label map holds the values {', '.join(map(str, wrong[:5]))}, which are no "
            f"labels; expected 0-{COUNT - 1} ({NAMES[0]} ... {NAMES[-1]}) and 255 = unlabeled."
        )
    return values


def read_instance_map(source: Path | bytes, shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Reads an instance map, (H, W) int32, from an 8- or 16-bit grey or indexed PNG.

    Raises InputError for another kind of picture or one whose size is not `shape`.
    """
    picture = open_map(source, "instance map", most_side=MAX_SIDE, most_bytes=MAX_BYTES)
    if not (picture.mode in ("L", "P", "I") or picture.mode.startswith("I;16")):
        raise InputError(
            f"The instance map has mode {picture.mode}; expected an 8- or 16-bit grey PNG whose "
            "pixel values are instance numbers."
        )
    values = np.asarray(picture).astype(np.int32)
    if values.shape != shape:
        raise InputError(
            f"The instance map is {values.shape[1]}x{values.shape[0]} but the label map is "
            f"{shape[1]}x{shape[0]}; give both at the same size."
        )
    return values


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
