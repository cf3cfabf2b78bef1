"""Which pixels of a canvas are told which colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.colours import Lab, mean_of
from segmentation.composition import Placement, single_things
from segmentation.garments import PARTS, Part, covered
from segmentation.told_regions import MOST, UNTOLD, ToldRegions, told_numbers


@dataclass(frozen=True)
class Worn:
    """A garment whose colours are told: the `part` of its wearer that it covers, its `noun` if it
    has one, its `colours`, and their `names` where they are as said."""

    part: Part
    noun: str
    colours: tuple[Lab, ...]
    names: tuple[str, ...] = ()


class Coloured(Protocol):
    """A region, and the colours that it is told."""

    @property
    def label(self) -> int:
        """Its COCO-Stuff value."""

    @property
    def colours(self) -> tuple[Lab, ...]:
        """One, or several side by side; none where it is told none."""

    @property
    def worn(self) -> tuple[Worn, ...]:
        """What is worn by whom it shows; for things alone."""


@dataclass(frozen=True, eq=False)
class ToldColours(ToldRegions):
    """`colours`: those that are told, each one Lab colour, or several that it has side by side."""

    colours: tuple[tuple[Lab, ...], ...]

    @property
    def means(self) -> list[Lab]:
        """One colour for each, the mean of its own."""
        return [mean_of(colours) for colours in self.colours]


def told_colours(
    canvas: Canvas,
    regions: Sequence[Coloured],
    placements: Sequence[Placement] = (),
) -> ToldColours | None:
    """Where on a canvas which colours are told, see `told_numbers`; None where none are.

    What is worn lies on the rows of each wearer's whole mask that `covered` tells. Of more than
    MOST colours the first ones are told.
    """
    told = [number for number, region in enumerate(regions) if region.colours or region.worn][:MOST]
    if not told:
        return None
    places = told_numbers(canvas, [region.label for region in regions], told, placements)
    things = dict(enumerate((thing for _, thing in single_things(placements)), 1))
    wholes = {
        number: thing.mask.render(*canvas.label_map.shape)
        for number, thing in things.items()
        if any(regions[at].worn and regions[at].label == thing.label for at in told)
    }
    numbers = np.full_like(places, UNTOLD)
    colours: list[tuple[Lab, ...]] = []
    for place, region in enumerate(regions[number] for number in told):
        inside = places == place
        parts = sorted(region.worn, key=lambda worn: PARTS.index(worn.part))
        masks = [(inside, region.colours)] if region.colours else []
        masks += [(_worn(canvas, inside, one.part, wholes), one.colours) for one in parts]
        for mask, some in masks[: MOST - len(colours)]:
            numbers[mask] = len(colours)
            colours.append(some)
    return ToldColours(numbers, tuple(colours)) if (numbers != UNTOLD).any() else None


def _worn(
    canvas: Canvas,
    inside: NDArray[np.bool_],
    part: Part,
    wholes: Mapping[int, NDArray[np.bool_]],
) -> NDArray[np.bool_]:
    """Which pixels of things (H, W) a garment covers; `wholes`: also of what is hidden of them."""
    found = np.zeros_like(inside)
    for number in np.unique(canvas.instance_map[inside]):
        seen = inside & (canvas.instance_map == number)
        found |= seen & covered(wholes.get(int(number), seen), part)
    return found
