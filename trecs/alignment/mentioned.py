"""Regions for what a text names: one for each mention, or for each stroke (reconstructed).

The paper's regions are words of one label in a row. "A man and a woman" is one such row but two
persons; where nothing was drawn, each noun phrase is a region of its own, and where as many
strokes apart were drawn as the words count, each stroke. What somebody wears is a region where it
was drawn. Rows of words without a noun that the grammar knows stay as they are.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np

from segmentation.labels import NAMES, is_thing
from trecs.alignment.dressed import only_worn
from trecs.alignment.regions import Region
from trecs.text.phrases import things_named
from trecs.text.rules import Rules
from trecs.text.said import Said

APART = 0.3  # share of a hull in another's up to which they are two things


def as_mentioned(regions: Sequence[Region], said: Said) -> tuple[Region, ...]:
    """The regions of a narrative with one for each mention, and without what is denied.

    A mention's region has the words from the end of the last one to its own end, where they were
    of one region, and those of what somebody wears; the last one also those that are left. Where
    something was drawn the regions stay, but for those drawn as several things.
    """
    if not said.mentions or any(region.strokes for region in regions):
        left = [region for region in regions if region.strokes or not _denied(region, said)]
        left = _with_worn(left, said)
        return tuple(one for region in left for one in _by_strokes(region, said))
    mentioned = {mention.label for mention in said.mentions}
    split = [
        region
        for region in regions
        if region.label not in mentioned and not _denied(region, said) and not _named(region, said)
    ]
    stop = 0
    for number, mention in enumerate(said.mentions):
        start, before = mention.start, stop
        stop = _dressed_stop(said, number)
        around = next((r for r in regions if r.start <= mention.head < r.stop), None)
        if around is not None and around.label == mention.label:
            start = min(max(before, around.start), start)
            if all(other.start >= around.stop for other in said.mentions[number + 1 :]):
                stop = max(stop, around.stop)
        split.append(Region(mention.label, start, stop))
    return tuple(_with_worn(sorted(split, key=lambda region: region.start), said))


def region_of(regions: Sequence[Region], said: Said, number: int) -> int:
    """The region of a mention by its number; -1 where none has its noun and label."""
    return next(iter(_regions_of(regions, said, number)), -1)


def in_front(regions: Sequence[Region], said: Said) -> list[tuple[int, int]]:
    """Pairs of regions, by their numbers, of which words say that the first is nearer.

    "A dog behind a car", or a dog in the foreground and a car in the background. A ground or sky
    hides no thing.
    """
    numbers = [_regions_of(regions, said, number) for number in range(len(said.mentions))]
    nearer = [
        (r.second, r.first) if r.name == "behind" else (r.first, r.second)
        for r in said.relations
        if r.name in ("behind", "front", "on")
    ]
    places = [mention.places for mention in said.mentions]
    nearer += [
        (a, b)
        for a, near in enumerate(places)
        for b, far in enumerate(places)
        if "front" in near and far & {"back", "far"}
    ]
    surfaces = frozenset[str]().union(*Rules.read().surfaces.values())
    return [
        (a, b)
        for near, far in nearer
        for a in numbers[near]
        for b in numbers[far]
        if a != b and NAMES[regions[a].label] not in surfaces
    ]


def _regions_of(regions: Sequence[Region], said: Said, number: int) -> list[int]:
    """All regions of a mention, which may be several things."""
    mention = said.mentions[number]
    return [
        i
        for i, region in enumerate(regions)
        if region.label == mention.label and region.start <= mention.head < region.stop
    ]


def _by_strokes(region: Region, said: Said) -> list[Region]:
    """A region of things, one for each stroke if the words count as many and they are apart."""
    span = (region.label, region.start, region.stop)
    count = len(region.strokes)
    if count < 2 or not is_thing(region.label) or said.guessed(*span) or said.count(*span) != count:
        return [region]
    single = [replace(region, strokes=(stroke,)) for stroke in region.strokes]
    hulls = [np.float32(one.hull) for one in single]
    for a, b in combinations(hulls, 2):
        common, _ = cv2.intersectConvexConvex(a, b)
        if common > APART * min(cv2.contourArea(a), cv2.contourArea(b)):
            return [region]
    return single


def _dressed_stop(said: Said, number: int) -> int:
    """Where the words of a mention end, and of what is worn by whom it means before the next."""
    mention = said.mentions[number]
    starts = [other.start for other in said.mentions if other.start > mention.head]
    worn = [
        garment.stop
        for garment in said.garments
        if mention.head in garment.wearers and all(garment.stop <= start for start in starts)
    ]
    return max([mention.stop, *worn])


def _with_worn(regions: Sequence[Region], said: Said) -> list[Region]:
    """The regions without garments that nobody drew: their words go to the region before them."""
    kept: list[Region] = []
    for region in regions:
        if region.strokes or not only_worn(region, said):
            kept.append(region)
        elif kept and kept[-1].stop == region.start:
            kept[-1] = replace(kept[-1], stop=region.stop)
    return kept


def _denied(region: Region, said: Said) -> bool:
    return region.label in said.denied


def _named(region: Region, said: Said) -> bool:
    """Whether a mention's noun is among the region's words, or nothing that could name anything."""
    if said.bare | said.telling >= {*range(region.start, region.stop)}:
        return True
    return any(region.start <= mention.head < region.stop for mention in said.mentions)


def things_in(regions: Sequence[Region], said: Said, words: Sequence[str]) -> list[int]:
    """How many things each region's mask shows; of regions with the same words each shows one."""
    spans = [(region.label, region.start, region.stop) for region in regions]
    shared = Counter(spans)
    named = []
    for label, start, stop in spans:
        count = said.count(label, start, stop)
        if shared[label, start, stop] > 1:
            named.append(1)
        elif count and not said.guessed(label, start, stop):
            named.append(count)
        else:
            named.append(things_named(words[start:stop]))
    return named
