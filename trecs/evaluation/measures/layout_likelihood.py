"""How well a layout model expects what a picture shows: negative log likelihoods, in nats."""

import numpy as np
from numpy.typing import NDArray

from retrieval.layouts import LayoutStatistics

LEAST_CHANCE = 1e-4  # of what a model deems impossible
LEAST_COVER = 0.005  # the same for the cells of a map


def of_label_set(model: LayoutStatistics, shown: NDArray[np.bool_]) -> float:
    """Of exactly these labels in a picture: `shown` (L,), which of them it shows."""
    chances = model.presence.astype(np.float64).clip(LEAST_CHANCE, 1 - LEAST_CHANCE)  # (K, L)
    each = np.where(shown, np.log(chances), np.log(1 - chances)).sum(1)
    return -float(np.logaddexp.reduce(each + np.log(model.kinds.astype(np.float64))))


def of_map(model: LayoutStatistics, label: int, covered: NDArray[np.floating]) -> float:
    """Of a cell of a label that the picture shows: `covered` (G, G), its share of each cell."""
    chances = model.occupancy[label].astype(np.float64).clip(LEAST_COVER, 1 - LEAST_COVER)
    return -float((covered * np.log(chances) + (1 - covered) * np.log(1 - chances)).mean())


def of_box(model: LayoutStatistics, label: int, numbers: NDArray[np.floating]) -> float:
    """Of a label's box, (4,) as `retrieval.layouts.numbers_of` gives it: a density."""
    means, spreads, shares = (
        values[label].astype(np.float64)
        for values in (model.box_means, model.box_spreads, model.box_shares)
    )
    gaps = (numbers - means) / spreads  # (B, 4)
    each = -(0.5 * gaps**2 + np.log(spreads) + 0.5 * np.log(2 * np.pi)).sum(1)
    return -float(np.logaddexp.reduce(each + np.log(shares.clip(LEAST_CHANCE))))


def of_ground(model: LayoutStatistics, label: int, below: NDArray[np.uint8]) -> float:
    """Of what lies under a thing's foot: `below` (N,) labels, a mean."""
    chances = model.support[label, below].astype(np.float64)
    return -float(np.log(chances.clip(LEAST_CHANCE)).mean())
