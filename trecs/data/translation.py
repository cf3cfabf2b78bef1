"""IBM Model 1: how likely each label is to be spoken of by each word, P(w|c).

Brown et al., "The Mathematics of Statistical Machine Translation", 1993, section 4.1, as TReCS
(section 2.1) uses it: labels are the source language, words the target. The paper does not say
what a sentence is; here (reconstructed) a word's possible sources are the noisy labels of the
words at most a few places from it, for the hand is at times ahead of the voice, at times behind.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import COUNT

NEVER = 1e-300  # instead of a division of nothing by nothing


@dataclass(frozen=True, eq=False)
class Bitext:
    """The possible sources of every word: row by row a token and a label that it may come from.

    All (E,): `token`, the number of the word in the corpus; `word`, which word it is; `label`;
    `count`, how often the label stands near the token.
    """

    token: NDArray[np.int64]
    word: NDArray[np.int64]
    label: NDArray[np.int64]
    count: NDArray[np.float64]


def bitext(
    words: NDArray[np.int64],
    labels: NDArray[np.int64],
    narratives: NDArray[np.int64],
    *,
    radius: int,
) -> Bitext:
    """Pairs each word of a corpus with the labels of the words at most `radius` places away.

    `words`, `labels` and `narratives` (T,): each token's word, noisy label and narrative; the
    tokens of a narrative stand together.
    """
    keys = []
    for distance in range(-radius, radius + 1):
        token = np.arange(max(-distance, 0), len(words) - max(distance, 0))
        token = token[narratives[token] == narratives[token + distance]]
        keys.append(token * COUNT + labels[token + distance])
    pairs, count = np.unique(np.concatenate(keys), return_counts=True)
    token, label = np.divmod(pairs, COUNT)
    return Bitext(token, words[token], label, count.astype(np.float64))


def translation(pairs: Bitext, vocabulary: int, *, iterations: int) -> NDArray[np.float64]:
    """P(w|c) by expectation maximisation from even chances, (vocabulary, 182) float64.

    Each column of a label that occurs sums to 1, the others are 0.
    """
    kinds, kind = np.unique(pairs.word * COUNT + pairs.label, return_inverse=True)
    label_of_kind = kinds % COUNT
    chance = np.full(len(kinds), 1.0 / vocabulary)  # P(w|c) of each pair that occurs
    for _ in range(iterations):
        # Expectation: which of its possible labels a token comes from
        part = chance[kind] * pairs.count
        part /= np.maximum(np.bincount(pairs.token, part), NEVER)[pairs.token]
        # Maximisation: counts of pairs, normalised for each label
        expected = np.bincount(kind, part, len(kinds))
        chance = expected / np.maximum(np.bincount(label_of_kind, expected), NEVER)[label_of_kind]
    table = np.zeros((vocabulary, COUNT))
    table.ravel()[kinds] = chance
    return table
