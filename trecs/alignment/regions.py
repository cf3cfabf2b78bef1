"""Alignment: words of one label in a row and their stretch of the trace become a region.

Paper, section 2: consecutive words with the same tag form one sequence, its trace is what was
drawn meanwhile, and the trace's convex hull says where the label is. How the trace is cut is told
in `trecs.alignment.stroke_assignment`; what follows is reconstructed:

- Two traced regions of one label are one object mentioned twice, and are merged, where their
  hulls overlap by an IoU of at least 0.5, or, for stuff, where at least 0.7 of the smaller hull
  lies in the other.
- A run without a trace is dropped where its label has another region, traced or not: "a dog on
  the grass; the dog is brown" has one dog. It stays where its words say that they mean a further
  one ("another man", "more cups") and more than function words, or where the grammar reads a
  further one ("a man and a woman").
- All other runs without a trace stay as regions with `strokes == ()` for the trace predictor,
  also those of function words alone ("in the background we can see"): their label came from
  somewhere, and no other run has it.

A noun phrase that no label fits is a run of its own and no region: what was drawn for it is left
out until somebody gives it a label. Where no noun has a label, the tagger's stands in.

A merged region keeps the word span of its first mention. Words that a stroke was bound to by hand
keep it: their region isn't merged into an earlier one.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.colours import Lab, hex_of
from segmentation.hulls import convex_hull
from segmentation.labels import NAMES, is_thing
from segmentation.told_colours import Worn
from trecs.alignment.model import PLACELESS, AlignmentModel
from trecs.alignment.stroke_assignment import Piece, assign, join_strokes
from trecs.alignment.terms import runs_of
from trecs.narrative import Narrative, Word
from trecs.text.phrases import has_content, names_another
from trecs.text.said import UNNAMED

if TYPE_CHECKING:
    from trecs.tagging.tagger import Tags

SAME_OBJECT_IOU = 0.5
SAME_STUFF_COVER = 0.7
MAX_WORDLESS = 64  # regions of strokes without words


@dataclass(frozen=True, eq=False)
class Region:
    """What one run of words means and where it was drawn.

    `label`: COCO-Stuff value. `start`, `stop`: its words are `words[start:stop]`; equal for a
    stroke without words. `strokes`: its pieces of the trace, each (P, 3) float64 of x, y
    (fractions) and t (seconds); empty where nothing was drawn. `predicted`: the trace predictor
    drew them. `sources`: of each piece that somebody drew, the number of its stroke in the
    narrative. `colours`: CIE Lab, those that it is said or told to have; `colour_names`: as said,
    none where somebody chose the colour. `seed`: its own, None where the picture's serves it.
    `worn`: the garments of those it shows that have colours.
    """

    label: int
    start: int
    stop: int
    strokes: tuple[NDArray[np.float64], ...] = ()
    predicted: bool = False
    sources: tuple[int, ...] = ()
    colours: tuple[Lab, ...] = ()
    colour_names: tuple[str, ...] = ()
    seed: int | None = None
    worn: tuple[Worn, ...] = ()

    @cached_property
    def hull(self) -> NDArray[np.float64]:
        """The convex hull of the trace, (H, 2) float64 fractions inside the picture, H >= 3.

        Parts beyond the picture's edge are cut off. A hull of less than MIN_AREA (a click, a
        straight line) is widened by WIDENING to every side. A region without a trace has none:
        (0, 2).
        """
        if not self.strokes:
            return np.zeros((0, 2))
        points = np.concatenate([stroke[:, :2] for stroke in self.strokes])
        return convex_hull(points)

    def to_json(self, words: Sequence[Word]) -> dict[str, Any]:
        """As `result.json` tells it; `words` are those of the narrative."""
        return {
            "label": NAMES[self.label],
            "words": [self.start, self.stop],
            "text": " ".join(word.text for word in words[self.start : self.stop]),
            "hull": np.round(self.hull, 4).tolist(),
            "strokes": sorted(set(self.sources)),
            "points": sum(map(len, self.strokes)),
            "predicted": self.predicted,
            "colours": [hex_of(lab) for lab in self.colours],
            "colour_names": list(self.colour_names),
            "seed": self.seed,
            "worn": [
                {
                    "part": one.part,
                    "noun": one.noun,
                    "colours": [hex_of(lab) for lab in one.colours],
                    "colour_names": list(one.names),
                }
                for one in self.worn
            ],
        }


def align(
    narrative: Narrative,
    tags: "Tags",
    model: AlignmentModel = PLACELESS,
    bound: Mapping[int, int] | None = None,
) -> tuple[Region, ...]:
    """The regions of a narrative in the order of their words.

    `tags` has one label for each word. `bound`: of strokes, by their numbers, the word that
    somebody has told them to mean; those of the narrative, where none are given. Every point of
    the trace belongs to exactly one region, or to a noun phrase without a label; regions without
    any trace come back with `strokes == ()`. A narrative without words has no runs, hence no
    regions: see `align_strokes`.
    """
    bound = narrative.bindings if bound is None else bound
    further = tags.said.further()
    labels = _with_unlabelled(tags)
    runs = runs_of([word.text for word in narrative.words], labels, further)
    if not runs:
        return ()
    told = {
        stroke: next(number for number, run in enumerate(runs) if word < run.stop)
        for stroke, word in bound.items()
    }
    found = assign(narrative.words, runs, narrative.strokes, model, told)
    regions = [
        _region(run.label, run.start, run.stop, pieces)
        for run, pieces in zip(runs, found, strict=True)
    ]
    merged = _merged(regions, set(told.values()))
    labelled = [region for region in merged if region.label != UNNAMED]
    return tuple(_without_repeats(labelled, narrative, further))


def align_strokes(
    narrative: Narrative, guess_label: Callable[[NDArray[np.float64], Sequence[int]], int]
) -> tuple[Region, ...]:
    """The regions of a trace without words: one for each stroke, `start == stop == 0`.

    `guess_label` gets a region's hull and the labels of the regions before it. Of more than
    MAX_WORDLESS strokes those with the shortest pauses between them are taken together.
    """
    regions: list[Region] = []
    strokes = [Piece(*numbered) for numbered in enumerate(narrative.strokes)]
    for pieces in join_strokes(strokes, MAX_WORDLESS):
        region = _region(0, 0, 0, pieces)
        label = guess_label(region.hull, [other.label for other in regions])
        regions.append(replace(region, label=label))
    return tuple(regions)


def _with_unlabelled(tags: "Tags") -> list[int]:
    """Every word's label; UNNAMED in noun phrases that no label fits, where another has one."""
    labels = tags.labels.astype(int)
    for mention in tags.said.unlabelled if tags.said.mentions else ():
        labels[mention.start : mention.stop] = UNNAMED
    return [int(label) for label in labels]


def _region(label: int, start: int, stop: int, pieces: Sequence[Piece]) -> Region:
    strokes, sources = tuple(p.points for p in pieces), tuple(p.stroke for p in pieces)
    return Region(label, start, stop, strokes, sources=sources)


def _merged(regions: Sequence[Region], bound: Set[int]) -> list[Region]:
    """The regions, traced ones of one label whose hulls overlap strongly made one.

    Those of `bound`, by their number, stay with the words that they were bound to.
    """
    merged: list[Region] = []
    for number, region in enumerate(regions):
        same = (
            i
            for i, other in enumerate(merged)
            if region.strokes and other.label == region.label and _one_object(other, region)
        )
        i = next(same, None)
        if i is None or number in bound:
            merged.append(region)
        else:
            strokes = merged[i].strokes + region.strokes
            sources = merged[i].sources + region.sources
            merged[i] = replace(merged[i], strokes=strokes, sources=sources)
    return merged


def _one_object(first: Region, second: Region) -> bool:
    if not first.strokes:
        return False
    a, b = (np.float32(region.hull) for region in (first, second))
    common, _ = cv2.intersectConvexConvex(a, b)
    areas = cv2.contourArea(a), cv2.contourArea(b)
    if common >= SAME_OBJECT_IOU * (sum(areas) - common):
        return True
    return not is_thing(first.label) and common >= SAME_STUFF_COVER * min(areas)


def _without_repeats(
    regions: Sequence[Region], narrative: Narrative, further: Set[int]
) -> list[Region]:
    """The regions without those undrawn ones that mention what is there already.

    `further`: words with which the grammar sees another thing begin.
    """
    traced = {region.label for region in regions if region.strokes}
    kept: list[Region] = []
    for region in regions:
        words = [word.text for word in narrative.words[region.start : region.stop]]
        known = region.label in traced or any(other.label == region.label for other in kept)
        means_another = region.start in further or (names_another(words) and has_content(words))
        if region.strokes or not known or means_another:
            kept.append(region)
    return kept
