"""The best sequence of labels for many narratives at once, each among its own picture's labels.

TReCS, section 2.1: Viterbi decoding constrained to the labels that are present in the image.
Narratives of similar length are decoded together, padded to the longest.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BATCH = 256  # narratives decoded together
RULED_OUT = -1e9  # of a label that only fills up; less than any real sequence can lose


def decode(
    scores: Sequence[NDArray[np.floating]],
    transitions: NDArray[np.floating],
    allowed: Sequence[NDArray[np.integer]],
) -> list[NDArray[np.uint8]]:
    """The sequences of the greatest sum of scores, (N,) uint8 each.

    `scores`: for each narrative (N, K), N at least 1, of each word with each of its `allowed`
    labels (K,). `transitions` (C, C): the score of going from a label (row) to the next (column),
    labels being any numbers below C.
    """
    order = sorted(range(len(scores)), key=lambda i: scores[i].shape)
    found: dict[int, NDArray[np.uint8]] = {}
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        paths = _batch([scores[i] for i in some], transitions, [allowed[i] for i in some])
        found.update(zip(some, paths, strict=True))
    return [found[i] for i in range(len(scores))]


def _batch(
    scores: Sequence[NDArray[np.floating]],
    transitions: NDArray[np.floating],
    allowed: Sequence[NDArray[np.integer]],
) -> list[NDArray[np.uint8]]:
    count = len(scores)
    lengths = np.array([len(score) for score in scores])
    most = max(len(labels) for labels in allowed)
    labels = np.zeros((count, most), np.int64)
    emitted = np.full((int(lengths.max()), count, most), RULED_OUT)
    for i, (score, some) in enumerate(zip(scores, allowed, strict=True)):
        labels[i, : len(some)] = some
        emitted[: len(score), i, : len(some)] = score
    steps = transitions[labels[:, None, :], labels[:, :, None]]  # (B, to, from)
    best = emitted[0]  # (B, K): of all sequences that end in each label
    came_from = np.zeros(emitted.shape, np.int64)
    for t in range(1, len(emitted)):
        going = steps + best[:, None, :]  # (B, to, from)
        came_from[t] = going.argmax(2)
        longer = np.take_along_axis(going, came_from[t][:, :, None], 2)[:, :, 0] + emitted[t]
        best = np.where((t < lengths)[:, None], longer, best)
    paths = np.zeros((len(emitted), count), np.int64)
    at, rows = best.argmax(1), np.arange(count)
    for t in range(len(emitted) - 1, -1, -1):
        paths[t] = labels[rows, at]
        at = np.where(t < lengths, came_from[t, rows, at], at)
    return [paths[:length, i].astype(np.uint8) for i, length in enumerate(lengths.tolist())]
