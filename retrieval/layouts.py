"""The layout model: which labels share a picture, how many, where, how large and on what.

Reconstructed (the paper retrieves real scenes). All of it is statistics of label maps, polygons
and the label sets of narratives, small enough to read:

- *scenes* are a mixture of Bernoullis over label sets (a kitchen, a beach, a street, ...);
- *boxes* of each label are a few clusters of (centre, foot, log width, log height);
- *occupancy* says how often a label, where present, covers each cell of the picture;
- *support* says what lies under a thing's foot, *company* how a thing lies to a person it touches.

Things have sizes in units of the square root of the picture's area, so that they keep their
proportions on a square canvas; stuff has fractions of the picture's sides.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import load_config, load_tensors, save_weights
from segmentation.labels import COUNT, FIRST_STUFF, NEVER_IN_COCO, is_thing
from segmentation.masks import Box

KIND = "layout"
Floats = NDArray[np.float32]
MOST_THINGS = 7
MOST_STUFF = 6
MOST_INSTANCES = 8
HARDLY_EVER = -1.2  # log of the share of expected meetings under which labels exclude each other
STRANGE = 4.0  # what a label that is excluded loses, in units of the log chance
COVERED = 0.8  # of the picture that the stuff is expected to cover together


@dataclass(frozen=True)
class LayoutConfig:
    """The layout model's sizes."""

    scene_kinds: int = 48
    box_kinds: int = 6
    grid: int = 16

    @staticmethod
    def tiny() -> "LayoutConfig":
        """Fewer clusters, for tests."""
        return LayoutConfig(scene_kinds=3, box_kinds=2, grid=4)


@dataclass(frozen=True, eq=False)
class LayoutStatistics:
    """What the layout model knows; L = 182 labels, K scene kinds, B box kinds, G grid cells."""

    kinds: Floats  # (K,) shares of the scene kinds, sum 1
    presence: Floats  # (K, L) chance that a scene of that kind shows a label
    frequency: Floats  # (L,) chance that any label map shows it
    together: Floats  # (L, L) log P(both) - log P(one) P(other), over label maps
    occupancy: Floats  # (L, G, G) chance that it covers the cell where it is present
    box_shares: Floats  # (L, B) sum 1
    box_means: Floats  # (L, B, 4) centre x, foot y, log width, log height
    box_spreads: Floats  # (L, B, 4) standard deviations
    instances: Floats  # (L,) mean number of things where there are any
    support: Floats  # (L, L) chance that the second lies under the first one's foot
    company: Floats  # (L,) chance that it touches a person where there is one
    company_means: Floats  # (L, 4) offset x and foot in person heights, log size ratios
    company_spreads: Floats  # (L, 4)


class LayoutModel:
    """Samples label sets, counts and boxes."""

    def __init__(self, config: LayoutConfig, statistics: LayoutStatistics) -> None:
        self.config = config
        self.statistics = statistics

    def label_set(self, rng: np.random.Generator, label: int | None = None) -> list[int]:
        """The labels of one scene, things first; with `label` among them where one is given.

        A scene kind gives the core, stuff that goes with it is added until the picture is
        expected to be covered from top to bottom.
        """
        stats = self.statistics
        chances = stats.kinds.astype(np.float64)
        if label is not None:
            chances = chances * stats.presence[:, label]
        kind = rng.choice(len(chances), p=chances / chances.sum())
        core = set(np.flatnonzero(rng.random(COUNT) < stats.presence[kind]).tolist())
        core -= NEVER_IN_COCO
        if label is not None:
            core.add(label)
        agreeing = self._agreeing(core, stats.presence[kind], label)
        things = self._most_fitting([i for i in agreeing if is_thing(i)], MOST_THINGS, label, rng)
        stuff = self._most_fitting([i for i in agreeing if not is_thing(i)], MOST_STUFF, label, rng)
        return things + self._cover(things, stuff, rng)

    def completed(self, labels: list[int], rng: np.random.Generator) -> list[int]:
        """A given label set, things first, with the stuff that likely fills its picture."""
        things = [label for label in labels if is_thing(label)]
        return things + self._cover(things, [i for i in labels if not is_thing(i)], rng)

    def count(self, label: int, rng: np.random.Generator) -> int:
        """How many things of a label there are, at most MOST_INSTANCES; 1 for stuff."""
        if not is_thing(label):
            return 1
        mean = max(float(self.statistics.instances[label]), 1.0)
        return int(min(rng.geometric(1 / mean), MOST_INSTANCES))

    def boxes(self, label: int, count: int, rng: np.random.Generator) -> list[Box]:
        """Independent draws of a label's box; sides that nearly reach the picture's edge do."""
        stats = self.statistics
        kinds = rng.choice(stats.box_shares.shape[1], count, p=_sum_to_one(stats.box_shares[label]))
        drawn = stats.box_means[label, kinds] + stats.box_spreads[
            label, kinds
        ] * rng.standard_normal((count, 4)).clip(-2, 2)
        return [box_of(numbers, snap=not is_thing(label)) for numbers in drawn]

    def beside(self, label: int, person: Box, rng: np.random.Generator) -> Box:
        """A box for a thing that touches a person, such as a racket, a tie or a horse."""
        stats = self.statistics
        spread = stats.company_spreads[label] * rng.standard_normal(4).clip(-2, 2)
        offset_x, offset_foot, width_ratio, height_ratio = stats.company_means[label] + spread
        left, top, right, bottom = person
        height = bottom - top
        numbers = (
            (left + right) / 2 + (offset_x if rng.random() < 0.5 else -offset_x) * height,
            bottom + offset_foot * height,
            np.log(height) + width_ratio,
            np.log(height) + height_ratio,
        )
        return box_of(np.array(numbers), snap=False)

    def arrange(self, labels: list[int], rng: np.random.Generator) -> list[tuple[int, Box]]:
        """Boxes for a given label set, without regard to each other: a quick stand-in scene."""
        return [
            (label, box)
            for label in labels
            for box in self.boxes(label, self.count(label, rng), rng)
        ]

    def _agreeing(self, labels: set[int], chances: Floats, wanted: int | None) -> list[int]:
        """The labels without those that hardly ever share a picture with likelier ones."""
        kept: list[int] = []
        for label in sorted(labels, key=lambda i: (i != wanted, -chances[i], i)):
            if self._meet(label, kept):
                kept.append(label)
        return sorted(kept)

    def _meet(self, label: int, others: list[int]) -> bool:
        """Whether a label is met with each of the others often enough."""
        return bool(self.statistics.together[label, others].min(initial=0.0) > HARDLY_EVER)

    def _most_fitting(
        self, labels: list[int], most: int, wanted: int | None, rng: np.random.Generator
    ) -> list[int]:
        """At most `most` of the labels: the wanted one, then those that go with the others."""
        together = self.statistics.together
        while len(labels) > most:
            fit = [together[i, labels].sum() + rng.gumbel() for i in labels]
            worst = min(
                (i for i in range(len(labels)) if labels[i] != wanted), key=lambda i: fit[i]
            )
            labels = labels[:worst] + labels[worst + 1 :]
        return labels

    def _cover(self, things: list[int], stuff: list[int], rng: np.random.Generator) -> list[int]:
        """Adds stuff that goes with the labels until the picture is likely covered."""
        stats = self.statistics
        stuff = list(stuff)
        free = np.ones(stats.occupancy.shape[1:])
        for i in stuff:
            free = free * (1 - stats.occupancy[i])
        candidates = np.arange(FIRST_STUFF, COUNT)
        while len(stuff) < MOST_STUFF and 1 - free.mean() < COVERED:
            affinity = stats.together[candidates][:, things + stuff].sum(1)
            affinity /= max(len(things) + len(stuff), 1) ** 0.5
            gain = (stats.occupancy[candidates] * free).mean((1, 2))
            score = (
                np.log(stats.frequency[candidates] + 1e-6) + affinity + 2.5 * np.log(gain + 1e-6)
            )
            score[np.isin(candidates, stuff)] = -np.inf
            meets = [self._meet(int(i), things + stuff) for i in candidates]
            if any(meets):
                score[~np.array(meets)] -= STRANGE
            added = int(candidates[(score + rng.gumbel(size=len(score))).argmax()])
            stuff.append(added)
            free = free * (1 - stats.occupancy[added])
        return stuff


def box_of(numbers: NDArray[np.floating], *, snap: bool) -> Box:
    """The box of (centre x, foot y, log width, log height), cut to the picture.

    At least a fortieth of it wide and high; with `snap`, sides within a sixteenth of an edge
    move onto it.
    """
    width, height = np.exp(np.clip(numbers[2:], np.log(0.025), 0.2))
    left, right = numbers[0] - width / 2, numbers[0] + width / 2
    top, bottom = numbers[1] - height, numbers[1]
    reach = 1 / 16 if snap else 0.0
    left, top = (0.0 if low < reach else float(low) for low in (left, top))
    right, bottom = (1.0 if high > 1 - reach else float(high) for high in (right, bottom))
    left, top = min(left, 0.975), min(top, 0.975)
    return (left, top, max(right, left + 0.025), max(bottom, top + 0.025))


def numbers_of(box: Box, scale: tuple[float, float] = (1.0, 1.0)) -> list[float]:
    """The inverse of `box_of`; `scale` multiplies the width and the height."""
    left, top, right, bottom = box
    width, height = (right - left) * scale[0], (bottom - top) * scale[1]
    return [(left + right) / 2, bottom, float(np.log(width)), float(np.log(height))]


def save(model: LayoutModel, folder: Path) -> None:
    """Stores the statistics as float16."""
    import torch

    state = {
        field.name: torch.from_numpy(getattr(model.statistics, field.name)).half()
        for field in fields(LayoutStatistics)
    }
    save_weights(folder, KIND, model.config, state)


def load(folder: Path) -> LayoutModel:
    """Loads a layout model; raises InputError where the folder does not hold a whole one."""
    config = load_config(folder, KIND, LayoutConfig)
    state = load_tensors(folder)
    names = {field.name for field in fields(LayoutStatistics)}
    if set(state) != names:
        raise InputError(
            f"The statistics in '{folder}' lack {', '.join(sorted(names - set(state))) or 'none'} "
            "or have others; restore the file or train again with `trecs train shapes`."
        )
    return LayoutModel(
        config, LayoutStatistics(**{name: state[name].float().numpy() for name in names})
    )


def _sum_to_one(shares: Floats) -> NDArray[np.float64]:
    exact = shares.astype(np.float64)
    return exact / exact.sum()
