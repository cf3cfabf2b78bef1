"""What a caller of the HTTP API may tell of the regions' own seeds."""

from typing import Any

import pytest

from files.errors import InputError
from trecs.interface.api import seeded
from trecs.narrative import from_text

BUS = from_text("a red bus on a road").seeded({5: 4})


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [
        (None, {5: 4}),
        ({"bus": 7}, {5: 4, 2: 7}),
        ({"2": 1, "road": None}, {2: 1}),
        ({"tree": 3, "5": 0}, {"tree": 3, 5: 0}),
        ([{"word": 2, "seed": 7}, {"label": "tree", "seed": 1}], {5: 4, 2: 7, "tree": 1}),
        ({}, {5: 4}),
    ],
)
def test_seeds_stand_beside_those_of_the_narrative(
    seeds: Any, expected: dict[int | str, int]
) -> None:
    assert seeded(BUS, seeds).seeds == expected


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ({"cowboy": 1}, "'cowboy' is neither a word nor a label"),
        ({"bus": "red"}, "'region_seeds' is not {word: seed}"),
        ({"bus": -1}, "'region_seeds' is not {word: seed}"),
        ([{"word": 99, "seed": 1}], "Word 99 is given a seed"),
        ({"word": 2, "seed": -1}, r"region_seeds\[0\] is not {word, seed}"),
        (7, r"region_seeds\[0\] is not {word, seed}"),
    ],
)
def test_what_is_no_seeds_is_refused_in_one_line(seeds: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        seeded(BUS, seeds)
