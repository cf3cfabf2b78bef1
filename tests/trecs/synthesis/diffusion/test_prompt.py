import numpy as np
import pytest

from segmentation.canvas import Canvas
from segmentation.labels import value_of
from trecs.narrative import Narrative, from_text
from trecs.synthesis.diffusion.prompt import Prompt, colour_name, spoken
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read

HALF = np.full((4, 4), value_of("sky-other"), np.uint8)
HALF[3:] = value_of("wall-brick")
CANVAS = Canvas(HALF, np.zeros((4, 4), np.int32))


def prompt(narrative: Narrative) -> Prompt:
    words = [word.text for word in narrative.words]
    return Prompt.of(narrative, read(words, all_nouns()), CANVAS)


@pytest.mark.parametrize(
    ("text", "positive", "negative"),
    [
        ("A dog on the grass.", "A dog on the grass", ""),
        (
            "I see a red bus on the road, there are no people and no cars.",
            "I see a red bus on the road",
            "people, cars",
        ),
        ("a street without people", "a street", "people"),
        ("No unicorn on the beach, the sky is blue", "on the beach, the sky is blue", "unicorn"),
    ],
)
def test_what_is_denied_goes_from_the_prompt_into_the_negative_one(
    text: str, positive: str, negative: str
) -> None:
    assert prompt(from_text(text)) == Prompt(positive, negative)


@pytest.mark.parametrize(
    ("text", "colours", "positive"),
    [
        ("a bus on the road", {"bus": "red"}, "a red bus on the road"),
        ("a big blue bus on the road", {"bus": "red"}, "a big red bus on the road"),
        ("a dark blue bus on the road", {"bus": None}, "a bus on the road"),
        ("a bus on the road", {"road": "#000000"}, "a bus on the black road"),
    ],
)
def test_a_chosen_colour_takes_the_place_of_those_said(
    text: str, colours: dict[str, str | None], positive: str
) -> None:
    assert prompt(from_text(text).coloured(colours)).positive == positive


def test_without_words_the_labels_are_the_prompt_the_largest_first() -> None:
    told = Narrative((), (np.zeros((2, 3)),))
    assert prompt(told) == Prompt("sky, brick wall")


def test_labels_and_colours_are_called_as_people_call_them() -> None:
    names = ("sky-other", "floor-wood", "wall-other", "desk-stuff", "traffic-light")
    assert [spoken(value_of(name)) for name in names] == [
        *("sky", "wood floor", "wall", "desk", "traffic light"),
    ]
    assert colour_name("#ffffff") == "white"
