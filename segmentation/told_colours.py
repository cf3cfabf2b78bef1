"""Which pixels of a canvas are told which colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from segmentation.canvas import Canvas
from segmentation.colours import Lab, mean_of
from segmentation.composition import Placement
from segmentation.told_regions import MOST, UNTOLD, ToldRegions, told_numbers


class Coloured(Protocol):
    """A region, and the colours that it is told."""

    @property
    def label(self) -> int:
        """Its COCO-Stuff value."""

    @property
    def colours(self) -> tuple[Lab, ...]:
        """One, or several side by side; none where it is told none."""


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
    """Where on a canvas which colours are told, see `told_numbers`; None where none are."""
    told = [number for number, region in enumerate(regions) if region.colours][:MOST]
    if not told:
        return None
    numbers = told_numbers(canvas, [region.label for region in regions], told, placements)
    colours = tuple(regions[number].colours for number in told)
    return ToldColours(numbers, colours) if (numbers != UNTOLD).any() else None
