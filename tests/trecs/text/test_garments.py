import pytest

from segmentation.labels import value_of
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read

PERSON = value_of("person")


def worn(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Who wears what part in which colours: (wearer, part, colours)."""
    words = text.split()
    return [
        (words[wearer].strip(".,").removesuffix("'s"), one.part, one.colours)
        for one in read(words, all_nouns()).garments
        for wearer in one.wearers
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a man in a red shirt", [("man", "top", ("red",))]),
        (
            "a man in a red shirt and blue jeans stands on the grass",
            [("man", "top", ("red",)), ("man", "bottom", ("blue",))],
        ),
        ("a woman wearing a long yellow dress", [("woman", "whole", ("yellow",))]),
        ("a boy in black runs", [("boy", "whole", ("black",))]),
        ("a boy on a bike in a red helmet", [("boy", "head", ("red",))]),
        ("a man and a woman in red shirts", [("woman", "top", ("red",)), ("man", "top", ("red",))]),
        ("a woman with blond hair", [("woman", "head", ("gold",))]),
        ("a skier in a yellow jacket skis down", [("skier", "top", ("yellow",))]),
        ("a child wrapped in a red coat", [("child", "top", ("red",))]),
        ("a skier in orange pants", [("skier", "bottom", ("orange",))]),
        ("a man in a suit", [("man", "whole", ())]),
        ("a boy with a ball. His shirt is green.", [("boy", "top", ("green",))]),
        ("A man and a woman. She wears a red dress.", [("woman", "whole", ("red",))]),
        ("a woman stands. A man walks. Her hat is red.", [("woman", "head", ("red",))]),
        (
            "a man wearing a blue shirt, red tie and black trousers",
            [("man", "top", ("blue",)), ("man", "bottom", ("black",))],
        ),
        ("the man's shirt is blue", [("man", "top", ("blue",))]),
        ("the woman's red dress", [("woman", "whole", ("red",))]),
        (
            "a man in a red shirt and another in a blue one",
            [("man", "top", ("red",)), ("another", "top", ("blue",))],
        ),
        (
            "a boy in blue jeans and a girl in red ones",
            [("boy", "bottom", ("blue",)), ("girl", "bottom", ("red",))],
        ),
        ("a man in a dark red and white t-shirt", [("man", "top", ("dark red", "white"))]),
    ],
)
def test_garments_belong_to_whoever_wears_them(
    text: str, expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert worn(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a red shirt hangs on the wall",
        "a dog in a red coat",
        "two dogs, one in a red coat",
        "a man near a red coat",
        "a man in the snow near a blue coat",
        "a man in front of a blue coat",
        "a man in a red shirt near a blue suit",
        "a man without a shirt",
        "a picture in black and white of a bus",
        "a man in the blue sea",
        "a man in front of a white house",
        "a man rides a horse. Her dress is red.",
    ],
)
def test_what_nobody_wears_is_worn_by_nobody(text: str) -> None:
    assert all(part == "top" and colours == ("red",) for _, part, colours in worn(text))
    assert len(worn(text)) == ("in a red shirt" in text)


def test_a_garment_is_no_thing_and_its_colour_is_not_its_wearers() -> None:
    said = read("a man wears a red jacket and his hat is black".split(), all_nouns())
    assert [(one.label, one.colours) for one in said.mentions] == [(PERSON, ())]
    assert [one.colours for one in said.garments] == [("red",), ("black",)]
    hung = read("a red jacket hangs on a wall".split(), all_nouns())
    assert [one.colours for one in hung.mentions] == [("red",), ()]
