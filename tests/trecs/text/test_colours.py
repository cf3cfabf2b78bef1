import pytest

from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read


def colours(text: str) -> list[tuple[str, str]]:
    return [(m.noun, "/".join(m.colours)) for m in read(text.split(), all_nouns()).mentions]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a red bus on a road", [("bus", "red"), ("road", "")]),
        ("a red and white bus", [("bus", "red/white")]),
        ("a red-and-white bus", [("bus", "red/white")]),
        ("The car is blue.", [("car", "blue")]),
        ("a car, which is dark blue, on snow", [("car", "dark blue"), ("snow", "")]),
        ("golden sand under a dark sky", [("sand", "gold"), ("sky", "dark")]),
        ("light green grass and a light", [("grass", "light green"), ("light", "")]),
        ("a red old rusty car", [("car", "red")]),
        ("a red double decker bus", [("double decker bus", "red")]),
        ("a bus in red color on the road", [("bus", "red"), ("road", "")]),
        ("a yellow coloured bus", [("bus", "yellow")]),
        ("the bench is dark brown in colour", [("bench", "dark brown")]),
        ("the wall is painted white", [("wall", "white")]),
        ("A cat on a sofa is black", [("cat", "black"), ("sofa", "")]),
        ("a cat and a dog are brown", [("cat", "brown"), ("dog", "brown")]),
        ("there are black and white cows", [("cow", "black/white")]),
        ("two dogs, one black and one white", [("dog", "white"), ("dog", "black")]),
        ("a gray horse behind a brown horse", [("horse", "grey"), ("horse", "brown")]),
        ("The car is red and white snow covers it", [("car", "red"), ("snow", "white")]),
        ("a brown bear", [("brown bear", "brown")]),
    ],
)
def test_colours_belong_to_their_noun(text: str, said: list[tuple[str, str]]) -> None:
    assert colours(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a dog is not black", [("dog", "")]),
        ("the dog isn't black", [("dog", "")]),
        ("the bus is not blue but red", [("bus", "red")]),
        ("no red bus but a car", [("car", "")]),
        ("the sky is no longer blue", [("sky", "")]),
        ("an orange and an orange cat", [("orange", ""), ("cat", "orange")]),
        ("orange juice", [("orange", "")]),
        ("a man in black stands", [("man", "")]),
        ("a red-haired woman", [("woman", "")]),
        ("a rainbow colored umbrella", [("umbrella", "")]),
        ("black and white photo of a dog", [("dog", "")]),
    ],
)
def test_other_colours_are_left_alone(text: str, said: list[tuple[str, str]]) -> None:
    assert colours(text) == said


def test_the_same_thing_again_keeps_its_colour_and_another_has_its_own() -> None:
    assert colours("a black dog. The dog sits on a black mat") == [
        ("dog", "black"),
        ("mat", "black"),
    ]
    said = colours("a black dog and a brown dog. The brown dog sits")
    assert said == [("dog", "black"), ("dog", "brown")]


def test_a_colour_told_behind_does_not_deny_what_follows() -> None:
    said = read("the bus is not red and a dog is there".split(), all_nouns())
    assert [m.noun for m in said.mentions] == ["bus", "dog"]
    assert not said.denied
