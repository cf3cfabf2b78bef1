"""Label maps that somebody resized smoothly, which makes up labels along every edge.

Between tree (168) and road (148) interpolation writes 158 and 153: labels of other things. A map
is recognised by that: of the pixels where its values change, many lie strictly between those on
both sides, and have values that are nowhere the label of an area.
"""

import numpy as np
from numpy.typing import NDArray

LEAST_SHARE = 0.1  # of the places where values change; true maps have at most half as many
LEAST_PIXELS = 8
LEAST_FLAT = 0.25  # of all pixels have a value of some area: noise has no areas


def is_interpolated(values: NDArray[np.uint8]) -> bool:
    """Whether a label map (H, W) was resized with interpolation (reconstructed)."""
    if min(values.shape) < 3:
        return False
    middle = values[1:-1, 1:-1]
    flat = np.ones(middle.shape, bool)
    for rows in (slice(0, -2), slice(1, -1), slice(2, None)):
        for columns in (slice(0, -2), slice(1, -1), slice(2, None)):
            flat &= values[rows, columns] == middle
    of_areas = np.zeros(256, bool)
    of_areas[middle[flat]] = True
    stray = ~of_areas[middle]
    if stray.mean() > 1 - LEAST_FLAT:
        return False
    changes = np.zeros(middle.shape, bool)
    between = np.zeros(middle.shape, bool)
    for before, after in (
        (values[1:-1, :-2], values[1:-1, 2:]),
        (values[:-2, 1:-1], values[2:, 1:-1]),
    ):
        low, high = np.minimum(before, after), np.maximum(before, after)
        changes |= low != high
        between |= (low < middle) & (middle < high)
    made_up = int((between & stray).sum())
    return made_up >= LEAST_PIXELS and made_up >= LEAST_SHARE * int(changes.sum())
