"""Which pixels of a canvas are drawn by a seed of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from segmentation.canvas import Canvas
from segmentation.composition import Placement
from segmentation.told_regions import MOST, UNTOLD, ToldRegions, told_numbers


class Seeded(Protocol):
    """A region, and its seed."""

    @property
    def label(self) -> int:
        """Its COCO-Stuff value."""

    @property
    def seed(self) -> int | None:
        """Its own, or None where it has the picture's."""


@dataclass(frozen=True, eq=False)
class ToldSeeds(ToldRegions):
    """`seeds`: those that are told, one for each region that has one, also where two are alike."""

    seeds: tuple[int, ...]


def told_seeds(
    canvas: Canvas,
    regions: Sequence[Seeded],
    placements: Sequence[Placement] = (),
    labels: Mapping[int, int] | None = None,
) -> ToldSeeds | None:
    """Where on a canvas which seeds are told, see `told_numbers`; None where none are.

    `labels`: seeds of whole labels, by their values, for what belongs to no region: what was
    painted by hand, or filled in.
    """
    told = [number for number, region in enumerate(regions) if region.seed is not None][:MOST]
    own = [region.label for region in regions]
    numbers = told_numbers(canvas, own, told, placements)
    seeds = [seed for number in told if (seed := regions[number].seed) is not None]
    for label, seed in (labels or {}).items():
        there = canvas.label_map == label
        if label not in own and there.any() and len(seeds) < MOST:
            numbers[there] = len(seeds)
            seeds.append(seed)
    return ToldSeeds(numbers, tuple(seeds)) if np.any(numbers != UNTOLD) else None
