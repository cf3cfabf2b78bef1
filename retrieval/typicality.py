"""How typical of its label a silhouette is, among all those of a library (reconstructed).

The mask that fits a trace best need not look like anything: the plumpest cat fills an ellipse. So
each silhouette is judged by a linear discriminant between labels: its features are the coverage of
its box in 8x8 cells, normal about each label's mean with one covariance for all, which is made
much rounder than it is. Things are told from things, stuff from stuff. The aspect ratio has no
say: the trace tells it.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.thumbnails import SIDE
from segmentation.labels import COUNT, FIRST_STUFF

CELLS = 8  # a side, of the coverage that is compared
ROUNDING = 3.0  # mean variances added to each direction's own
LEARNT_FROM = 500  # silhouettes of a label at most
FEW = 16  # so many silhouettes of a label tell half of what very many do
CHUNK = 1 << 16  # masks that are judged at a time


def typicality(thumbnails: NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """How many of its label each is at least as typical as, by their number, (M,) in (0, 1).

    Labels with few silhouettes say little, so that theirs are drawn towards a half.
    `thumbnails` (M, 9) in the order of a library's shelf; `starts` (COUNT + 1,): where each label
    begins on it.
    """
    labels = np.repeat(np.arange(COUNT), np.diff(starts))
    learnt = np.concatenate([_spread(a, b) for a, b in pairwise(starts)])
    slopes, offsets = _discriminant(_features(thumbnails[learnt]), labels[learnt])
    chances = np.zeros(len(labels), np.float32)
    for part in np.array_split(np.arange(len(labels)), -(-len(labels) // CHUNK)):
        scores = _features(thumbnails[part]) @ slopes + offsets  # (chunk, COUNT)
        own = labels[part]
        other_kind = (own[:, None] < FIRST_STUFF) != (np.arange(COUNT) < FIRST_STUFF)
        scores[other_kind] = -np.inf
        scores -= scores[np.arange(len(part)), own][:, None]
        chances[part] = -np.log(np.exp(np.minimum(scores, 80)).sum(1))
    return _shares(chances, starts)


def _spread(start: int, stop: int) -> NDArray[np.int64]:
    """At most LEARNT_FROM places from start to stop, evenly apart."""
    return np.unique(np.linspace(start, stop - 1, min(LEARNT_FROM, stop - start)).astype(np.int64))


def _features(thumbnails: NDArray[np.uint64]) -> NDArray[np.float32]:
    """The coverage of the cells of (N, 9) thumbnails, (N, CELLS * CELLS) in [0, 1]."""
    bits = np.unpackbits(thumbnails.view(np.uint8), axis=1)
    size = SIDE // CELLS
    cells = bits.reshape(-1, CELLS, size, CELLS, size).mean((2, 4), dtype=np.float32)
    return np.asarray(cells.reshape(len(thumbnails), -1))


def _discriminant(
    points: NDArray[np.float32], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slopes (F, COUNT) and offsets (COUNT,) of each label's log chance, -inf where it has none."""
    counts = np.bincount(labels, minlength=COUNT)
    sums = np.zeros((COUNT, points.shape[1]))
    np.add.at(sums, labels, points)
    means = sums / np.maximum(counts, 1)[:, None]
    weights = 1 / counts[labels]  # every label counts the same
    apart = points - means[labels]
    spread = (apart * weights[:, None]).T @ apart / weights.sum()
    spread += (ROUNDING * np.trace(spread) / len(spread) + 1e-6) * np.eye(len(spread))
    slopes = np.linalg.solve(spread, means.T)
    offsets = np.where(counts > 0, -0.5 * (slopes * means.T).sum(0), -np.inf)
    return slopes.astype(np.float32), offsets.astype(np.float32)


def _shares(values: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Each value's rank among those of its label, from 1, by their number; FEW more are a half."""
    shares = np.zeros(len(values), np.float32)
    for start, stop in pairwise(starts):
        own = values[start:stop]
        ranks = np.searchsorted(np.sort(own), own, "right")
        shares[start:stop] = (ranks + FEW / 2) / (len(own) + FEW)
    return shares
