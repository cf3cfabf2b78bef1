"""What the panels show of a result, as HTML."""

import base64
import io
import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
from PIL import Image

from segmentation.colours import lab_of_hex
from segmentation.labels import value_of
from trecs.alignment.regions import Region
from trecs.interface.panel import empty
from trecs.interface.panels.picture.panel import picture
from trecs.interface.panels.regions.another import others
from trecs.interface.panels.regions.panel import regions
from trecs.interface.panels.words.panel import words
from trecs.interface.pixels import colour, data_uri
from trecs.interface.rail import rail
from trecs.narrative import Narrative, Word
from trecs.result import Result
from trecs.tagging.tagger import Tags
from trecs.text.said import UNNAMED, Mention, Said

DOG, SKY = value_of("dog"), value_of("sky-other")
STROKE = np.array([[0.1, 0.1, 0.0], [0.5, 0.1, 0.5], [0.3, 0.6, 1.0]])


def told(*texts: str) -> Narrative:
    return Narrative(tuple(Word(text, i, i + 1) for i, text in enumerate(texts)), (STROKE,))


def tagged(*labels: int) -> Tags:
    probabilities = np.full((len(labels), 182), 0.1 / 181, np.float32)
    probabilities[np.arange(len(labels)), list(labels)] = 0.9
    return Tags(np.array(labels, np.uint8), probabilities)


def test_words_of_one_label_stand_together_with_their_probabilities() -> None:
    shown = words(told("a", "dog", "below", "sky"), tagged(DOG, DOG, SKY, SKY))
    assert shown.count('class="run"') == 2
    assert shown.count('class="word"') == 4
    assert "dog 90%" in shown
    assert colour(SKY) == "#7cb9e8"


def test_words_show_the_number_of_their_region_and_what_is_predicted() -> None:
    drawn = Region(DOG, 0, 2, (STROKE,), sources=(0,))
    guessed = Region(SKY, 2, 4, (STROKE,), predicted=True)
    narrative, tags = told("a", "dog", "below", "sky"), tagged(DOG, DOG, SKY, SKY)
    shown = words(narrative, tags, [drawn, guessed])
    assert "<i>1</i>dog" in shown
    assert shown.count("their place is predicted") == shown.count('class="run guessed"') == 1
    (told_to_the_sheet,) = re.findall(r'data-matched="(.*?)"', shown)
    record = json.loads(unescape(told_to_the_sheet))
    assert (record["caption"], record["strokes"]) == ("a dog below sky", 1)
    assert [region["words"] for region in record["regions"]] == [[0, 2], [2, 4]]
    assert [region["pieces"] for region in record["regions"]] == [[[0, 0.0, 1.0]], []]
    assert "data-matched" not in words(narrative, tags)


def test_words_without_a_label_are_told_and_ask_for_one() -> None:
    violin = Mention("vi<olin", UNNAMED, 2, 4, 3)
    tags = replace(tagged(*[DOG] * 4), said=Said(unlabelled=(violin,)))
    narrative = told("a", "dog", "a", "vi<olin")
    shown = words(narrative, tags, [Region(DOG, 0, 2, (STROKE,), sources=(0,))])
    assert shown.count("dog</small>") == shown.count("no label</small>") == 1
    assert "No label for \u201cvi&lt;olin\u201d; <button" in shown
    (told_to_the_sheet,) = re.findall(r'data-matched="(.*?)"', shown)
    lacking = json.loads(unescape(told_to_the_sheet))["unlabelled"]
    assert lacking == [{"noun": "vi<olin", "words": [2, 4]}]
    stands_in = words(narrative, tags, [Region(DOG, 0, 4, (STROKE,), sources=(0,))])
    assert "no label</small>" not in stands_in


def test_what_the_user_wrote_is_escaped_everywhere() -> None:
    nasty = "<script>alert(1)</script>"
    narrative = told(nasty, '"><video')
    region = Region(DOG, 0, 2, (STROKE,))
    image = np.zeros((2, 2, 3), np.uint8)
    for shown in (
        words(narrative, tagged(DOG, DOG), [region]),
        regions(narrative, [region]),
        picture(Result(narrative, image=image)),
        rail({}, note=nasty),
        empty(nasty),
    ):
        assert "<script" not in shown
        assert '"><video' not in shown
        assert "&lt;script&gt;" in shown


def test_a_region_shows_its_hull_over_the_trace_and_who_drew_it() -> None:
    drawn, guessed = Region(DOG, 0, 1, (STROKE,)), Region(SKY, 1, 2, (STROKE,), predicted=True)
    shown = regions(told("dog", "sky"), [drawn, guessed, Region(SKY, 2, 2)])
    assert shown.count("<polygon") == 2  # the third has no trace
    assert "10.0,10.0" in shown
    assert shown.count("trace predicted from the words") == 1
    assert "drawn without words" in shown


def test_a_pot_shows_the_colour_that_is_said_or_chosen() -> None:
    said = Said((Mention("dog", DOG, 0, 2, 1, colours=("red",)),))
    red = Region(DOG, 0, 2, colours=(lab_of_hex("#a02020"),), colour_names=("red",))
    shown = regions(told("red", "<dog>,"), [red, Region(SKY, 2, 2)], said)
    assert shown.count('class="pot"') == 1  # nothing can be told of a stroke without words
    assert 'data-of="0" data-noun="dog"' in shown
    assert 'value="#a02020" title="dog: red, as said"' in shown
    assert 'aria-label="No colour for dog"' in shown
    chosen = told("red", "dog").coloured({1: "#203040"})
    shown = regions(chosen, [Region(DOG, 0, 2, colours=(lab_of_hex("#203040"),))], said)
    assert 'value="#203040" title="dog: chosen"' in shown
    assert 'aria-label="As said for dog"' in shown
    shown = regions(told("red", "dog").coloured({1: None}), [Region(DOG, 0, 2)], said)
    assert 'class="pot empty"' in shown
    assert "dog: no colour of its own" in shown
    shown = regions(told("a", "dog"), [Region(DOG, 0, 2)])
    assert "dog: choose a colour" in shown
    assert "<button" not in regions(told("a", "dog"), [Region(DOG, 0, 2)], reseeds=False)


def test_a_region_shows_its_own_seed_and_how_to_get_another() -> None:
    shown = regions(told("a", "<dog>,"), [Region(DOG, 0, 2), Region(SKY, 2, 2, seed=0)])
    first, second = shown.split("</li>")[:2]
    assert 'data-of="0" data-noun="dog" data-label="dog"' in first
    assert 'aria-label="Another dog"' in first
    assert 'type="number"' not in first
    assert 'data-of="1" data-noun="sky-other" data-label="sky-other"' in second
    assert 'value="0"' in second
    assert 'aria-label="The picture\'s seed for sky-other"' in unescape(second)


def test_labels_without_a_region_are_listed_below() -> None:
    shown = others([SKY, DOG], {"dog": 4, 1: 5})
    assert shown.count("data-of") == 0
    assert shown.count('type="number"') == 1
    assert 'value="4"' in shown
    assert others([], {}) == ""


def test_a_pot_of_two_colours_shows_both() -> None:
    both = (lab_of_hex("#101010"), lab_of_hex("#f0f0f0"))
    cow = Region(DOG, 0, 1, colours=both, colour_names=("black", "white"))
    shown = regions(told("dog"), [cow])
    assert "linear-gradient(90deg, #101010 0% 50%, #f0f0f0 50% 100%)" in shown
    assert "<small>black and white</small>" in shown


def test_the_picture_is_the_image_pixel_by_pixel() -> None:
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    uri = data_uri(image)
    content = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content))), image)
