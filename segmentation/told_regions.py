"""Which pixels of a canvas somebody has told something of: from regions to a picture's pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.composition import Placement, instance_numbers
from segmentation.labels import is_thing

UNTOLD = 255
"""In a map of what is told: a pixel of which nothing is."""

MOST = 255


@dataclass(frozen=True, eq=False)
class ToldRegions:
    """`numbers`: (H, W) uint8, the place in what is told that each pixel has, UNTOLD for none."""

    numbers: NDArray[np.uint8]

    def padded(self, padding: int) -> Self:
        """With so many more pixels at its right and lower edges."""
        return replace(self, numbers=np.pad(self.numbers, (0, padding), mode="edge"))

    def resized(self, height: int, width: int) -> Self:
        """At another size, as a canvas is resized."""
        if self.numbers.shape == (height, width):
            return self
        rows = (np.arange(height) + 0.5) * self.numbers.shape[0] // height
        columns = (np.arange(width) + 0.5) * self.numbers.shape[1] // width
        return replace(self, numbers=self.numbers[np.ix_(rows.astype(int), columns.astype(int))])


def told_numbers(
    canvas: Canvas,
    labels: Sequence[int],
    told: Sequence[int],
    placements: Sequence[Placement] = (),
) -> NDArray[np.uint8]:
    """Where on a canvas the regions are of which something is told, (H, W) uint8.

    `labels`: of all regions. `told`: the numbers of those of which something is told, at most MOST;
    their places in it are what the pixels have, and UNTOLD all others. `placements`: those of which
    the canvas was composed, one for each region, before anything was painted. A thing's pixels are
    those of its instances; stuff's those of all of its label, save for what another region's mask
    has. Things that were painted since belong to the first region of their label that is told.
    """
    place = {number: at for at, number in enumerate(told)}
    numbers = np.full(canvas.label_map.shape, UNTOLD, np.uint8)
    instances = instance_numbers(placements)
    known = [number for some in instances for number in some]
    for label in dict.fromkeys(labels[number] for number in told):
        same = [number for number, other in enumerate(labels) if other == label]
        there = canvas.label_map == label
        first = next(number for number in same if number in place)
        free = ~np.isin(canvas.instance_map, known) if is_thing(label) and placements else True
        numbers[there & free] = place[first]
        for number in same if placements and (is_thing(label) or len(same) > 1) else ():
            if is_thing(label):
                inside = np.isin(canvas.instance_map, instances[number])
            else:
                inside = placements[number].mask.render(*canvas.label_map.shape)
            numbers[there & inside] = place.get(number, UNTOLD)
    return numbers
