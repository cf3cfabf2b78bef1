"""From what was seen in the pictures of a system to its measures, each with its interval."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trecs.evaluation.looking import Seen
from trecs.evaluation.measures.bootstrap import bootstrap_interval, resampled, set_interval
from trecs.evaluation.measures.frechet import frechet_distance
from trecs.evaluation.measures.inception_score import inception_score
from trecs.evaluation.measures.object_accuracy import semantic_object_accuracy
from trecs.evaluation.measures.resegmentation import segmentation_scores
from trecs.evaluation.measures.text_match import (
    draw_strangers,
    r_precision,
    visual_semantic_similarity,
)

NAN = float("nan")
SPLITS, ENOUGH_FOR_SPLITS = 10, 1000
"""The Inception Score is the mean of ten parts where there are so many pictures, else of one."""


@dataclass(frozen=True)
class Estimate:
    """A measure over `count` pictures, and its 95 % interval."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, eq=False)
class Texts:
    """All texts: `photos` (T,), the photo of each, and their vectors (T, D) by each encoder."""

    photos: NDArray[np.integer]
    damsm: NDArray[np.floating] | None = None
    encoder: NDArray[np.floating] | None = None


def splits(count: int) -> int:
    """In how many parts the Inception Score of so many pictures is taken."""
    return SPLITS if count >= ENOUGH_FOR_SPLITS else 1


def estimates(
    seen: Seen, real: NDArray[np.float32] | None, texts: Texts, prefix: str
) -> dict[str, Estimate]:
    """All measures that what was seen allows, by their titles.

    `real` (P, D): the features of the real photos, where there are any. `prefix`: of the measures
    that look through other eyes than Inception's. Infinite ones, of equal pictures, are left out.
    """
    if not seen.photos:
        return {}
    found = {**_of_sets(seen, real, prefix), **_of_texts(seen, texts), **_of_labels(seen)}
    groups = np.array(seen.photos)
    for title, values in (
        ("SSIM", seen.ssim),
        ("PSNR", seen.psnr),
        ("ST-LPIPS", seen.lpips),
        ("canvas mIoU", seen.canvas_iou),
    ):
        found[title] = _mean(np.array(values), groups)
    found["tag accuracy"] = _mean(np.array(seen.tagged), groups, np.array(seen.words))
    return {title: estimate for title, estimate in found.items() if np.isfinite(estimate.value)}


def _of_sets(seen: Seen, real: NDArray[np.float32] | None, prefix: str) -> dict[str, Estimate]:
    """What is measured of the pictures as a set: Inception Score and FID."""
    if len(seen.features) < 2:
        return {}
    features, classes = np.stack(seen.features), np.stack(seen.probabilities)
    rows, parts = _rows_by_photo(seen.photos), splits(len(classes))

    def pictures(rng: np.random.Generator) -> NDArray[np.intp]:
        return np.concatenate([rows[i] for i in resampled(len(rows), rng)])

    def score(rng: np.random.Generator) -> float:
        return inception_score(classes[pictures(rng)], parts)[0]

    value = inception_score(classes, parts)[0]
    found = {f"{prefix}IS": Estimate(value, *set_interval(score, value), len(classes))}
    if real is not None and len(real) > 1:

        def distance(rng: np.random.Generator) -> float:
            return frechet_distance(features[pictures(rng)], real[resampled(len(real), rng)])

        value = frechet_distance(features, real)
        found[f"{prefix}FID"] = Estimate(value, *set_interval(distance, value), len(features))
    return found


def _of_texts(seen: Seen, texts: Texts) -> dict[str, Estimate]:
    """R-precision by both encoders, and visual-semantic similarity by the independent one."""
    own, groups = np.array(seen.texts), np.array(seen.photos)
    strangers = draw_strangers(texts.photos, own)
    found = {}
    for who, vectors, told in (
        ("DAMSM", seen.damsm, texts.damsm),
        ("independent", seen.encoder, texts.encoder),
    ):
        if told is not None and vectors:
            pictures = np.stack(vectors)
            if strangers.shape[1]:
                hits = r_precision(pictures, told, own, strangers)
                found[f"R-precision ({who})"] = _mean(hits.astype(np.float64), groups)
            if who == "independent":
                similarity = visual_semantic_similarity(pictures, told[own])
                found["VS similarity"] = _mean(similarity, groups)
    return found


def _of_labels(seen: Seen) -> dict[str, Estimate]:
    """Semantic Object Accuracy, and mean IoU and accuracy of re-segmentation."""
    found: dict[str, Estimate] = {}
    if seen.named:
        named, hits = _summed(seen.named, seen.photos), _summed(seen.found, seen.photos)
        found |= _pooled(
            ("SOA-C", "SOA-I"),
            lambda picks: semantic_object_accuracy(named[picks], hits[picks]),
            len(named),
            sum(int(row.any()) for row in seen.named),
        )
    if seen.overlaps:
        overlaps = _summed(seen.overlaps, seen.photos)
        found |= _pooled(
            ("re-segmented mIoU", "re-segmented accuracy"),
            lambda picks: segmentation_scores(overlaps[picks]),
            len(overlaps),
            sum(int(row.any()) for row in seen.overlaps),
        )
    return found


def _pooled(
    titles: tuple[str, str],
    statistic: Callable[[NDArray[np.int64]], tuple[float, float]],
    photos: int,
    count: int,
) -> dict[str, Estimate]:
    """Two measures of all photos together, with the intervals that resampled photos give."""
    found = {}
    for i, (title, value) in enumerate(zip(titles, statistic(np.arange(photos)), strict=True)):

        def measured(rng: np.random.Generator, i: int = i) -> float:
            return statistic(resampled(photos, rng))[i]

        found[title] = Estimate(value, *set_interval(measured, value), count)
    return found


def _mean(
    values: NDArray[np.float64],
    groups: NDArray[np.integer],
    weights: NDArray[np.integer] | None = None,
) -> Estimate:
    """The mean of the values that are numbers; not a number where none is."""
    there = ~np.isnan(values)
    if not there.any():
        return Estimate(NAN, NAN, NAN, 0)
    kept, heavy = values[there], None if weights is None else weights[there].astype(np.float64)
    interval = bootstrap_interval(kept, groups=groups[there], weights=heavy)
    return Estimate(float(np.average(kept, weights=heavy)), *interval, int(there.sum()))


def _rows_by_photo(photos: list[int]) -> list[NDArray[np.intp]]:
    """The rows of each photo."""
    members = np.unique(photos, return_inverse=True)[1]
    order = np.argsort(members, kind="stable")
    return np.split(order, np.cumsum(np.bincount(members))[:-1])


def _summed(rows: Sequence[NDArray[np.integer]], photos: list[int]) -> NDArray[np.int64]:
    """The sums of the rows of each photo, (P, ...)."""
    members = np.unique(photos, return_inverse=True)[1]
    sums = np.zeros((int(members.max()) + 1, *rows[0].shape), np.int64)
    for member, row in zip(members, rows, strict=True):
        sums[member] += row
    return sums
