"""Regions for what a text names and nobody drew: one for each mention (reconstructed).

The paper's regions are words of one label in a row. "A man and a woman" is one such row but two
persons; where nothing was drawn, each noun phrase is a region of its own. Rows of words without a
noun that the grammar knows stay as they are.
"""

from collections.abc import Sequence

from trecs.alignment.regions import Region
from trecs.text.said import Said


def as_mentioned(regions: Sequence[Region], said: Said) -> tuple[Region, ...]:
    """The regions of a narrative of which nothing is drawn, with one for each mention.

    A mention's region has the words from the end of the last one to its own end, where they were
    of one region; the last one also those that are left. Regions with a trace stay as they are,
    and so does a narrative that has any.
    """
    if not said.mentions or any(region.strokes for region in regions):
        return tuple(region for region in regions if region.strokes or not _denied(region, said))
    mentioned = {mention.label for mention in said.mentions}
    split = [
        region
        for region in regions
        if region.label not in mentioned and not _denied(region, said) and not _names(region, said)
    ]
    stop = 0
    for number, mention in enumerate(said.mentions):
        start, before = mention.start, stop
        stop = mention.stop
        around = next((r for r in regions if r.start <= mention.head < r.stop), None)
        if around is not None and around.label == mention.label:
            start = min(max(before, around.start), start)
            if all(other.start >= around.stop for other in said.mentions[number + 1 :]):
                stop = max(stop, around.stop)
        split.append(Region(mention.label, start, stop))
    return tuple(sorted(split, key=lambda region: region.start))


def region_of(regions: Sequence[Region], said: Said, number: int) -> int:
    """The region of a mention by its number; -1 where none has its noun and label."""
    mention = said.mentions[number]
    for i, region in enumerate(regions):
        if region.label == mention.label and region.start <= mention.head < region.stop:
            return i
    return -1


def _denied(region: Region, said: Said) -> bool:
    return region.label in said.denied


def _names(region: Region, said: Said) -> bool:
    """Whether a mention's noun is among the region's words; then another label has it."""
    return any(region.start <= mention.head < region.stop for mention in said.mentions)
