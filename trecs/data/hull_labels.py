"""Hull labelling: a first label for every word of a narrative, from its trace and a label map.

TReCS, section 2.1: a phrase gets the most frequent label inside the convex hull of the trace
drawn while it was spoken. What a phrase is, is reconstructed: a word and what is drawn shortly
before and after it. The arc drawn during one short word alone seldom surrounds what it means.
"""

import numpy as np
from numpy.typing import NDArray

from segmentation.hulls import convex_hull
from segmentation.labels import UNLABELED
from segmentation.masks import fill_polygon
from trecs.narrative import Narrative

SIDE = 128  # pixels that a label map is thinned to; hulls are coarse
PHRASE_SECONDS = 0.4  # before and after a word: about a word's own time


def hull_labels(
    told: Narrative, label_map: NDArray[np.uint8], *, around: float = PHRASE_SECONDS
) -> NDArray[np.uint8] | None:
    """The labels of a narrative's words, (N,) uint8; None where no word has a labelled hull.

    `label_map` (H, W) uint8, 255 = unlabeled. `around`: seconds before and after each word that
    belong to it. A word during which nothing was drawn, or nothing that is labelled, has the label
    of the word before it, the first ones that of the next (reconstructed).
    """
    points = np.concatenate(told.strokes) if told.strokes else np.zeros((0, 3))
    points = points[np.argsort(points[:, 2], kind="stable")]
    thinned = label_map[:: -(-label_map.shape[0] // SIDE), :: -(-label_map.shape[1] // SIDE)]
    labels = np.full(len(told.words), UNLABELED, np.uint8)
    first = np.searchsorted(points[:, 2], [word.start - around for word in told.words])
    last = np.searchsorted(points[:, 2], [word.end + around for word in told.words], "right")
    for i, (start, stop) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        if start < stop:
            hull = convex_hull(points[start:stop, :2])
            labels[i] = _most_frequent(thinned[fill_polygon(hull, *thinned.shape)])
    known = np.flatnonzero(labels != UNLABELED)
    if not len(known):
        return None
    before = np.searchsorted(known, np.arange(len(labels)), side="right") - 1
    return labels[known[np.maximum(before, 0)]]


def _most_frequent(labels: NDArray[np.uint8]) -> int:
    counts = np.bincount(labels, minlength=256)[:UNLABELED]
    return int(counts.argmax()) if counts.any() else UNLABELED
