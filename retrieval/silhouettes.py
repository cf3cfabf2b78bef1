"""The region of an annotation in its photo, from COCO's polygons or run lengths."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from files.errors import InputError
from segmentation.masks import check_code, decode

MAX_SIDE = 10_000  # pixels
WHY = {
    "points": "with an outline of fewer than three points or an odd count of numbers",
    "none": "without an outline",
    "runs": "with run lengths that do not fit the photo",
    "damaged": "with an outline that cannot be read",
}
"""Why an outline is left out, in words that many can share."""


class BadOutline(InputError):
    """An outline that cannot be used; `why` is one of the reasons in WHY."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = WHY[why]


def read_outline(shape: Any, height: int, width: int) -> list[Any] | dict[str, Any]:
    """A `segmentation` as it is used: polygons, each a flat row of numbers, or run lengths.

    What is fine is given back as it is. Raises BadOutline for what cannot be used: pycocotools
    itself would read or write beyond the photo.
    """
    try:
        if isinstance(shape, dict):
            _check_runs(shape, height, width)
            return shape
        if not isinstance(shape, list) or not shape:
            raise BadOutline("none", "it has no segmentation (polygons or run lengths)")
        if isinstance(shape[0], int | float):
            shape = [shape]
        read = [_polygon(polygon) for polygon in shape]
        return shape if all(map(_is, read, shape)) else read
    except BadOutline:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        raise BadOutline(
            "damaged",
            f"its segmentation is damaged ({type(error).__name__}: {error}); expected COCO's "
            "polygons or run lengths",
        ) from error


def silhouette(annotation: Mapping[str, Any], height: int, width: int) -> NDArray[np.bool_]:
    """The region of an annotation that was read, in its photo, (height, width) bool."""
    shape = annotation["segmentation"]
    if isinstance(shape, list):
        polygons = [
            np.clip(np.asarray(p, np.float64), -MAX_SIDE, 2 * MAX_SIDE).tolist() for p in shape
        ]
        codes = coco.frPyObjects(polygons, height, width)
        return coco.decode(coco.merge(codes)).astype(bool)
    counts = shape["counts"]
    if isinstance(counts, str):
        return decode(counts.encode("ascii"), height, width)
    runs = np.asarray(counts, np.float64).astype(np.int64)
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(width, height).T


def _polygon(given: Any) -> Any:
    numbers = np.asarray(given)
    plain = numbers.ndim == 1 and numbers.dtype.kind in "fi"
    points = numbers if plain else numbers.astype(np.float64).ravel()
    if len(points) < 6 or len(points) % 2:
        raise BadOutline(
            "points",
            f"its outline has {len(points)} numbers; a polygon needs three or more x, y pairs",
        )
    if numbers.dtype.kind == "b" or not np.isfinite(points.sum()):
        raise ValueError("coordinates that are no finite numbers")
    return given if plain else points.tolist()


def _is(read: Any, given: Any) -> bool:
    return read is given


def _check_runs(shape: Mapping[str, Any], height: int, width: int) -> None:
    if [float(side) for side in shape["size"]] != [height, width]:
        raise BadOutline(
            "runs", f"the size of its run lengths is {shape['size']}, the photo's {[height, width]}"
        )
    try:
        if isinstance(shape["counts"], str):
            check_code(shape["counts"].encode("ascii"), height, width)
            return
        runs = np.asarray(shape["counts"], np.float64)  # whose sums do not wrap round
        whole = runs.ndim == 1 and bool((runs >= 0).all() and (np.floor(runs) == runs).all())
        if not whole or runs.sum() != height * width:
            raise ValueError("they do not add up to the photo's pixels")
    except ValueError as error:
        raise BadOutline("runs", f"its run lengths cannot be used: {error}") from error
