"""In which numbering the pixels of label maps are: told by the things at hand.

COCO-Stuff's labels are numbered in several ways, and a map in another one reads as other labels
everywhere. Where things are annotated, their map must show them; so the numbering under which
maps and annotations agree is the one that is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.labels import COUNT, FIRST_STUFF, NEVER_IN_COCO, UNLABELED

FOREIGN = -1
SOME_THING = 254  # in a table: a thing, but not which
CERTAIN = 0.5  # agreement from which on a numbering may be taken that was not asked for
FITTING = 0.2  # agreement from which on a numbering may be the one that is meant
BETTER = 0.75  # what agrees less than so much of the best agreement is worse
CONFLICT = 0.8  # share of other things from which on maps and annotations are of different photos
ENOUGH = 32  # pixels of a label's things; fewer tell nothing


@dataclass(frozen=True, eq=False)
class Numbering:
    """A way to number labels.

    `called`: what users know it as. `table` (256,) int16: the value of the label that a pixel
    means, UNLABELED, SOME_THING, or FOREIGN for pixels that it does not have.
    """

    called: str
    table: NDArray[np.int16]

    @property
    def has_things(self) -> bool:
        """Whether it tells things apart."""
        return bool(((self.table >= 0) & (self.table < FIRST_STUFF)).any())

    def knows(self, pixels: NDArray[np.bool_]) -> bool:
        """Whether it has all of the pixels that occur, (256,) bool."""
        return not (self.table[pixels] == FOREIGN).any()

    def read(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pixels (H, W), all of which it knows, as values of labels."""
        return np.where(self.table == SOME_THING, UNLABELED, self.table).astype(np.uint8)[pixels]


def _numbering(called: str, pixels: Sequence[int], labels: Sequence[int]) -> Numbering:
    table = np.full(256, FOREIGN, np.int16)
    table[list(pixels)] = labels
    return Numbering(called, table)


_IN_COCO = [label for label in range(COUNT) if label not in NEVER_IN_COCO]
VALUES = _numbering(
    "COCO-Stuff's stuffthingmaps (0-181, 255 = unlabeled)",
    [*range(COUNT), 255],
    [*range(COUNT), UNLABELED],
)
PIXELMAPS = _numbering(
    "COCO's stuff pixel maps (92-182, 0 and 183 = no stuff)",
    [0, *range(FIRST_STUFF + 1, COUNT + 1), COUNT + 1],
    [SOME_THING, *range(FIRST_STUFF, COUNT), SOME_THING],
)
IDS = _numbering(
    "COCO-Stuff ids (1-182, 0 = unlabeled)",
    [0, *range(1, COUNT + 1), 255],
    [UNLABELED, *range(COUNT), UNLABELED],
)
TRAINED = _numbering(
    "the 171 labels in a row (0-170, 255 = unlabeled, as mmsegmentation has them)",
    [*range(len(_IN_COCO)), 255],
    [*_IN_COCO, UNLABELED],
)
EVERY = (VALUES, PIXELMAPS, IDS, TRAINED)


class Agreement:
    """How well maps agree with the things that are annotated in them, under each numbering."""

    def __init__(self) -> None:
        self._within = np.zeros((FIRST_STUFF, 256), np.int64)  # pixels in things of each label
        self._outside = np.zeros(256, np.int64)

    def add(
        self, pixels: NDArray[np.uint8], things: Sequence[tuple[int, NDArray[np.bool_]]]
    ) -> None:
        """Counts a map (H, W) and the labels and regions, (H, W) bool, of its photo's things."""
        elsewhere = np.ones(pixels.shape, bool)
        for label, region in things:
            self._within[label] += np.bincount(pixels[region], minlength=256)
            elsewhere &= ~region
        self._outside += np.bincount(pixels[elsewhere], minlength=256)

    def chosen(self, declared: Numbering, maps: Path) -> tuple[Numbering, str]:
        """The numbering to read maps in, and a note for the user where it is not the `declared`.

        Raises InputError where another fits better, but not surely, or where none fits.
        """
        seen = (self._within.sum(0) + self._outside) > 0
        known = declared.knows(seen)
        better: list[tuple[float, float, Numbering]] = []
        for one in EVERY:
            labels = self._telling(one, declared)
            if one is declared or not one.knows(seen) or not labels.any():
                continue
            fit, given = self._score(one, labels), self._score(declared, labels) * known
            if fit >= FITTING and given < BETTER * fit:
                better.append((fit, given, one))
        if better:
            fit, given, best = max(better, key=lambda found: found[0])
            told = (
                f"the maps in '{maps}' are numbered as {best.called}: so {fit:.0%} of what is "
                f"annotated agrees, as {declared.called} {given:.0%}"
            )
            rivals = [one for other, _, one in better if other >= BETTER * fit]
            if fit >= CERTAIN and all((r.table[seen] == best.table[seen]).all() for r in rivals):
                return best, told
            if known:
                raise InputError(f"It seems that {told}. Renumber them, or give other maps.")
        elif known and self._conflict(declared) > CONFLICT:
            raise InputError(
                f"The maps in '{maps}' show other things than the annotations do, as "
                f"{declared.called}. They are in a numbering that is not known here, or of other "
                "photos. Renumber them, or give other maps."
            )
        return declared, ""

    def _telling(self, one: Numbering, other: Numbering) -> NDArray[np.bool_]:
        """The labels that two numberings have apart, and of which enough is annotated, (91,)."""
        apart = (_right(one) != _right(other)).any(1)
        return np.asarray(apart & (self._within.sum(1) >= ENOUGH), bool)

    def _score(self, numbering: Numbering, labels: NDArray[np.bool_]) -> float:
        """Agreement, 0 to 1: the mean over some labels, less what the map has as things besides."""
        all_of, right = self._within.sum(1), (self._within * _right(numbering)).sum(1)
        things = _is_thing(numbering.table) | (numbering.table == SOME_THING)
        things[0] &= numbering.table[0] != SOME_THING  # or nothing
        beside = self._outside[things].sum()
        share = self._within.sum() / (self._within.sum() + beside)
        return float((right[labels] / all_of[labels]).mean() * share)

    def _conflict(self, numbering: Numbering) -> float:
        """The share of the annotated things' pixels that the map has as other things.

        As anything else, where it has things mostly beside those that are annotated.
        """
        things = _is_thing(numbering.table)
        beside = bool(self._outside[things].sum() > self._within.sum())
        other = (things | beside)[None] & ~_right(numbering)
        return float((self._within * other).sum() / max(self._within.sum(), ENOUGH))


def _right(numbering: Numbering) -> NDArray[np.bool_]:
    """Which pixels each label of a thing has, (91, 256)."""
    table = numbering.table[None]
    return np.asarray((table == np.arange(FIRST_STUFF)[:, None]) | (table == SOME_THING), bool)


def _is_thing(table: NDArray[np.int16]) -> NDArray[np.bool_]:
    return np.asarray((table >= 0) & (table < FIRST_STUFF), bool)
