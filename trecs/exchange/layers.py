"""A layered document, as image editors have it: what PSD and OpenRaster share.

From bottom to top it holds `picture`, `canvas` (hidden), the group `regions` with a layer for each
part of the canvas, and `trace` (hidden). Of a region layer its name and where it is opaque count
when it is read again; higher layers hide lower ones, and hidden ones are not there.

A layer's pixels are cut from the picture. Stuff goes on beneath the things, and a thing beneath
those in front of it as far as its mask is known, in the colour of the nearest pixel of its own
that is seen and not at its rim. So something is there where a layer is moved, hidden or deleted
(reconstructed).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import MAX_SIDE, Canvas
from segmentation.filling import nearest
from segmentation.labels import UNLABELED, is_thing
from trecs.exchange.drawn import Drawn, Part
from trecs.exchange.names import name_of, numbered, parsed, unknown
from trecs.exchange.strokes import trace_picture

PICTURE, CANVAS, REGIONS, TRACE = "picture", "canvas", "regions", "trace"
OTHERS = frozenset((PICTURE, CANVAS, TRACE, "background"))  # are no regions where there's no group
RIM = 0.02  # of the longer side
OPAQUE = 128  # of 255, from which on a pixel belongs to its layer
MOST_LAYERS = 1_000
MOST_DEPTH = 20  # groups within groups
MOST_PIXELS = 2**27  # of all layers together
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, eq=False)
class Sheet:
    """A layer that goes out: `pixels` (h, w, 4) uint8 RGBA, whose corner is at `left`, `top`."""

    name: str
    pixels: NDArray[np.uint8]
    left: int = 0
    top: int = 0
    visible: bool = True


@dataclass(frozen=True, eq=False)
class Found:
    """A layer or group of a document that is read.

    `inside`: a group's, from bottom to top; None for a layer. `box`: left, top, width, height.
    `alpha`: gives its opacity, (height, width) uint8, when it is asked for.
    """

    name: str
    visible: bool
    inside: "tuple[Found, ...] | None" = None
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    alpha: Callable[[], NDArray[np.uint8]] = lambda: np.zeros((0, 0), np.uint8)


def region_sheets(drawn: Drawn) -> list[Sheet]:
    """A layer for each part of the canvas, from bottom to top."""
    parts = drawn.parts()
    return [_cut(part, _whole(part, drawn), drawn.image) for part in parts]


def other_sheets(drawn: Drawn) -> dict[str, Sheet]:
    """The layers beside the regions, by name; no trace where nothing was drawn."""
    sheets = {
        PICTURE: Sheet(PICTURE, _opaque(drawn.image)),
        CANVAS: Sheet(CANVAS, _opaque(drawn.canvas.picture()), visible=False),
    }
    if drawn.narrative.strokes:
        sheets[TRACE] = Sheet(TRACE, trace_picture(drawn.narrative, *drawn.size), visible=False)
    return sheets


def _whole(part: Part, drawn: Drawn) -> NDArray[np.bool_]:
    """A part with what lies beneath the parts above it."""
    labels, instances = drawn.canvas.label_map, drawn.canvas.instance_map
    things = np.isin(labels, [label for label in range(256) if is_thing(label)])
    if is_thing(part.label):
        shape = drawn.shapes.get(part.number)
        above = things & (instances > part.number)
        return part.mask if shape is None or not part.number else part.mask | (shape & above)
    stuff = ~things & (labels != UNLABELED)
    if part.label == UNLABELED or not things.any() or not stuff.any():
        return part.mask
    return part.mask | (things & (nearest(labels, stuff) == part.label))


def _cut(part: Part, whole: NDArray[np.bool_], image: NDArray[np.uint8]) -> Sheet:
    left, top, right, bottom = Part(part.label, part.number, whole).bounds
    window = slice(top, bottom), slice(left, right)
    pixels = _opaque(image[window])
    pixels[..., 3] = np.where(whole[window], 255, 0)
    if (hidden := (whole & ~part.mask)[window]).any():
        pixels[hidden, :3] = _spread(image, _inner(part.mask))[window][hidden]
    pixels[pixels[..., 3] == 0] = 0
    return Sheet(name_of(part.label, part.number), pixels, left, top)


def _inner(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask without its rim, where painters mix colours; all of one that is nothing but rim."""
    rim = round(RIM * max(mask.shape))
    kernel = np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)
    inner = cv2.erode(mask.astype(np.uint8), kernel).astype(bool)
    return inner if inner.any() else mask


def _spread(image: NDArray[np.uint8], known: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Each pixel's colour from the nearest known pixel, of which there is at least one."""
    _, owner = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_owner = np.zeros((int(owner.max()) + 1, 3), np.uint8)
    of_owner[owner[known]] = image[known]
    return np.asarray(of_owner[owner], np.uint8)


def _opaque(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


def check_size(height: int, width: int, called: str) -> None:
    """Raises InputError for a document that is larger than a canvas can be."""
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise InputError(
            f"{called} is {width}x{height} pixels; a canvas has 1 to {MAX_SIDE} a side. Scale it "
            "down."
        )


def canvas_of(found: Sequence[Found], height: int, width: int, called: str) -> Canvas:
    """The canvas that a document's layers, from bottom to top, show.

    What no region covers takes the nearest stuff; it is unlabeled where there is none. Raises
    InputError for names that are no labels, for no region at all, and for too many layers.
    """
    layers = [layer for layer in _regions(found) if layer.box[2] > 0 and layer.box[3] > 0]
    read = [parsed(layer.name) for layer in layers]
    wrong = [layer.name for layer, (label, _) in zip(layers, read, strict=True) if label is None]
    if wrong:
        otherwise = f"; or hide them, or move them out of the group '{REGIONS}'"
        raise unknown(wrong, called, "layers", otherwise)
    if (
        len(layers) > MOST_LAYERS
        or sum(w * h for *_, w, h in (x.box for x in layers)) > MOST_PIXELS
    ):
        raise InputError(
            f"{called} has more than {MOST_LAYERS:,} layers, or {MOST_PIXELS // 10**6} million "
            "pixels in them; merge layers of one label, or scale it down."
        )
    labels = [label for label, _ in read if label is not None]
    numbers = numbered(labels, [number for _, number in read])
    label_map = np.full((height, width), UNLABELED, np.uint8)
    instance_map = np.zeros((height, width), np.int32)
    covered = np.zeros((height, width), bool)
    for layer, label, number in zip(layers, labels, numbers, strict=True):
        mask = _placed(layer, height, width)
        label_map[mask], instance_map[mask] = label, number
        covered |= mask
    if not covered.any():
        raise InputError(
            f"{called} shows no region: expected a group '{REGIONS}' with a visible layer for "
            "each, named by its label, as the studio saves them."
        )
    stuff = covered & (instance_map == 0) & (label_map != UNLABELED)
    if stuff.any() and not covered.all():
        label_map = np.where(covered, label_map, nearest(label_map, stuff))
    return Canvas(label_map, instance_map)


def _regions(found: Sequence[Found]) -> list[Found]:
    """The visible layers of the group of regions, or without one those that are nothing else."""
    group = _group(found)
    if group is not None:
        return list(_visible((group,)))
    return [one for one in _visible(found) if one.name.strip().casefold() not in OTHERS]


def _group(found: Sequence[Found]) -> Found | None:
    for one in found:
        if one.inside is not None:
            if one.name.strip().casefold() == REGIONS:
                return one
            if within := _group(one.inside):
                return within
    return None


def _visible(found: Sequence[Found]) -> Iterator[Found]:
    for one in found:
        if one.visible and one.inside is not None:
            yield from _visible(one.inside)
        elif one.visible:
            yield one


def _placed(layer: Found, height: int, width: int) -> NDArray[np.bool_]:
    """Where a layer is opaque on the canvas, (height, width); what lies outside is cut off."""
    mask = np.zeros((height, width), bool)
    left, top, wide, tall = layer.box
    up, down, west, east = (
        max(top, 0),
        min(top + tall, height),
        max(left, 0),
        min(left + wide, width),
    )
    if up < down and west < east:
        alpha = layer.alpha()
        mask[up:down, west:east] = alpha[up - top : down - top, west - left : east - left] >= OPAQUE
    return mask
