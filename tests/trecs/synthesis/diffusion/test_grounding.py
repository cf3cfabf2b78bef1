"""What a real pipeline of GLIGEN, tiny and random, is told of a canvas, and what it makes of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.composition import Placement, compose
from segmentation.labels import UNLABELED, value_of
from segmentation.masks import Mask
from tests.trecs.synthesis.diffusion.tiny import SIDE, save_gligen
from trecs.alignment.regions import Region
from trecs.narrative import from_text
from trecs.synthesis.diffusion import loading
from trecs.synthesis.diffusion.diffusion import Diffusion
from trecs.synthesis.diffusion.grounding import MOST, Grounding
from trecs.synthesis.diffusion.prompt import Prompt
from trecs.synthesis.diffusion.settings import DiffusionSettings
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read

GRASS, DOG, CAT = (value_of(name) for name in ("grass", "dog", "cat"))
FULL = np.ones((1, 1), bool)
PROMPT = Prompt("a dog", "people")


def canvas_of(*things: tuple[int, tuple[int, int, int, int]], side: int = 20) -> Canvas:
    """Grass with things, each a label and the left, top, right and bottom of its rectangle."""
    canvas = Canvas(np.full((side, side), GRASS, np.uint8), np.zeros((side, side), np.int32))
    for number, (label, (left, top, right, bottom)) in enumerate(things, 1):
        canvas.label_map[top:bottom, left:right] = label
        canvas.instance_map[top:bottom, left:right] = number
    return canvas


TWO_DOGS = canvas_of((DOG, (0, 10, 10, 20)), (DOG, (12, 10, 20, 18)))


@pytest.fixture(scope="module")
def gligen(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The folder of a tiny model."""
    return save_gligen(tmp_path_factory.mktemp("gligen") / "model")


@pytest.fixture(scope="module")
def diffusion(gligen: str) -> Diffusion:
    return Diffusion.load(DiffusionSettings(gligen, steps=8))


def of_words(text: str, *words: tuple[int, int, int], **told: Any) -> tuple[str, ...]:
    """The phrases of TWO_DOGS for a text whose regions are labels, their first words and last."""
    narrative = replace(from_text(text), **told)
    regions = [Region(label, start, stop) for label, start, stop in words]
    said = read([word.text for word in narrative.words], all_nouns())
    return Grounding.of(narrative, said, TWO_DOGS, regions).phrases


def test_things_have_a_box_each_and_stuff_one_and_the_largest_comes_first() -> None:
    grounding = Grounding.of_canvas(TWO_DOGS)
    assert grounding.phrases == ("grass", "dog", "dog")
    assert np.allclose(grounding.boxes, [(0, 0, 1, 1), (0, 0.5, 0.5, 1), (0.6, 0.5, 1, 0.9)])


def test_regions_go_by_their_own_words_and_each_of_several_things_in_the_singular() -> None:
    text = "Two brown dogs on the wet grass"
    assert of_words(text, (DOG, 2, 3), (GRASS, 5, 7)) == ("wet grass", "brown dog", "brown dog")
    assert of_words(text, (DOG, 2, 3)) == ("grass", "brown dog", "brown dog")
    assert of_words("It is there", (DOG, 0, 1)) == ("grass", "dog", "dog")
    chosen = of_words(text, (DOG, 2, 3), colours={2: "#ff0000"})
    assert chosen == ("grass", "red dog", "red dog")


def test_things_of_one_label_go_by_the_words_of_their_own_masks() -> None:
    narrative = from_text("a black dog and a white dog")
    placements = [
        Placement(DOG, (Mask((0, 0.5, 0.5, 1), FULL),)),
        Placement(DOG, (Mask((0.6, 0.5, 1, 0.9), FULL),)),
    ]
    canvas = compose(placements, 20)
    said = read([word.text for word in narrative.words], all_nouns())
    regions = [Region(DOG, 2, 3), Region(DOG, 6, 7)]
    grounding = Grounding.of(narrative, said, canvas, regions, placements)
    found = dict(zip(grounding.phrases, grounding.boxes, strict=True))
    assert np.allclose(found["black dog"], (0, 0.5, 0.5, 1))
    assert np.allclose(found["white dog"], (0.6, 0.5, 1, 0.9))


def test_crumbs_and_what_has_no_label_are_not_told_and_no_more_than_a_pipeline_takes() -> None:
    canvas = canvas_of((CAT, (0, 0, 1, 1)), side=100)
    canvas.label_map[50:] = UNLABELED
    assert Grounding.of_canvas(canvas).phrases == ("grass",)
    many = canvas_of(*((DOG, (2 * i, 0, 2 * i + 1, 20)) for i in range(40)), side=80)
    assert len(Grounding.of_canvas(many).phrases) == len(Grounding.of_canvas(many).boxes) == MOST


def test_the_networks_are_given_the_phrases_and_the_boxes(diffusion: Diffusion) -> None:
    given: list[Any] = []
    network = diffusion.pipeline.unet.position_net
    handle = network.register_forward_pre_hook(
        lambda _, args, kwargs: given.append(kwargs), with_kwargs=True
    )
    grounding = Grounding(("a dog",), ((0.25, 0.5, 0.75, 1.0),))
    diffusion.render(TWO_DOGS, PROMPT, 0, SIDE, grounding=grounding)
    handle.remove()
    boxes, masks = given[0]["boxes"], given[0]["masks"]
    assert boxes.shape == (2, MOST, 4)  # without and with words
    assert boxes[1, 0].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert masks.sum(1).tolist() == [0, 1]


def test_boxes_phrases_and_prompt_change_the_picture(diffusion: Diffusion) -> None:
    def drawn(phrase: str, left: float, seed: int = 3, prompt: Prompt = PROMPT) -> Any:
        told = Grounding((phrase,), ((left, 0.5, left + 0.25, 1.0),))
        return diffusion.render(TWO_DOGS, prompt, seed, SIDE, grounding=told)

    first = drawn("a dog", 0.0)
    assert np.array_equal(first, drawn("a dog", 0.0))
    for other in (drawn("a dog", 0.75), drawn("a cat", 0.0), drawn("a dog", 0.0, 4),
                  drawn("a dog", 0.0, prompt=Prompt("a cat"))):  # fmt: skip
        assert not np.array_equal(first, other)


def test_without_boxes_the_canvas_is_told_and_an_empty_one_is_drawn(diffusion: Diffusion) -> None:
    told = diffusion.render(TWO_DOGS, PROMPT, 3, SIDE)
    of_canvas = Grounding.of_canvas(TWO_DOGS)
    assert np.array_equal(told, diffusion.render(TWO_DOGS, PROMPT, 3, SIDE, grounding=of_canvas))
    empty = replace(TWO_DOGS, label_map=np.full((20, 20), UNLABELED, np.uint8))
    assert diffusion.render(empty, PROMPT, 3, SIDE).shape == (SIDE, SIDE, 3)
    endless = Grounding(("x" * 500,), ((0.0, 0.0, 1.0, 1.0),))
    assert diffusion.render(empty, PROMPT, 3, SIDE, grounding=endless).shape == (SIDE, SIDE, 3)


def test_each_step_is_told_and_colours_call_for_no_picture(diffusion: Diffusion) -> None:
    steps: list[tuple[int, int]] = []
    diffusion.watch = lambda done, of: steps.append((done, of))
    diffusion.render(TWO_DOGS, PROMPT, 0, SIDE)
    diffusion.watch = None
    assert steps == [(i, 8) for i in range(1, 9)]
    assert diffusion.grounded
    assert diffusion.strength(coloured=True) is None


def test_it_needs_no_controlnet_and_refuses_one(gligen: str) -> None:
    assert loading.local_folders(DiffusionSettings(gligen)) == (Path(gligen),)
    for wrong in ({"controlnet": "a/b"}, {"strength": 0.5}):
        with pytest.raises(InputError, match="boxes and begins with noise; leave out"):
            loading.load(DiffusionSettings(gligen, **wrong), "cpu")
