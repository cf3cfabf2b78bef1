"""What the panels show of a result, as HTML."""

import base64
import io
import json
import re
from html import unescape

import numpy as np
from PIL import Image

from segmentation.labels import value_of
from trecs.alignment.regions import Region
from trecs.interface.panel import empty
from trecs.interface.panels.picture.panel import picture
from trecs.interface.panels.regions.panel import regions
from trecs.interface.panels.words.panel import words
from trecs.interface.pixels import colour, data_uri
from trecs.interface.rail import rail
from trecs.narrative import Narrative, Word
from trecs.tagging.tagger import Tags

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


def test_what_the_user_wrote_is_escaped_everywhere() -> None:
    nasty = "<script>alert(1)</script>"
    narrative = told(nasty, '"><video')
    region = Region(DOG, 0, 2, (STROKE,))
    image = np.zeros((2, 2, 3), np.uint8)
    for shown in (
        words(narrative, tagged(DOG, DOG), [region]),
        regions(narrative, [region]),
        picture(image, narrative.caption, 0),
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


def test_the_picture_is_the_image_pixel_by_pixel() -> None:
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    uri = data_uri(image)
    content = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content))), image)
