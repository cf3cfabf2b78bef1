"""How sure a measure is: bootstrap intervals over photos.

Pictures of one photo (several narratives, several seeds) are alike, so whole photos are drawn with
replacement, each with all its pictures (Efron and Tibshirani, 1993, section 8.3).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 1 << 22  # numbers drawn together, so that memory stays flat
SET_DRAWS = 40
NORMAL = 1.959964  # standard deviations of a normal distribution round 95 % of it


def bootstrap_interval(
    values: Sequence[float] | NDArray[np.floating],
    *,
    groups: NDArray[np.integer] | None = None,
    weights: NDArray[np.floating] | None = None,
    share: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """The interval in which the mean of `values` (N,) lies in `share` of the resampled sets.

    `groups` (N,): values of one number are drawn together; each by itself without. `weights`
    (N,), of a weighted mean: at least 0, and above 0 somewhere in each group.
    """
    each = np.asarray(values, np.float64)
    heavy = np.ones(len(each)) if weights is None else np.asarray(weights, np.float64)
    members = np.unique(np.arange(len(each)) if groups is None else groups, return_inverse=True)[1]
    sums, counts = np.bincount(members, each * heavy), np.bincount(members, heavy)
    rng = np.random.default_rng(seed)
    rows = max(AT_ONCE // len(sums), 1)
    means: list[float] = []
    for start in range(0, draws, rows):
        picks = rng.integers(len(sums), size=(min(rows, draws - start), len(sums)))
        means.extend(sums[picks].sum(1) / counts[picks].sum(1))
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def set_interval(
    statistic: Callable[[np.random.Generator], float],
    estimate: float,
    *,
    draws: int = SET_DRAWS,
    seed: int = 0,
) -> tuple[float, float]:
    """A 95 % interval of what is measured of a set as a whole, such as FID.

    `statistic` draws photos with replacement, as `resampled` does, and measures that set.
    Repeated photos make a set look less varied than it is, which moves FID up and the Inception
    Score down; so only the spread of the resampled values is used: the interval is `estimate`,
    that of the whole set, and 1.96 of their standard deviations either way (reconstructed; no
    source bootstraps these). Values that are no number do not count; the interval is (nan, nan)
    where fewer than two are.
    """
    rng = np.random.default_rng(seed)
    values = np.array([statistic(rng) for _ in range(draws)])
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return float("nan"), float("nan")
    reach = NORMAL * float(values.std(ddof=1))
    return estimate - reach, estimate + reach


def resampled(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """So many numbers of 0 to count - 1, drawn with replacement."""
    return rng.integers(count, size=count)
