from collections.abc import Mapping

import numpy as np
import pytest

from segmentation.labels import COUNT, value_of
from trecs.tagging.reading import all_nouns, reading
from trecs.tagging.tagger import Tags

KNOWN = frozenset("a the on no and dog lamp table house fence street cars shirt man with".split())


def read(text: str, *labels: str, second: str = "", given: Mapping[int, int] | None = None) -> Tags:
    """The reading of words that the tagger gave these labels, and less surely a second one."""
    values = np.array([value_of(name) for name in labels], np.uint8)
    probabilities = np.zeros((len(values), COUNT), np.float32)
    if second:
        probabilities[:, value_of(second)] = 0.1
    probabilities[np.arange(len(values)), values] = 0.9 if second else 1
    return reading(text.split(), Tags(values, probabilities), KNOWN.__contains__, given)


def names(tags: Tags, text: str) -> list[str]:
    from segmentation.labels import NAMES

    assert len(tags.labels) == len(text.split())
    return [NAMES[label] for label in tags.labels]


def test_an_exact_noun_is_not_swallowed_by_its_neighbour() -> None:
    text = "a lamp on a table"
    tags = read(text, *["light"] * 5, second="dining-table")
    assert names(tags, text) == ["light", "light", "light", "dining-table", "dining-table"]
    np.testing.assert_allclose(tags.probabilities.sum(1), 1, atol=1e-5)
    assert tags.probabilities[4].argmax() == value_of("dining-table")


def test_the_tagger_knows_the_sense() -> None:
    text = "a house"
    assert names(read(text, "building-other", "building-other"), text) == ["building-other"] * 2


def test_what_is_denied_has_the_label_of_its_neighbours() -> None:
    text = "a street with no cars"
    tags = read(text, "road", "road", "car", "car", "car")
    assert names(tags, text) == ["road"] * 5
    assert tags.said.denied >= {value_of("car")}
    assert tags.probabilities[:, value_of("car")].max() == 0
    text = "no cars on the street"
    assert names(read(text, *["car"] * 3, "road", "road"), text) == ["road"] * 5


def test_nouns_without_a_label_are_told() -> None:
    tags = read("a violin on the table", *["dining-table"] * 5)
    assert tags.unknown == ("violin",)
    assert [mention.noun for mention in tags.said.mentions] == ["table"]
    known = read("a shirt on the table", *["clothes"] * 3, *["dining-table"] * 2)
    assert known.unknown == ()
    assert known.said.mentions[0].label == value_of("clothes")


def test_nothing_to_read_changes_nothing() -> None:
    tags = read("green and blue", *["grass"] * 3)
    assert names(tags, "green and blue") == ["grass"] * 3
    assert tags.said.mentions == ()


def test_the_longest_noun_counts() -> None:
    found = all_nouns().at("teddy bears on ", 0)
    assert found is not None
    assert (found.label, found.plural, found.length) == (value_of("teddy-bear"), True, 2)
    assert all_nouns().at("xylophone ", 0) is None


def test_what_the_label_of_an_unknown_noun_spread_to_is_not_seen() -> None:
    text = "a dragon flies over a castle ; the dragon roars"
    spread, castle = ["bear"] * 3, ["house"] * 3
    tags = read(text, *spread, *castle, "house", *spread)
    assert "bear" not in names(tags, text)
    assert tags.unknown == ("dragon",)
    assert [(m.start, m.stop) for m in tags.said.unlabelled] == [(0, 2), (8, 9)]
    text = "a dragon flies over a castle"
    tags = read(text, "bear", "bear", "bird", *castle)
    assert not {"bear", "bird"} & set(names(tags, text))


@pytest.mark.parametrize("word", [1, 8])  # where it is named, and where it is named again
def test_a_label_given_by_hand_is_that_of_the_noun_phrase(word: int) -> None:
    text = "a dragon flies over a castle ; the dragon roars"
    given = {word: value_of("kite")}
    tags = read(text, *["bear"] * 3, *["house"] * 4, *["bear"] * 3, given=given)
    assert tags.unknown == ()
    assert names(tags, text)[:3] == ["kite"] * 3
    assert names(tags, text)[8:] == ["kite"] * 2
    assert "bear" not in names(tags, text)
    assert tags.probabilities[1, value_of("kite")] == 1
    assert tags.said.mentions[0].label == value_of("kite")


def test_any_word_may_be_given_a_label_also_one_that_is_denied() -> None:
    text = "a lamp on a table without cars"
    labels = [*["light"] * 2, *["dining-table"] * 4, "car"]
    given = {1: value_of("vase"), 2: value_of("cloth"), 6: value_of("car")}
    tags = read(text, *labels, given=given)
    assert names(tags, text)[:3] == ["vase", "vase", "cloth"]
    assert names(tags, text)[6] == "car"
    assert value_of("car") not in tags.said.denied
    relations = [(r.name, r.first, r.second) for r in tags.said.relations]
    mentions = [mention.noun for mention in tags.said.mentions]
    assert mentions == ["lamp", "on", "table", "cars"]
    assert relations == [("on", 0, 2)]


def test_a_noun_is_there_though_its_neighbour_spread_over_it() -> None:
    text = "a lamp with a house"
    assert names(read(text, *["light"] * 5), text) == ["light"] * 3 + ["house"] * 2


def test_what_no_table_has_is_denied_by_the_tagger() -> None:
    tags = read("a house with no shirt", "house", "house", *["clothes"] * 3)
    assert tags.said.denied == {value_of("clothes")}


def test_nothing_but_denies_all_else() -> None:
    only = read("nothing but a street", *["road"] * 4).said.denied
    assert only == set(range(1, COUNT)) - {value_of("road")}
    things = read("nothing but a dog", *["dog"] * 4).said.denied
    assert {value_of("cat"), value_of("grass")} & things == {value_of("cat")}


def test_a_word_that_stands_for_a_noun_has_its_label_and_what_follows_none_of_its_own() -> None:
    text = "a dog and a white one stands with a man"
    tags = read(text, *["dog"] * 4, *["horse"] * 3, *["person"] * 3)
    assert names(tags, text) == [*["dog"] * 7, *["person"] * 3]


def test_what_stands_for_a_noun_has_the_label_that_the_noun_has_here() -> None:
    text = "a dog and a smaller one"
    tags = read(text, *["dog"] * 6, given={1: value_of("cat")})
    assert names(tags, text) == ["cat"] * 6
    assert [mention.label for mention in tags.said.mentions] == [value_of("cat")] * 2
