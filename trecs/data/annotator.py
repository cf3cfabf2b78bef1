"""The simulated annotator: a narrative's trace, made up from the masks of its photo.

The released narratives have words and tags but no traces. This model (reconstructed) draws what
their annotators may have drawn, from a photo's masks and a tag for every word:

- Words are spoken evenly, 0.4 s each. Words of one tag in a row are drawn in their time.
- Which mask a run means: of stuff, the label's parts that are at least a quarter as large as its
  largest; of things, the largest one not meant before, or so many as the words name ("two dogs"),
  or all that are at least a tenth as large as the largest ("cars"). When all have been meant, the
  largest is meant again. A label that the photo has no mask of is not drawn.
- The hand loops round the mask's convex hull at an even speed, at least once, a little inside it
  and wavering; up to a tenth of the points stray outside in one bulge, by up to a tenth of the
  picture. Between runs it lifts.

Everything is a pure function of its arguments; the same random state gives the same trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segmentation.hulls import convex_hull
from segmentation.labels import is_thing
from segmentation.masks import row_ends
from trecs.data.hand import loop
from trecs.narrative import SECONDS_PER_WORD, Narrative, Word
from trecs.text.phrases import how_many

REACTION_SECONDS = 0.1  # between a run's first word and its stroke, and at its end
STRAY_SHARE = 0.1
STUFF_PART = 0.25  # parts of stuff smaller than this share of the largest are not drawn
CROWD_PART = 0.1  # nor things of a crowd that are smaller than this

Masks = Mapping[int, Sequence[NDArray[np.bool_]]]
"""A photo's masks by label, each (H, W) bool and not empty, largest first."""


@dataclass(frozen=True, eq=False)
class Mention:
    """A run of words, `words[start:stop]`, and what it means in the photo: (H, W) bool."""

    label: int
    start: int
    stop: int
    mask: NDArray[np.bool_] | None


def mentions(words: Sequence[str], tags: NDArray[np.uint8], masks: Masks) -> list[Mention]:
    """What each run of equally tagged words means; `mask` is None where the photo has none."""
    borders = [0, *(np.flatnonzero(np.diff(tags.astype(int))) + 1).tolist(), len(words)]
    meant: dict[int, int] = {}  # how many things of each label have been meant so far
    found = []
    for start, stop in pairwise(borders):
        label = int(tags[start])
        parts = masks.get(label, ())
        mask = None
        if len(parts):
            first, last = 0, len(parts)
            if is_thing(label):
                first = meant.get(label, 0) if meant.get(label, 0) < len(parts) else 0
                last = min(first + how_many(words[start:stop]), len(parts))
                meant[label] = last
            smallest = (CROWD_PART if is_thing(label) else STUFF_PART) * parts[first].sum()
            mask = np.any([part for part in parts[first:last] if part.sum() >= smallest], axis=0)
        found.append(Mention(label, start, stop, mask))
    return found


def simulate(
    words: Sequence[str], tags: NDArray[np.uint8], masks: Masks, rng: np.random.Generator
) -> Narrative:
    """The narrative of `words` with the trace that an annotator might have drawn.

    `tags` (N,) uint8: the label of each word. `masks`: see `Masks`.
    """
    timed = tuple(
        Word(word, i * SECONDS_PER_WORD, (i + 1) * SECONDS_PER_WORD) for i, word in enumerate(words)
    )
    strokes = []
    for mention in mentions(words, tags, masks):
        if mention.mask is None:
            continue
        begin = timed[mention.start].start + REACTION_SECONDS
        seconds = timed[mention.stop - 1].end - REACTION_SECONDS - begin
        strokes.append(loop(outline(mention.mask), begin, seconds, rng, stray=STRAY_SHARE))
    return Narrative(timed, tuple(strokes))


def outline(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The convex hull of a (H, W) bool mask that is not empty, (K, 2) fractions."""
    return convex_hull(row_ends(mask))
