"""The colours of regions: those that their words say, or that somebody chose for them."""

from collections.abc import Sequence
from dataclasses import replace

from segmentation.colours import ColourNames, lab_of_hex
from trecs.alignment.dressed import drawn, only_worn, words_of, worn_by
from trecs.alignment.regions import Region
from trecs.narrative import Narrative
from trecs.text.said import Said


def with_colours(regions: Sequence[Region], narrative: Narrative, said: Said) -> tuple[Region, ...]:
    """The regions with their colours.

    A colour that somebody has given one of a region's words counts, of several the last word's;
    else what is said of the nouns among its words that have its label, on which what the name means
    depends (`segmentation.colours`). What somebody wears has colours of its own, likewise, unless
    it was drawn and is a region.
    """
    names = ColourNames.read()
    apart = drawn(regions, said)
    worn = replace(said, garments=tuple(one for one in said.garments if one not in apart))
    garments = words_of(worn.garments)

    def coloured(region: Region) -> Region:
        region = replace(region, worn=tuple(worn_by(region, narrative, worn)))
        span = range(region.start, region.stop)
        given = [w for w in sorted(narrative.colours) if w in span and w not in garments]
        if given:
            colour = narrative.colours[given[-1]]
            return replace(region, colours=(lab_of_hex(colour),) if colour else (), colour_names=())
        nouns = [(m.head, m.colours) for m in said.mentions if m.label == region.label]
        if region.strokes:
            nouns += [(one.head, one.colours) for one in only_worn(region, said)]
        called = dict.fromkeys(name for head, some in nouns if head in span for name in some)
        colours = tuple(names.one(region.label, name) for name in called)
        return replace(region, colours=colours, colour_names=tuple(called))

    return tuple(coloured(region) for region in regions)
