"""Photos cut out by their masks and pasted on a canvas, edge to edge."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.library import SceneLibrary
from segmentation.labels import is_thing
from segmentation.masks import Box
from trecs.synthesis.collage.extending import extended
from trecs.synthesis.collage.sources import Part

CUT = {True: 1.2, False: 3.0}  # pixels at 256 that are cut off a mask, things' and stuff's
UNDER = 5.0  # pixels at 256 that a part goes on beneath its neighbours, for the edges to fade
Window = tuple[slice, slice]
EDGE = {True: 0.7, False: 1.6}  # spread in pixels at 256 of the edges


def pasted(
    parts: Sequence[Part],
    library: SceneLibrary,
    drawn: NDArray[np.float32] | None,
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """The parts side by side, (size, size, 3) in [0, 1].

    `drawn`: a picture of the canvas, of which those parts are taken that have no photo; it may be
    missing where all have one.
    """
    total = np.zeros((size, size, 3), np.float32)
    weights = np.full((size, size), 1e-6, np.float32)
    unit = size / 256
    for part in parts:
        window = _window(part, math.ceil(2 * UNDER * unit))
        if part.origin is not None:
            layer = layer_of(part, library, window, rng)
        else:
            assert drawn is not None
            layer = drawn[window]
        seen = part.seen[window]
        weight = seen.astype(np.float32)
        weight = cv2.GaussianBlur(weight, (0, 0), EDGE[is_thing(part.label)] * unit)
        weight[~_grown(seen, UNDER * unit)] = 0
        total[window] += weight[..., None] * layer
        weights[window] += weight
    return total / weights[..., None]


def layer_of(
    part: Part, library: SceneLibrary, window: Window, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A part's photo where it is seen and a little beyond, the window of it, (h, w, 3) in [0, 1].

    Of stuff all of the canvas should be the window, for it goes on with what lies anywhere.
    """
    assert part.origin is not None
    assert library.photos is not None
    origin, size, seen = part.origin, len(part.seen), part.seen[window]
    unit = size / 256
    own: Box = tuple(library.boxes[origin.mask].tolist())
    photo = library.photos.read(int(library.scene_of[origin.mask]))
    steps = (np.arange(size) + 0.5) / size
    x, y = origin.positions(own, *np.meshgrid(steps[window[1]], steps[window[0]]))
    layer = _sampled(photo, x, y)
    bitmap = library.mask(origin.mask).bitmap.astype(np.float32)
    u = (x - own[0]) / max(own[2] - own[0], 1e-6)
    v = (y - own[1]) / max(own[3] - own[1], 1e-6)
    inside = _at(bitmap, u, v) >= 0.5
    inside &= (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    if not inside.any():  # thinner than a pixel
        inside = seen
    known = _shrunk(inside, CUT[is_thing(part.label)] * unit)
    return extended(layer, known, _grown(seen, UNDER * unit), unit, rng)


def _window(part: Part, margin: int) -> Window:
    """The part of a canvas that a part is drawn in: about a thing, all for stuff."""
    if not is_thing(part.label):
        return (slice(None), slice(None))
    rows, columns = np.flatnonzero(part.seen.any(1)), np.flatnonzero(part.seen.any(0))
    return (
        slice(max(int(rows[0]) - margin, 0), int(rows[-1]) + margin + 1),
        slice(max(int(columns[0]) - margin, 0), int(columns[-1]) + margin + 1),
    )


def _sampled(
    photo: NDArray[np.uint8], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float32]:
    """A photo at places in fractions of it, (S, S, 3) in [0, 1]; shrunk before where it is finer.

    Beyond its edges it is mirrored.
    """
    height, width = photo.shape[:2]
    across = float(np.abs(np.diff(x, axis=1)).mean() * width)
    down = float(np.abs(np.diff(y, axis=0)).mean() * height)
    if max(across, down) > 1:
        sides = (max(round(width / max(across, 1)), 1), max(round(height / max(down, 1)), 1))
        photo = cv2.resize(photo, sides, interpolation=cv2.INTER_AREA).astype(np.uint8)
    colours = (photo / 255).astype(np.float32)
    return _at(colours, x, y, cv2.BORDER_REFLECT)


def _at(
    picture: NDArray[np.float32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    border: int = cv2.BORDER_CONSTANT,
) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    found: NDArray[np.float32] = cv2.remap(
        picture,
        (x * width - 0.5).astype(np.float32),
        (y * height - 0.5).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=border,
    )
    return found


def _grown(shape: NDArray[np.bool_], pixels: float) -> NDArray[np.bool_]:
    return cv2.distanceTransform((~shape).astype(np.uint8), cv2.DIST_L2, 5) <= pixels


def _shrunk(shape: NDArray[np.bool_], pixels: float) -> NDArray[np.bool_]:
    """What lies deeper in a shape; at least its middle."""
    depth = cv2.distanceTransform(shape.astype(np.uint8), cv2.DIST_L2, 5)
    return depth > min(pixels, 0.5 * float(depth.max()))
