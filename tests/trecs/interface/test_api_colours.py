"""What a caller of the HTTP API may tell of colours."""

from typing import Any

import pytest

from files.errors import InputError
from segmentation.colours import hex_of_text
from trecs.interface.api import coloured
from trecs.narrative import from_text

RED_BUS = from_text("a red bus on a road").coloured({5: "#404050"})


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        (None, {5: "#404050"}),
        ({"bus": "#1e8c3a"}, {2: "#1e8c3a", 5: "#404050"}),
        ({"2": None, "road": "#202020"}, {2: "", 5: "#202020"}),
        ([{"word": 2, "colour": "dark red"}], {2: hex_of_text("dark red"), 5: "#404050"}),
        ({"word": 5, "colour": None}, {5: ""}),
        ({}, {5: "#404050"}),
    ],
)
def test_colours_stand_beside_those_of_the_narrative(
    colours: Any, expected: dict[int, str]
) -> None:
    assert coloured(RED_BUS, colours).colours == expected


@pytest.mark.parametrize(
    ("colours", "message"),
    [
        ({"cow": "red"}, "No word is 'cow'"),
        ({"bus": "redd"}, "'redd' is no colour"),
        ({"bus": 7}, "'colours' is not {word: colour}"),
        ([{"word": 99, "colour": "red"}], "Word 99 is given a colour"),
        ("red", "is not {word, colour}"),
        (7, "is not {word, colour}"),
    ],
)
def test_what_is_no_colours_is_refused_in_one_line(colours: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        coloured(RED_BUS, colours)
