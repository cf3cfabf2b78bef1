import numpy as np

from segmentation.labels import COUNT, value_of
from trecs.tagging.reading import all_nouns, reading
from trecs.tagging.tagger import Tags

KNOWN = frozenset("a the on no and dog lamp table house fence street cars shirt man with".split())


def read(text: str, *labels: str, second: str = "") -> Tags:
    """The reading of words that the tagger gave these labels, and less surely a second one."""
    values = np.array([value_of(name) for name in labels], np.uint8)
    probabilities = np.zeros((len(values), COUNT), np.float32)
    if second:
        probabilities[:, value_of(second)] = 0.1
    probabilities[np.arange(len(values)), values] = 0.9 if second else 1
    return reading(text.split(), Tags(values, probabilities), KNOWN.__contains__)


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
