"""Groups: where a narrative says "people" or "two dogs", several silhouettes stand side by side.

The paper (section 2) takes one mask for a label's stretch of the trace. Stretched over a group it
is no silhouette any more, so a hull much wider than its label's things are is cut into upright
strips, one for each thing (reconstructed).
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MOST = 6  # things of a group whose number nobody named
ROOM = 0.7  # of the usual width is enough for a thing that was named


def group_size(hull: NDArray[np.float64], named: int, usual: float) -> int:
    """How many things a hull (H, 2) holds side by side, at least 1.

    `named`: how many the words speak of, at most so many. `usual`: log(width / height) of one.
    """
    width, height = np.maximum(np.ptp(hull, axis=0), 1e-3)
    room = float(width / height / np.exp(usual))
    if room >= ROOM * named:
        return named if named <= MOST else MOST
    return int(np.clip(round(room), 1, min(named, MOST)))


def strips(hull: NDArray[np.float64], count: int) -> list[NDArray[np.float64]]:
    """A convex hull (H, 2) cut into upright strips of equal width, from left to right."""
    edges = np.linspace(hull[:, 0].min(), hull[:, 0].max(), count + 1)
    return [_between(hull, left, right) for left, right in pairwise(edges)]


def _between(hull: NDArray[np.float64], left: float, right: float) -> NDArray[np.float64]:
    """The part of a convex hull between two x."""
    points = []
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        cuts = [0.0]
        for x in (left, right) if start[0] < end[0] else (right, left):
            if min(start[0], end[0]) < x < max(start[0], end[0]):
                cuts.append((x - start[0]) / (end[0] - start[0]))
        points += [start + cut * (end - start) for cut in cuts]
    inside = [p for p in points if left - 1e-9 <= p[0] <= right + 1e-9]
    return np.array(inside)
