"""Phrases without a noun of their own, and nouns that somebody owns."""

import pytest

from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read

Told = tuple[str, int, str]


def told(text: str) -> list[Told]:
    """Each mention's noun, count and colours, in the order of the text."""
    mentions = sorted(read(text.split(), all_nouns()).mentions, key=lambda mention: mention.start)
    return [(one.noun, one.count, "/".join(one.colours)) for one in mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a black dog and a white one", [("dog", 1, "black"), ("dog", 1, "white")]),
        ("a black dog next to a brown one", [("dog", 1, "black"), ("dog", 1, "brown")]),
        ("a red ball. A blue one is near it", [("ball", 1, "red"), ("ball", 1, "blue")]),
        ("yellow flowers and red ones", [("flower", 2, "yellow"), ("flower", 2, "red")]),
        (
            "a red car on the left, two blue ones on the right",
            [("car", 1, "red"), ("car", 2, "blue")],
        ),
        ("two dogs and a white one", [("dog", 2, ""), ("dog", 1, "white")]),
        ("a cat looks at another one", [("cat", 1, ""), ("cat", 1, "")]),
        (
            "the first car is red, the second one is blue",
            [("car", 1, "red"), ("car", 1, "blue")],
        ),
        (
            "a plate with a cake and another with a sandwich",
            [("plate", 1, ""), ("cake", 1, ""), ("plate", 1, ""), ("sandwich", 1, "")],
        ),
        (
            "a white plane in the sky and a red one on the ground",
            [("plane", 1, "white"), ("sky", 1, ""), ("plane", 1, "red"), ("ground", 1, "")],
        ),
    ],
)
def test_one_stands_for_a_further_thing(text: str, expected: list[Told]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two dogs, a black one and a white one", [("dog", 1, "white"), ("dog", 1, "black")]),
        ("three cows, two brown and one white", [("cow", 1, "white"), ("cow", 2, "brown")]),
        (
            "four birds: a black one and three white ones",
            [("bird", 3, "white"), ("bird", 1, "black")],
        ),
        ("two horses, one brown, the other white", [("horse", 1, "white"), ("horse", 1, "brown")]),
        ("cows, some brown and some white", [("cow", 2, "white"), ("cow", 3, "brown")]),
        ("many sheep, some white, others black", [("sheep", 2, "black"), ("sheep", 3, "white")]),
        (
            "two dogs. The left one is black and the right one is white",
            [("dog", 1, "white"), ("dog", 1, "black")],
        ),
        (
            "two dogs. The left dog is black, the right dog is white",
            [("dog", 1, "white"), ("dog", 1, "black")],
        ),
        ("two cats, the one on the left is black", [("cat", 1, ""), ("cat", 1, "black")]),
    ],
)
def test_one_stands_for_a_part_of_several(text: str, expected: list[Told]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a black dog and a white dog. The black one barks",
            [("dog", 1, "black"), ("dog", 1, "white")],
        ),
        ("a cat, the one that is black", [("cat", 1, "black")]),
        ("one black and white cat", [("cat", 1, "black/white")]),
        ("one way street", [("street", 1, "")]),
        ("no one on the beach", [("beach", 1, "")]),
        ("the white one", []),
    ],
)
def test_one_stands_for_what_was_named_or_for_nothing(text: str, expected: list[Told]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a brown and a white horse", [("horse", 1, "brown"), ("horse", 1, "white")]),
        ("a cat, a big and a small dog", [("cat", 1, ""), ("dog", 1, ""), ("dog", 1, "")]),
        ("two horses, a brown and a white one", [("horse", 1, "white"), ("horse", 1, "brown")]),
    ],
)
def test_a_noun_is_shared_by_the_phrase_before_it(text: str, expected: list[Told]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        (
            "the bus on the left is old and the one on the right is new",
            [("bus", "left"), ("bus", "right")],
        ),
        ("a dog next to the left car", [("dog", ""), ("car", "left")]),
        ("the left car is red and the right one is black", [("car", "left"), ("car", "right")]),
        ("a dog beside the leftmost cow", [("dog", ""), ("cow", "left")]),
    ],
)
def test_a_side_in_front_of_a_noun_is_its_place(text: str, sides: list[tuple[str, str]]) -> None:
    mentions = read(text.split(), all_nouns()).mentions
    assert [(one.noun, "/".join(one.places)) for one in mentions] == sides


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the man's dog is black", [("man", 1, ""), ("dog", 1, "black")]),
        ("a man. The man’s red ball", [("man", 1, ""), ("ball", 1, "red")]),
        (
            "the man's dog is black and the boy's dog is white",
            [("man", 1, ""), ("dog", 1, "black"), ("boy", 1, ""), ("dog", 1, "white")],
        ),
        ("the man's dog sits. The man's dog is old", [("man", 1, ""), ("dog", 1, "")]),
        ("a girl's pink umbrella", [("umbrella", 1, "pink")]),
        ("a child's bike leans on a tree", [("bike", 1, ""), ("tree", 1, "")]),
        ("the dog's black and the cat's white", [("dog", 1, "black"), ("cat", 1, "white")]),
        ("the dog's black and white bowl", [("dog", 1, ""), ("bowl", 1, "black/white")]),
        ("the man's riding a horse", [("man", 1, ""), ("horse", 1, "")]),
        ("a bird's eye view of a city", [("city", 1, "")]),
    ],
)
def test_whose_and_is(text: str, expected: list[Told]) -> None:
    assert told(text) == expected


def test_the_words_of_the_rest_name_nothing_else() -> None:
    said = read("two buses, one red and one blue".split(), all_nouns())
    assert {2, 3, 5, 6} <= said.bare | said.telling
