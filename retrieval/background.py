"""What is behind everything: the stuff that the retrieved scenes agree on.

The paper fills blank spots from the background of the best scene (section 2, no details). A vote
of the scenes fits the true label maps better than the best scene alone (reconstructed).
"""

from collections.abc import Sequence, Set

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.library import SceneLibrary
from segmentation.filling import nearest
from segmentation.labels import COUNT, FIRST_STUFF, value_of

VOTERS = 20  # scenes
LABELS = 12  # with the most votes stand in the final round
GRID = 32  # side of the ballot
_AS_STUFF = {value_of("dining-table"): value_of("table")}
"""Things that other scenes have as stuff: one that was drawn is not voted for again."""
SMOOTHING = 2.5  # of the votes, in cells of the grid


def background(
    library: SceneLibrary,
    scenes: Sequence[tuple[int, float]],
    labels: Sequence[int],
    size: int,
    denied: Set[int] = frozenset(),
) -> NDArray[np.uint8] | None:
    """The most voted stuff of every pixel, (size, size) uint8; None where no scene has stuff.

    `scenes`: (scene, similarity), best first, of which up to 20 vote; `labels`: those of the
    user's regions. A scene counts by its similarity and by how many of the labels it has.
    `denied`: labels that get no votes.
    """
    votes = np.zeros((COUNT - FIRST_STUFF, GRID, GRID), np.float32)
    wanted = set(labels)
    for scene, similarity in scenes[:VOTERS]:
        ballot = _stuff_of(library, scene)
        if ballot is None:
            continue
        present = {int(label) for label in library.labels[list(library.masks_of(scene))]}
        weight = (0.05 + max(similarity, 0.0)) * (0.1 + len(wanted & present) / max(len(wanted), 1))
        for label in np.unique(ballot):
            votes[label - FIRST_STUFF] += weight * (ballot == label)
    denied = {*denied, *(_AS_STUFF[label] for label in wanted if label in _AS_STUFF)}
    votes[[label - FIRST_STUFF for label in denied if label >= FIRST_STUFF]] = 0
    totals = votes.sum((1, 2))
    finalists = np.sort(np.argsort(-totals, kind="stable")[:LABELS])
    finalists = finalists[totals[finalists] > 0]
    if not len(finalists):
        return None
    smooth = [cv2.GaussianBlur(votes[i], (0, 0), SMOOTHING) for i in finalists]
    large = [cv2.resize(vote, (size, size), interpolation=cv2.INTER_LINEAR) for vote in smooth]
    return (finalists + FIRST_STUFF).astype(np.uint8)[np.argmax(np.stack(large), 0)]


def _stuff_of(library: SceneLibrary, scene: int) -> NDArray[np.uint8] | None:
    """A scene's stuff from its thumbnails, grown over gaps, (GRID, GRID); None without stuff."""
    label_map = np.zeros((GRID, GRID), np.uint8)
    for index in library.masks_of(scene):
        if library.labels[index] >= FIRST_STUFF:
            shape = library.coarse_mask(index).render(GRID, GRID)
            label_map[shape] = library.labels[index]
    known = label_map > 0
    return nearest(label_map, known) if known.any() else None
