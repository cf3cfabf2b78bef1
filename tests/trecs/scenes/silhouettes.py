"""Drawn silhouettes that stand for a data set's, for the tests of the shape model's training."""

import numpy as np
from numpy.typing import NDArray

from tests.retrieval.models import ellipses
from trecs.scenes.shape_data import ShapeSet


def drawn(count: int, labels: NDArray[np.uint8]) -> ShapeSet:
    """`count` bitten ellipses with the labels given, clear and free, each of its own photo."""
    return ShapeSet(
        bitmaps=ellipses(count, np.random.default_rng(0)),
        labels=labels,
        aspects=np.ones(count, np.float32),
        clear=np.ones(count, bool),
        free=np.ones(count, np.float32),
        photos=np.array([f"coco/{i}" for i in range(count)]),
        telling=np.zeros(count, bool),
    )
