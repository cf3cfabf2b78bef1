"""What those whom regions show wear, as it is said or as somebody chose (reconstructed)."""

from collections.abc import Sequence

from retrieval.words import normalise
from segmentation.colours import ColourNames, lab_of_hex
from segmentation.labels import value_of
from segmentation.told_colours import Worn
from trecs.alignment.regions import Region
from trecs.narrative import Narrative
from trecs.text.chunk import ONES
from trecs.text.said import Garment, Said

PERSON, CLOTHES = value_of("person"), value_of("clothes")


def only_worn(region: Region, said: Said) -> list[Garment]:
    """The garments that a region's words name, where they name nothing that stands by itself.

    One whose wearer is not to be seen does.
    """
    span, heads = range(region.start, region.stop), {mention.head for mention in said.mentions}
    if heads & {*span}:
        return []
    return [one for one in said.garments if one.head in span and heads & {*one.wearers}]


def drawn(regions: Sequence[Region], said: Said) -> frozenset[Garment]:
    """The garments that were drawn, and are regions of their own."""
    found = (only_worn(region, said) for region in regions if region.strokes)
    return frozenset(garment for some in found for garment in some)


def worn_by(region: Region, narrative: Narrative, said: Said) -> list[Worn]:
    """The coloured garments of whom a region shows; only people have parts to wear them on."""
    if region.label != PERSON:
        return []
    span = range(region.start, region.stop)
    heads = {m.head for m in said.mentions if m.label == PERSON and m.head in span}
    worn = [_coloured(one, narrative) for one in said.garments if heads & {*one.wearers}]
    return [one for one in worn if one.colours]


def words_of(garments: Sequence[Garment]) -> frozenset[int]:
    """The words of garments, by their numbers."""
    return frozenset(word for one in garments for word in range(one.start, one.stop))


def _coloured(garment: Garment, narrative: Narrative) -> Worn:
    """A garment in the colour that somebody has given its words, or in those that are said."""
    word = normalise(narrative.words[garment.head].text)
    noun = garment.noun if word in ONES or not garment.noun else word
    given = sorted(words_of([garment]) & narrative.colours.keys())
    if given:
        chosen = narrative.colours[given[-1]]
        return Worn(garment.part, noun, (lab_of_hex(chosen),) if chosen else ())
    names = ColourNames.read()
    colours = tuple(names.one(CLOTHES, name) for name in garment.colours)
    return Worn(garment.part, noun, colours, garment.colours)
