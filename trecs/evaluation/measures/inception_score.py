"""Inception Score: sure of each picture, and of something else in every one."""

import numpy as np
from numpy.typing import NDArray


def inception_score(probabilities: NDArray[np.floating], splits: int = 10) -> tuple[float, float]:
    """exp(E[KL(p(y|x) || p(y))]), the mean and the standard deviation over `splits`.

    `probabilities` (N, C): of the classes that a network sees in each picture, rows of sum 1, N at
    least `splits`. From 1 to C, higher is better (Salimans et al., NeurIPS 2016, section 4). The
    pictures are split in their order.
    """
    scores = []
    for i in range(splits):
        part = probabilities[
            i * len(probabilities) // splits : (i + 1) * len(probabilities) // splits
        ]
        scores.append(_score(part.astype(np.float64)))
    return float(np.mean(scores)), float(np.std(scores))


def _score(p: NDArray[np.float64]) -> float:
    # E[KL] is the entropy of the mean less the mean of the entropies.
    return float(np.exp(_entropy(p.mean(0)) - _entropy(p).mean()))


def _entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """-sum p log p over the last axis; classes of probability 0 count nothing."""
    surprise: NDArray[np.float64] = np.log(p, out=np.zeros_like(p), where=p > 0)
    return np.asarray(-(p * surprise).sum(-1))
