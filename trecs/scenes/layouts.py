"""Fits the layout model: counting, and one expectation-maximisation for the kinds of scenes."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.families import USED_LABELS, relatives
from retrieval.layouts import (
    Floats,
    LayoutConfig,
    LayoutModel,
    LayoutStatistics,
    numbers_of,
    save,
)
from segmentation.labels import COUNT, UNLABELED, is_thing
from segmentation.masks import Box, common_area
from trecs.data.dataset import ANNOTATED, Dataset
from trecs.scenes.shape_data import Silhouette, photos_with_maps, silhouettes, stuff_map

SETS = (*ANNOTATED, "coco_more")  # which expect photos that were left out better than all sets do
LEAST_ACCURACY = 0.0  # of machine-made label maps; stricter ones leave out unusual photos
ITERATIONS = 40
PRESENT = 0.004  # share of the picture from which on a label counts as present
SMALLEST = 0.07  # longer side of a box, share of the picture's; people seldom trace less
ENOUGH_BOXES = 12  # labels with fewer boxes borrow their family's
PERSON = 0


def train(config: LayoutConfig, data: Path, out: Path, seed: int = 0) -> LayoutModel:
    """Fits the layout model to a data folder's training part and stores it in `out`.

    Raises InputError where the folder holds no label maps or no narratives.
    """
    save(model := fit(config, Dataset(data), seed), out)
    return model


def fit(
    config: LayoutConfig, dataset: Dataset, seed: int = 0, sets: Sequence[str] = SETS
) -> LayoutModel:
    """Fits the layout model to the training photos of some sets and the narratives.

    Raises InputError where there are no label maps or no narratives.
    """
    every = silhouettes(dataset, sets=sets, least_accuracy=LEAST_ACCURACY)
    found = [s for s in every if _longer_side(s.mask.box) >= SMALLEST]
    maps = _maps(dataset, sets, found)
    narratives = dataset.narratives("train")
    if not maps or not narratives:
        raise InputError(
            f"'{dataset.folder}' holds {len(maps)} label maps and {len(narratives)} narratives; "
            "the layout model needs both (`trecs data prepare` makes them from COCO)."
        )
    shown = np.zeros((len(maps) + len(narratives), COUNT), np.float32)
    for row, (label_map, _) in zip(shown, maps, strict=False):
        row[present(label_map)] = 1
    for row, narrative in zip(shown[len(maps) :], narratives, strict=True):
        row[np.unique(narrative.tags)] = 1

    kinds, presence = scene_kinds(shown, config.scene_kinds, np.random.default_rng(seed))
    frequency, together = co_occurrence(shown[: len(maps)])
    shares, means, spreads = _boxes(found, config.box_kinds, np.random.default_rng(seed))
    single = _of_single_things(dataset, sets, found)
    company, company_means, company_spreads = _company(single)
    statistics = LayoutStatistics(
        kinds=kinds,
        presence=presence,
        frequency=frequency,
        together=together,
        occupancy=_occupancy([label_map for label_map, _ in maps], config.grid),
        box_shares=shares,
        box_means=means,
        box_spreads=spreads,
        instances=_instances(single),
        support=_support(maps),
        company=company,
        company_means=company_means,
        company_spreads=company_spreads,
    )
    return LayoutModel(config, statistics)


def scene_kinds(
    sets: Floats, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A mixture of Bernoullis over label sets (N, L) of zeros and ones, by EM.

    Returns the shares (count,) and the chances (count, L); chances are smoothed towards the
    labels' overall frequency so that no label is impossible.
    """
    overall = sets.mean(0) + 1e-5
    chances = 0.5 * overall + 0.5 * sets[rng.choice(len(sets), count, replace=len(sets) < count)]
    shares = np.full(count, 1 / count)
    for _ in range(ITERATIONS):
        chances = chances.clip(1e-6, 1 - 1e-6)
        scores = sets @ np.log(chances).T + (1 - sets) @ np.log(1 - chances).T + np.log(shares)
        scores -= scores.max(1, keepdims=True)
        duty = np.exp(scores)
        duty /= duty.sum(1, keepdims=True)
        mass = duty.sum(0)
        shares = (mass + 1) / (mass + 1).sum()
        chances = (duty.T @ sets + overall) / (mass[:, None] + 1)
    return shares.astype(np.float32), chances.astype(np.float32)


def co_occurrence(sets: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How often labels are present (L,), and the log ratio of their meeting to chance (L, L)."""
    frequency = (sets.sum(0) + 0.1) / (len(sets) + 1)
    expected = np.outer(frequency, frequency) * len(sets)
    together = np.log((sets.T @ sets + 0.5) / (expected + 0.5))
    np.fill_diagonal(together, 0)
    return frequency.astype(np.float32), together.astype(np.float32)


def _maps(
    dataset: Dataset, sets: Sequence[str], found: list[Silhouette]
) -> list[tuple[NDArray[np.uint8], list[Silhouette]]]:
    """The training photos' label maps with their things."""
    things: dict[str, list[Silhouette]] = defaultdict(list)
    for silhouette in found:
        if is_thing(silhouette.label):
            things[silhouette.photo].append(silhouette)
    return [
        (photo.label_map(), things.get(f"{photo.source}/{photo.name}", []))
        for photo in photos_with_maps(dataset, sets=sets, least_accuracy=LEAST_ACCURACY)
    ]


def _of_single_things(
    dataset: Dataset, sets: Sequence[str], found: list[Silhouette]
) -> list[Silhouette]:
    """The things of the photos of which polygons tell every one."""
    photos = dataset.photos(held_back=False, sets=sets)
    things = {f"{photo.source}/{photo.name}": dataset.things_of(photo) for photo in photos}
    told = {name for name, some in things.items() if some is not None and not some.people_only}
    return [s for s in found if s.photo in told and is_thing(s.label)]


def present(label_map: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The labels that a picture shows enough of."""
    counts = np.bincount(label_map.ravel(), minlength=256)[:COUNT]
    return np.flatnonzero(counts > PRESENT * label_map.size)


def _occupancy(maps: Sequence[NDArray[np.uint8]], grid: int) -> NDArray[np.float32]:
    """How often each label covers each cell where it is present; the stuff behind things counts.

    One picture's worth of the family's mean is mixed in.
    """
    total, pictures = np.zeros((COUNT, grid, grid)), np.zeros(COUNT)
    for label_map in maps:
        filled = stuff_map(label_map)
        for label in present(label_map):
            full = (label_map if is_thing(int(label)) else filled) == label
            total[label] += cv2.resize(
                full.astype(np.float32), (grid, grid), interpolation=cv2.INTER_AREA
            )
            pictures[label] += 1
    means = np.zeros_like(total)
    for label in USED_LABELS:
        family = [label, *relatives(label)]
        prior = total[family].sum(0) / max(pictures[family].sum(), 1)
        means[label] = (total[label] + prior) / (pictures[label] + 1)
    return means.astype(np.float32)


def _boxes(
    found: list[Silhouette], kinds: int, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Clusters of each label's boxes by k-means: shares, means, standard deviations."""
    rows: dict[int, list[list[float]]] = defaultdict(list)
    for silhouette in found:
        rows[silhouette.label].append(numbers_of(silhouette.mask.box, scale_of(silhouette)))
    everything = np.array([row for group in rows.values() for row in group])
    shares = np.zeros((COUNT, kinds), np.float32)
    means, spreads = (np.zeros((COUNT, kinds, 4), np.float32) for _ in range(2))
    for label in range(COUNT):
        boxes = list(rows[label])
        if len(boxes) < ENOUGH_BOXES:
            boxes += [row for kin in relatives(label) for row in rows[kin]]
        points = np.array(boxes) if boxes else everything
        shares[label], means[label], spreads[label] = _clusters(points, kinds, rng)
    return shares, means, spreads


def scale_of(silhouette: Silhouette) -> tuple[float, float]:
    """What makes a thing's fractions comparable: its size in roots of the picture's area."""
    if not is_thing(silhouette.label):
        return 1.0, 1.0
    left, top, right, bottom = silhouette.mask.box
    picture_aspect = silhouette.aspect * (bottom - top) / (right - left)
    return picture_aspect**0.5, picture_aspect**-0.5


def _clusters(
    points: NDArray[np.float64], count: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """k-means in standardised units; empty clusters get share 0."""
    unit = points.std(0) + 1e-3
    centres = points[rng.choice(len(points), count, replace=len(points) < count)]
    nearest = np.zeros(len(points), int)
    for _ in range(20):
        gaps = np.square((points[:, None] - centres) / unit).sum(2)
        nearest = gaps.argmin(1)
        for i in np.unique(nearest):
            centres[i] = points[nearest == i].mean(0)
    sizes = np.bincount(nearest, minlength=count)
    floor = np.array([0.03, 0.02, 0.12, 0.12])
    spreads = np.stack([points[nearest == i].std(0) if sizes[i] else floor for i in range(count)])
    return sizes / sizes.sum(), centres, np.maximum(spreads, floor)


def _instances(found: list[Silhouette]) -> NDArray[np.float32]:
    """The mean number of things of a label in photos with polygons that show one, plus a prior."""
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for silhouette in found:
        counts[silhouette.photo, silhouette.label] += 1
    total, photos = np.ones(COUNT), np.ones(COUNT)
    for (_, label), count in counts.items():
        total[label] += count
        photos[label] += 1
    return (total / photos).astype(np.float32)


def _support(
    maps: Sequence[tuple[NDArray[np.uint8], list[Silhouette]]],
) -> NDArray[np.float32]:
    """What label lies just under each thing's foot, mixed with its family's habit."""
    counts = np.zeros((COUNT, COUNT))
    for label_map, things in maps:
        for thing in things:
            below = under_foot(label_map, thing)
            if len(below):
                counts[thing.label] += np.bincount(below, minlength=COUNT) / len(below)
    overall = (counts.sum(0) + 1e-6) / (counts.sum() + 1e-6 * COUNT)
    support = np.zeros_like(counts)
    for label in range(COUNT):
        family = counts[list(relatives(label))].sum(0)
        prior = (family + 2 * overall) / (family.sum() + 2)
        support[label] = (counts[label] + 2 * prior) / (counts[label].sum() + 2)
    return support.astype(np.float32)


def under_foot(label_map: NDArray[np.uint8], thing: Silhouette) -> NDArray[np.uint8]:
    """The other labels (N,) just under a thing's foot; none at the picture's edge."""
    height, width = label_map.shape
    left, _, right, bottom = thing.mask.box
    if bottom > 0.985:
        return np.zeros(0, np.uint8)
    row = min(int((bottom + 0.01) * height), height - 1)
    first, last = int((0.7 * left + 0.3 * right) * width), int((0.3 * left + 0.7 * right) * width)
    below = label_map[row, first : last + 1]
    return below[(below != UNLABELED) & (below != thing.label)]


def _company(
    found: list[Silhouette],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """How often each thing touches a person, and how its box then lies to that person's."""
    photos: dict[str, list[Silhouette]] = defaultdict(list)
    for silhouette in found:
        photos[silhouette.photo].append(silhouette)
    chances, means = np.zeros(COUNT, np.float32), np.zeros((COUNT, 4), np.float32)
    spreads = np.full((COUNT, 4), 0.2, np.float32)
    rows: dict[int, list[list[float]]] = defaultdict(list)
    alone: dict[int, int] = defaultdict(int)
    for things in photos.values():
        people = [thing for thing in things if thing.label == PERSON]
        for thing in things:
            if thing.label == PERSON or not people:
                continue
            overlap, person = max(
                ((common_area(thing.mask.box, p.mask.box), p) for p in people),
                key=lambda pair: pair[0],
            )
            if overlap > 0:
                x, foot, width, height = numbers_of(thing.mask.box, scale_of(thing))
                px, pfoot, _, pheight = numbers_of(person.mask.box, scale_of(person))
                tall = person.mask.box[3] - person.mask.box[1]
                rows[thing.label].append(
                    [abs(x - px) / tall, (foot - pfoot) / tall, width - pheight, height - pheight]
                )
            else:
                alone[thing.label] += 1
    for label, lying in rows.items():
        if len(lying) >= 3:
            chances[label] = len(lying) / (len(lying) + alone[label] + 2)
            means[label] = np.median(lying, 0)
            spreads[label] = np.std(lying, 0).clip(0.05, 0.4) * 0.7
    return chances, means, spreads


def _longer_side(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])
