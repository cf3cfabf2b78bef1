"""Semantic Object Accuracy: does a detector find what the text names?"""

import numpy as np
from numpy.typing import NDArray


def semantic_object_accuracy(
    named: NDArray[np.integer], found: NDArray[np.integer]
) -> tuple[float, float]:
    """SOA-C and SOA-I, both 0 to 1 (Hinz, Heinrich and Wermter, TPAMI 2020, section 4.1).

    `named` (N, L): how many texts of each picture or group of pictures name each label; `found`
    (N, L): in how many of those pictures the detector finds it. SOA-C is the mean over labels of
    the share found; SOA-I is the share over all names, so that frequent labels count for more.
    Both are nan where nothing is named.
    """
    said, seen = named.sum(0).astype(np.float64), found.sum(0).astype(np.float64)
    if not said.any():
        return float("nan"), float("nan")
    present = said > 0
    return float((seen[present] / said[present]).mean()), float(seen.sum() / said.sum())
