"""Where on somebody's mask a garment is that is said to be worn.

Reconstructed: the rows were read off 2,200 training photos of one person whose caption names a
garment's colour, as those where that colour is found (`python -m benchmarks.garments`).
"""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Part = Literal["whole", "top", "bottom", "feet", "head"]
"""What a garment covers; those behind are worn above, or seen beside, those before."""

Posture = Literal["standing", "cut off", "wide"]

PARTS: tuple[Part, ...] = get_args(Part)
NARROW = 0.55  # of width over height, up to which all of a figure is seen though it meets the edge
ROWS: Mapping[Posture, Mapping[Part, tuple[float, float]]] = {
    "standing": {
        "whole": (0.15, 1.0),
        "top": (0.15, 0.56),
        "bottom": (0.54, 0.93),
        "feet": (0.9, 1.0),
        "head": (0.0, 0.14),
    },
    "cut off": {
        "whole": (0.25, 1.0),
        "top": (0.25, 1.0),
        "bottom": (0.62, 1.0),
        "feet": (0.9, 1.0),
        "head": (0.0, 0.25),
    },
    "wide": {
        "whole": (0.1, 1.0),
        "top": (0.15, 0.7),
        "bottom": (0.4, 0.95),
        "feet": (0.75, 1.0),
        "head": (0.0, 0.25),
    },
}
"""The first and last row of a garment, as shares of the height of whoever wears it."""


def posture_of(mask: NDArray[np.bool_]) -> Posture:
    """How somebody is seen in a mask (H, W), not empty; lying or crouching ones are wide."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    aspect = (np.ptp(columns) + 1) / (np.ptp(rows) + 1)
    if rows[-1] == len(mask) - 1 and aspect >= NARROW:
        return "cut off"
    return "standing" if aspect < 1 else "wide"


def covered(mask: NDArray[np.bool_], part: Part) -> NDArray[np.bool_]:
    """What of somebody's mask (H, W), not empty, a garment covers: at least one row."""
    rows = np.flatnonzero(mask.any(1))
    top, height = int(rows[0]), int(np.ptp(rows)) + 1
    first, last = ROWS[posture_of(mask)][part]
    begin = top + min(round(first * height), height - 1)
    end = max(top + round(last * height), begin + 1)
    inside = np.zeros_like(mask)
    inside[begin:end] = mask[begin:end]
    return inside
