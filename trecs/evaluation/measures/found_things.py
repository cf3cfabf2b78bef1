"""Whether what a picture shows of each large thing is read as that thing."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.labels import FIRST_STUFF


class FoundThing(NamedTuple):
    """A thing of a canvas: its COCO-Stuff value, and how it was read.

    `share`: of its pixels, those that were read as its label. `first`: whether of all things more
    of its pixels were read as its label than as any other's, and some were.
    """

    label: int
    share: float
    first: bool


def found_things(canvas: Canvas, read: NDArray[np.uint8], least: float) -> Iterator[FoundThing]:
    """How a picture's label map (H, W) uint8 reads each large thing of the canvas it is drawn of.

    `least`: the share of the canvas that a thing must cover. What stuff is read inside a thing does
    not count against it: a lawn is seen between a horse's legs. Reconstructed, after Semantic
    Object Accuracy (Hinz et al., TPAMI 2020), which asks of whole pictures.
    """
    numbers, counts = np.unique(canvas.instance_map, return_counts=True)
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        if number == 0 or count < least * canvas.instance_map.size:
            continue
        inside = canvas.instance_map == number
        label = int(np.bincount(canvas.label_map[inside]).argmax())
        if label >= FIRST_STUFF:
            continue
        seen = np.bincount(read[inside], minlength=FIRST_STUFF)[:FIRST_STUFF]
        first = seen[label] > 0 and int(seen.argmax()) == label
        yield FoundThing(label, float(seen[label] / count), first)
