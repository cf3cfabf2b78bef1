"""What a pipeline of GLIGEN is told of places: phrases, each with a box.

GLIGEN (Li et al., CVPR 2023) takes phrases with boxes beside the prompt, at most MOST of them. What
they are here is reconstructed: each thing of the canvas, and each region of stuff, by the words
that name it, and the box around what is seen of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.composition import Placement
from segmentation.labels import UNLABELED
from segmentation.masks import Box, box_of
from segmentation.told_regions import MOST as MOST_REGIONS
from segmentation.told_regions import UNTOLD, told_numbers
from trecs.narrative import Narrative
from trecs.synthesis.diffusion.prompt import phrase_around, recoloured, spoken, tidy
from trecs.text.said import Said

MOST = 30  # boxes that a pipeline takes; it drops others
CRUMB = 0.002  # of the canvas: what is seen less of is not told


class Named(Protocol):
    """A region: its label, and its words, `words[start:stop]` of a narrative."""

    @property
    def label(self) -> int:
        """Its COCO-Stuff value."""

    @property
    def start(self) -> int:
        """Its first word."""

    @property
    def stop(self) -> int:
        """One behind its last word; as `start` where it has none."""


@dataclass(frozen=True)
class Grounding:
    """Phrases and their boxes, the largest first: left, top, right, bottom in fractions."""

    phrases: tuple[str, ...] = ()
    boxes: tuple[Box, ...] = ()

    @classmethod
    def of_canvas(cls, canvas: Canvas) -> "Grounding":
        """That of a canvas without words: each thing and each stuff by its label's name."""
        return cls._of(canvas, np.full(canvas.label_map.shape, UNTOLD, np.uint8), ())

    @classmethod
    def of(
        cls,
        narrative: Narrative,
        said: Said,
        canvas: Canvas,
        regions: Sequence[Named],
        placements: Sequence[Placement] = (),
    ) -> "Grounding":
        """That of a narrative's canvas; `placements`: of the regions, see `told_numbers`.

        What no region has, such as what was painted by hand or fills a gap, goes by its label.
        """
        regions = regions[:MOST_REGIONS]
        labels, told = [region.label for region in regions], range(len(regions))
        numbers = told_numbers(canvas, labels, told, placements)
        return cls._of(canvas, numbers, [_phrase(region, narrative, said) for region in regions])

    @classmethod
    def _of(cls, canvas: Canvas, numbers: NDArray[np.uint8], phrases: Sequence[str]) -> "Grounding":
        """`numbers`: (H, W) the place in `phrases` that each pixel has, UNTOLD for none."""
        maps = (canvas.label_map, canvas.instance_map, numbers)
        units, which, areas = np.unique(
            np.stack([one.astype(np.int64).ravel() for one in maps]),
            axis=1,
            return_inverse=True,
            return_counts=True,
        )
        which = which.reshape(numbers.shape)
        found = []
        for unit in np.argsort(-areas, kind="stable").tolist():
            label, _, number = units[:, unit].tolist()
            if label != UNLABELED and areas[unit] >= CRUMB * numbers.size:
                phrase = spoken(label) if number == UNTOLD else phrases[number]
                found.append((phrase, box_of(which == unit)))
        return cls(tuple(one for one, _ in found[:MOST]), tuple(box for _, box in found[:MOST]))


def _phrase(region: Named, narrative: Narrative, said: Said) -> str:
    """A region's noun with what is said of it, in the singular: each thing has a box of its own."""
    if region.start >= region.stop:
        return spoken(region.label)
    of_region = range(region.start, region.stop)
    word = next((one.head for one in said.mentions if one.head in of_region), region.start)
    mention = phrase_around(word, said)
    if mention.label != region.label:
        return spoken(region.label)
    words = [word.text for word in narrative.words]
    texts = recoloured(words, narrative, said)
    first = mention.head - len(mention.noun.split()) + 1
    before = [texts[i] for i in range(mention.start, first) if texts[i] and i not in said.bare]
    given = texts[first].removesuffix(words[first])  # a colour that somebody chose
    return tidy([*before, given + mention.noun])
