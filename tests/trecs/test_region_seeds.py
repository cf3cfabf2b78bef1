"""Seeds of their own that a person gives the things of words, in a narrative and its file."""

import json
from typing import Any

import pytest

from files.errors import InputError
from segmentation.labels import value_of
from tests.trecs.test_bindings import spoken
from tests.trecs.test_narrative import timed
from trecs import narrative
from trecs.alignment.regions import Region
from trecs.alignment.seeded import with_seeds
from trecs.narrative import from_text

BUS, ROAD = value_of("bus"), value_of("road")


def test_seeds_are_in_the_file_and_come_back() -> None:
    given = [{"label": "tree", "seed": 2}, {"word": 3, "seed": 0}, {"word": 1, "seed": 4294967295}]
    told = narrative.loads(spoken(trecs_seeds=given))
    assert told.seeds == {"tree": 2, 3: 0, 1: 4294967295}
    again = json.loads(narrative.dumps(told))["trecs_seeds"]
    assert again == [given[2], given[1], given[0]]
    assert "trecs_seeds" not in json.loads(narrative.dumps(narrative.loads(spoken())))


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ([{"word": 9, "seed": 1}], "Word 9 is given a seed, but the narrative has 4 words"),
        ([{"word": -1, "seed": 1}], "Word -1 is given a seed"),
        ([{"label": "tre", "seed": 1}], "'tre' is not a COCO-Stuff label"),
        ([{"word": 0, "label": "tree", "seed": 1}], r"trecs_seeds\[0\] is not {word, seed}"),
        ([{"word": 0, "seed": -1}], r"trecs_seeds\[0\] is not {word, seed}"),
        ([{"word": 0, "seed": 4294967296}], r"trecs_seeds\[0\] is not"),
        ([{"word": 0, "seed": 1.5}], r"trecs_seeds\[0\] is not"),
        ([{"word": 0, "seed": True}], r"trecs_seeds\[0\] is not"),
        ([{"word": 0}], r"trecs_seeds\[0\] is not"),
        ([{"word": True, "seed": 1}], r"trecs_seeds\[0\] is not"),
        ([{"word": 0, "seed": 1}, {"word": 0, "seed": 2}], "'0' two seeds"),
        ([7], r"trecs_seeds\[0\] is not"),
        ("7", r"trecs_seeds\[0\] is not"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(seeds: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        narrative.loads(spoken(trecs_seeds=seeds))


def test_seeds_follow_their_words_where_those_are_sorted() -> None:
    told = narrative.loads(
        spoken(
            timed_caption=timed(("bus", 0.6, 1.2), ("a red", 0, 0.6)),
            trecs_seeds=[{"word": 0, "seed": 5}, {"label": "road", "seed": 6}],
        )
    )
    assert told.caption == "a red bus"
    assert told.seeds == {2: 5, "road": 6}


def test_seeds_are_given_by_number_by_word_or_by_label_and_taken_back() -> None:
    given: dict[int | str, int | None] = {"bus": 3, "tree": 4, 6: 5}
    told = from_text("A bus, a bus and a car.").seeded(given)
    assert told.seeds == {1: 3, 3: 3, "tree": 4, 6: 5}
    given = {3: 8, "tree": None}
    assert told.also_seeded(given).seeds == {1: 3, 3: 8, 6: 5}
    given = {"bus": None, 6: None, "tree": None}
    assert told.also_seeded(given).seeds == {}
    with pytest.raises(InputError, match="'cowboy' is neither a word nor a label"):
        told.seeded({"cowboy": 1})
    with pytest.raises(InputError, match="Word 12 is given a seed"):
        told.also_seeded({12: 1})
    with pytest.raises(InputError, match="The seed -1 of '1' cannot be used"):
        told.seeded({1: -1})


def test_a_region_has_the_seed_of_its_last_word_else_of_its_label() -> None:
    regions = (Region(BUS, 0, 3), Region(ROAD, 3, 6), Region(ROAD, 6, 6))
    given: dict[int | str, int | None] = {1: 5, 2: 6, "road": 7}
    told = from_text("a red bus on a road").seeded(given)
    assert [one.seed for one in with_seeds(regions, told)] == [6, 7, None]
    told = from_text("a red bus").seeded({"road": 7})
    assert [one.seed for one in with_seeds(regions, told)] == [None, 7, 7]
    assert [one.seed for one in with_seeds(with_seeds(regions, told), from_text("a"))] == [None] * 3
