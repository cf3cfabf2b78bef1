"""Whether pictures show what the text says, as an encoder of texts and pictures sees it."""

import numpy as np
from numpy.typing import NDArray

CANDIDATES = 100
"""Texts among which a picture's own must be the nearest: it and 99 of other photos."""


def visual_semantic_similarity(
    pictures: NDArray[np.floating], texts: NDArray[np.floating]
) -> NDArray[np.float64]:
    """The cosine of each picture's vector with its text's, (N,), -1 to 1.

    Both (N, D). The VS similarity of HDGAN (Zhang, Xie and Yang, CVPR 2018, section 4.2), whose
    encoder is trained with a pairwise ranking loss; values of different encoders do not compare.
    """
    return np.asarray((_unit(pictures) * _unit(texts)).sum(1))


def r_precision(
    pictures: NDArray[np.floating],
    texts: NDArray[np.floating],
    own: NDArray[np.integer],
    strangers: NDArray[np.integer],
) -> NDArray[np.bool_]:
    """Whether each picture is nearer to its own text than to all strangers, (N,) bool.

    `pictures` (N, D) and `texts` (T, D) are compared by cosine; `own` (N,) and `strangers` (N, K)
    are rows of `texts`. The mean is R-precision with R = 1 (Xu et al., AttnGAN, CVPR 2018, section
    4: one true text of 100). A tie is a miss, so that an encoder that sees nothing scores 0.
    """
    seen, told = _unit(pictures), _unit(texts)
    hits = np.zeros(len(seen), bool)
    for i, vector in enumerate(seen):
        hits[i] = told[own[i]] @ vector > (told[strangers[i]] @ vector).max()
    return hits


def draw_strangers(
    photos: NDArray[np.integer], own: NDArray[np.integer], seed: int = 0
) -> NDArray[np.intp]:
    """Texts of other photos to mistake each picture's own for, (N, K), the same for a seed.

    `photos` (T,): the photo that each text describes. `own` (N,): each picture's text. K is 99, or
    as many as every picture has where that is fewer; it may be 0.
    """
    rng = np.random.default_rng(seed)
    largest = int(np.unique(photos, return_counts=True)[1].max())
    count = min(CANDIDATES - 1, len(photos) - largest)
    drawn = np.zeros((len(own), count), np.intp)
    for i, text in enumerate(own):
        others = np.flatnonzero(photos != photos[text])
        drawn[i] = rng.choice(others, count, replace=False)
    return drawn


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, 1e-12))
