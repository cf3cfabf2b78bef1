"""Groups: where a narrative says "people" or "two dogs", several silhouettes stand side by side.

The paper (section 2) takes one mask for a label's stretch of the trace. Stretched over a group it
is no silhouette any more, so a hull much wider than its label's things are is cut into upright
strips, one for each thing, which is an instance of its own on the canvas (reconstructed).
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MOST = 6  # silhouettes of a group at most
ROOM = 0.7  # of the usual width is enough for a thing that was named


def group_size(aspect: float, usual: float, named: int) -> int:
    """How many things a hull holds side by side, at least 1 and at most `named`.

    `aspect`: log(width / height) of the hull's box. `usual`: that of one thing. `named`: how many
    the words speak of.
    """
    room = float(np.exp(aspect - usual))
    most = min(named, MOST)
    return most if room >= ROOM * named else int(np.clip(round(room), 1, most))


def strips(hull: NDArray[np.float64], count: int) -> list[NDArray[np.float64]]:
    """A convex hull (H, 2) cut into `count` upright strips of equal width, from left to right.

    Each (K, 2), K >= 3 where the hull has an area.
    """
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
