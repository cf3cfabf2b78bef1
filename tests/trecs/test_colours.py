"""Colours that a person gives the things of words, in a narrative, its file and its regions."""

import json
from typing import Any

import pytest

from files.errors import InputError
from segmentation.colours import ColourNames, hex_of, hex_of_text
from segmentation.labels import value_of
from tests.trecs.test_bindings import spoken
from tests.trecs.test_narrative import timed
from trecs import narrative
from trecs.alignment.coloured import with_colours
from trecs.alignment.regions import Region
from trecs.narrative import from_text
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read

BUS, ROAD = value_of("bus"), value_of("road")
TEXT = "a red bus on a road"
REGIONS = (Region(BUS, 0, 3), Region(ROAD, 3, 6))


def test_colours_are_in_the_file_and_come_back() -> None:
    given = [{"word": 1, "colour": "#C81E1E"}, {"word": 3, "colour": None}]
    told = narrative.loads(spoken(trecs_colours=given))
    assert told.colours == {1: "#c81e1e", 3: ""}
    again = json.loads(narrative.dumps(told))["trecs_colours"]
    assert again == [{"word": 1, "colour": "#c81e1e"}, {"word": 3, "colour": None}]
    assert "trecs_colours" not in json.loads(narrative.dumps(narrative.loads(spoken())))
    named = narrative.loads(spoken(trecs_colours=[{"word": 1, "colour": "dark red"}]))
    assert named.colours == {1: hex_of_text("dark red")}


@pytest.mark.parametrize(
    ("colours", "message"),
    [
        ([{"word": 9, "colour": "red"}], "Word 9 is given a colour, but the narrative has 4 words"),
        ([{"word": -1, "colour": "red"}], "Word -1 is given a colour"),
        ([{"word": 0, "colour": "redd"}], "'redd' is no colour"),
        ([{"word": 0, "colour": 7}], r"trecs_colours\[0\] is not {word, colour}"),
        ([{"word": 0}], r"trecs_colours\[0\] is not {word, colour}"),
        ([{"word": True, "colour": "red"}], r"trecs_colours\[0\] is not"),
        ([{"word": 0, "colour": "red"}, {"word": 0, "colour": "blue"}], "word 0 two colours"),
        ([7], r"trecs_colours\[0\] is not"),
        ("red", r"trecs_colours\[0\] is not"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(colours: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        narrative.loads(spoken(trecs_colours=colours))


def test_colours_follow_their_words_where_those_are_sorted() -> None:
    told = narrative.loads(
        spoken(
            timed_caption=timed(("bus", 0.6, 1.2), ("a red", 0, 0.6)),
            trecs_colours=[{"word": 0, "colour": "blue"}],
        )
    )
    assert told.caption == "a red bus"
    assert told.colours == {2: hex_of_text("blue")}


def test_words_are_coloured_by_number_or_wherever_they_stand() -> None:
    told = from_text("A bus, a bus and a car.")
    assert told.coloured({"bus": "#112233"}).also_coloured({6: None}).colours == {
        1: "#112233",
        3: "#112233",
        6: "",
    }
    with pytest.raises(InputError, match="No word is 'cow'"):
        told.coloured({"cow": "red"})
    with pytest.raises(InputError, match="Word 12 is given a colour"):
        told.coloured({12: "red"})


def test_a_region_has_the_colour_that_its_words_say() -> None:
    bus, road = with_colours(REGIONS, from_text(TEXT), read(TEXT.split(), all_nouns()))
    assert bus.colours == (ColourNames.read().one(BUS, "red"),)
    assert bus.colour_names == ("red",)
    assert (road.colours, road.colour_names) == ((), ())


def test_what_somebody_chose_wins_over_what_is_said() -> None:
    said = read(TEXT.split(), all_nouns())
    told = from_text(TEXT).coloured({1: "#203040"}).also_coloured({"road": "yellow"})
    bus, road = with_colours(REGIONS, told, said)
    assert [hex_of(lab) for lab in bus.colours] == ["#203040"]
    assert bus.colour_names == ()
    assert [hex_of(lab) for lab in road.colours] == [hex_of_text("yellow")]
    (bus, _) = with_colours(REGIONS, from_text(TEXT).coloured({"bus": None}), said)
    assert bus.colours == ()
    (bus, _) = with_colours((bus, road), from_text(TEXT), said)
    assert bus.colour_names == ("red",)
