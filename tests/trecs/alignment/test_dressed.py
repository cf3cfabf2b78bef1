from dataclasses import replace

import numpy as np

from segmentation.colours import ColourNames, lab_of_hex
from segmentation.labels import value_of
from trecs.alignment.coloured import with_colours
from trecs.alignment.mentioned import as_mentioned
from trecs.alignment.regions import Region
from trecs.narrative import from_text
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read

PERSON, CLOTHES, GRASS = (value_of(name) for name in ("person", "clothes", "grass"))
TEXT = "a man in a red jacket on the grass"
SAID = read(TEXT.split(), all_nouns())
LOOP = np.array([[0.1, 0.1, 0], [0.4, 0.1, 1], [0.2, 0.4, 2]])
REGIONS = Region(PERSON, 0, 3), Region(CLOTHES, 3, 6), Region(GRASS, 6, 9)
RED = ColourNames.read().one(CLOTHES, "red")


def test_what_is_worn_is_no_region_unless_it_was_drawn() -> None:
    found = as_mentioned(REGIONS, SAID)
    assert [(one.label, one.start, one.stop) for one in found] == [(PERSON, 0, 6), (GRASS, 6, 9)]
    drawn = (REGIONS[0], Region(CLOTHES, 3, 6, (LOOP,)), REGIONS[2])
    assert [one.label for one in as_mentioned(drawn, SAID)] == [PERSON, CLOTHES, GRASS]
    others = (Region(PERSON, 0, 3, (LOOP,)), *REGIONS[1:])
    assert [one.label for one in as_mentioned(others, SAID)] == [PERSON, GRASS]


def test_a_garment_whose_wearer_is_not_to_be_seen_stays() -> None:
    alone = replace(SAID, mentions=SAID.mentions[1:])
    assert [one.label for one in as_mentioned(REGIONS[1:], alone)] == [CLOTHES, GRASS]


def test_the_wearer_has_its_colour_unless_it_is_a_region() -> None:
    man, grass = with_colours(as_mentioned(REGIONS, SAID), from_text(TEXT), SAID)
    assert man.colours == grass.worn == ()
    (worn,) = man.worn
    assert (worn.part, worn.noun, worn.colours, worn.names) == ("top", "jacket", (RED,), ("red",))
    drawn = (REGIONS[0], Region(CLOTHES, 3, 6, (LOOP,)), REGIONS[2])
    man, jacket, _ = with_colours(drawn, from_text(TEXT), SAID)
    assert man.worn == ()
    assert (jacket.colours, jacket.colour_names) == ((RED,), ("red",))


def test_a_colour_may_stand_for_what_is_worn() -> None:
    text = "a man in black"
    said = read(text.split(), all_nouns())
    (man,) = with_colours((Region(PERSON, 0, 4),), from_text(text), said)
    assert [(one.part, one.noun, one.names) for one in man.worn] == [("whole", "", ("black",))]


def test_a_chosen_colour_is_the_garments_where_its_word_got_it() -> None:
    whole = (Region(PERSON, 0, 6), REGIONS[2])
    man, _ = with_colours(whole, from_text(TEXT).coloured({"jacket": "#112233"}), SAID)
    assert man.colours == ()
    assert [(one.colours, one.names) for one in man.worn] == [((lab_of_hex("#112233"),), ())]
    man, _ = with_colours(whole, from_text(TEXT).coloured({"man": "#112233"}), SAID)
    assert man.colours == (lab_of_hex("#112233"),)
    assert [one.colours for one in man.worn] == [(RED,)]
    man, _ = with_colours(whole, from_text(TEXT).coloured({"jacket": None}), SAID)
    assert man.worn == ()
    told = man.to_json(from_text(TEXT).words)
    assert told["worn"] == []
