from dataclasses import replace

import numpy as np
import pytest

from segmentation.labels import value_of
from trecs.alignment.mentioned import as_mentioned, in_front, region_of
from trecs.alignment.regions import Region, align
from trecs.narrative import Narrative, from_text
from trecs.tagging.reading import all_nouns
from trecs.tagging.tagger import Tags
from trecs.text.grammar import read
from trecs.text.said import Said

PERSON, GRASS, ROAD = (value_of(name) for name in ("person", "grass", "road"))


def said(text: str) -> Said:
    return read(text.split(), all_nouns())


def spans(regions: tuple[Region, ...]) -> list[tuple[int, int, int]]:
    return [(region.label, region.start, region.stop) for region in regions]


def square(x: float, y: float, after: float = 0.0) -> np.ndarray:
    corners = [[x, y, 0], [x + 0.2, y, 1], [x + 0.2, y + 0.2, 2], [x, y + 0.2, 3]]
    return np.array(corners) + np.array([0, 0, after])


def test_each_noun_phrase_is_a_region() -> None:
    read_text = said("a man and a woman on the grass")
    found = as_mentioned((Region(PERSON, 0, 5), Region(GRASS, 5, 8)), read_text)
    assert spans(found) == [(PERSON, 0, 2), (PERSON, 2, 5), (GRASS, 5, 8)]
    assert [region_of(found, read_text, number) for number in range(3)] == [0, 1, 2]


def test_words_that_name_nothing_are_no_region() -> None:
    found = as_mentioned((Region(PERSON, 0, 2), Region(ROAD, 2, 4)), said("a man on the"))
    assert spans(found) == [(PERSON, 0, 2)]


def test_other_words_stay() -> None:
    found = as_mentioned((Region(PERSON, 0, 2), Region(GRASS, 2, 3)), said("a man gardening"))
    assert spans(found) == [(PERSON, 0, 2), (GRASS, 2, 3)]


def test_what_is_denied_is_no_region() -> None:
    found = as_mentioned((Region(ROAD, 0, 2), Region(PERSON, 2, 4)), said("a road without people"))
    assert spans(found) == [(ROAD, 0, 2)]


def test_strokes_apart_are_as_many_things_as_the_words_count() -> None:
    apart = Region(PERSON, 0, 2, (square(0.1, 0.1), square(0.1, 0.6)))
    over = Region(PERSON, 0, 2, (square(0.1, 0.1), square(0.12, 0.1)))
    assert len(as_mentioned((apart,), said("two surfers"))) == 2
    assert as_mentioned((over,), said("two surfers")) == (over,)
    assert as_mentioned((apart,), said("three surfers")) == (apart,)
    assert as_mentioned((apart,), said("people")) == (apart,)
    both = Region(PERSON, 0, 5, apart.strokes)
    assert len(as_mentioned((both,), said("a man and a woman"))) == 2


def test_of_things_named_in_a_row_each_is_drawn_or_predicted() -> None:
    words = "a man and a woman".split()
    narrative = Narrative(from_text(" ".join(words)).words, (square(0.1, 0.1, after=9),))
    tags = Tags(np.zeros(5, np.uint8), np.eye(182, dtype=np.float32)[np.zeros(5, int)])
    assert len(align(narrative, tags)) == 1
    man, woman = align(narrative, replace(tags, said=said("a man and a woman")))
    assert [bool(man.strokes), bool(woman.strokes)].count(True) == 1


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("a man behind a woman", [(1, 0)]),
        ("a man in front of a woman", [(0, 1)]),
        ("a man up close and a woman in the background", [(0, 1)]),
        ("a man next to a woman", []),
    ],
)
def test_words_say_who_is_nearer(text: str, pairs: list[tuple[int, int]]) -> None:
    stop = len(text.split())
    found = as_mentioned((Region(PERSON, 0, stop),), said(text))
    assert in_front(found, said(text)) == pairs


def test_a_ground_hides_nothing() -> None:
    text = "a man behind a road"
    found = as_mentioned((Region(PERSON, 0, 3), Region(ROAD, 3, 5)), said(text))
    assert in_front(found, said(text)) == []


def test_each_of_several_is_nearer() -> None:
    read_text = said("two men behind a dog")
    men, dog = Region(PERSON, 0, 2), Region(value_of("dog"), 2, 5)
    assert in_front((men, men, dog), read_text) == [(2, 0), (2, 1)]
