"""The colours of regions: those that their words say, or that somebody chose for them."""

from collections.abc import Sequence
from dataclasses import replace

from segmentation.colours import ColourNames, lab_of_hex
from trecs.alignment.regions import Region
from trecs.narrative import Narrative
from trecs.text.said import Said


def with_colours(regions: Sequence[Region], narrative: Narrative, said: Said) -> tuple[Region, ...]:
    """The regions with their colours.

    A colour that somebody has given one of a region's words counts, of several the last word's;
    else what is said of the nouns among its words that have its label, on which what the name means
    depends (`segmentation.colours`).
    """
    names = ColourNames.read()

    def coloured(region: Region) -> Region:
        given = [w for w in sorted(narrative.colours) if region.start <= w < region.stop]
        if given:
            colour = narrative.colours[given[-1]]
            return replace(region, colours=(lab_of_hex(colour),) if colour else (), colour_names=())
        called = dict.fromkeys(
            name
            for mention in said.mentions
            if mention.label == region.label and region.start <= mention.head < region.stop
            for name in mention.colours
        )
        meant = tuple(names.one(region.label, name) for name in called)
        return replace(region, colours=meant, colour_names=tuple(called))

    return tuple(coloured(region) for region in regions)
