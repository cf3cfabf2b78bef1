"""Temperature scaling (Guo et al., ICML 2017): probabilities that are as sure as they are right."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from trecs.tagging.lessons import Lesson
from trecs.tagging.tagger import Tagger


def best_temperature(logits: NDArray[np.float32], truth: NDArray[np.integer]) -> float:
    """By what to divide logits (N, C) so that the true labels (N,) are the likeliest.

    From 0.25 to 4; the logarithm of the likelihood is convex in 1 / temperature, so it is halved
    down to the minimum.
    """
    scores, labels = torch.from_numpy(logits).double(), torch.from_numpy(truth).long()
    low, high = 0.25, 4.0
    for _ in range(30):
        middle = torch.tensor((low + high) / 2, dtype=torch.double, requires_grad=True)
        F.cross_entropy(scores * middle, labels).backward()
        if middle.grad is not None and middle.grad > 0:
            high = middle.item()
        else:
            low = middle.item()
    return 2 / (low + high)


def cooled(tagger: Tagger, texts: Sequence[Lesson]) -> Tagger:
    """The tagger with its last layer divided by what makes it as sure as it is right on texts."""
    if texts:
        tags = tagger.tag_all([lesson.words for lesson in texts])
        logits = np.log(np.concatenate([some.probabilities for some in tags]) + 1e-12)
        truth = np.concatenate([lesson.tags for lesson in texts])
        temperature = best_temperature(logits, truth)
        for parameter in tagger.network.classify.parameters():
            parameter.data /= temperature
    return tagger
