"""What reaches the networks of a real pipeline, tiny and random, and what it makes of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import value_of
from tests.trecs.synthesis.diffusion.tiny import SIDE, save_controlnet, save_model, save_xl_pair
from trecs.synthesis.diffusion.diffusion import Diffusion
from trecs.synthesis.diffusion.prompt import Prompt
from trecs.synthesis.diffusion.settings import DiffusionSettings

PROMPT = Prompt("a dog", "people")
LABELS = np.full((16, 16), value_of("grass"), np.uint8)
LABELS[:, 8:] = value_of("dog")
CANVAS = Canvas(LABELS, np.where(LABELS > 90, 0, 1).astype(np.int32))
OTHER = Canvas(np.full((16, 16), value_of("sea"), np.uint8), np.zeros((16, 16), np.int32))
RED = np.full((32, 32, 3), (255, 0, 0), np.uint8)


@pytest.fixture
def settings(pair: tuple[str, str]) -> DiffusionSettings:
    return DiffusionSettings(*pair, steps=4)


@pytest.fixture(scope="module")
def loaded(pair: tuple[str, str]) -> Diffusion:
    return Diffusion.load(DiffusionSettings(*pair, steps=4))


@pytest.fixture
def diffusion(loaded: Diffusion) -> Iterator[Diffusion]:
    before = loaded.settings
    yield loaded
    loaded.settings, loaded.watch = before, None


def seen(network: Any, name: str) -> list[Any]:
    """What a network is given under a name, or in a place, at each of its calls to come."""
    calls: list[Any] = []
    at = {"controlnet_cond": 3, "input_ids": 0, "sample": 0}[name]

    def hook(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        calls.append(kwargs[name] if name in kwargs else args[at])

    network.register_forward_pre_hook(hook, with_kwargs=True)
    return calls


def said(diffusion: Diffusion, tokens: Any) -> list[str]:
    read = diffusion.pipeline.tokenizer.batch_decode(tokens, skip_special_tokens=True)
    return [text.replace(" ", "") for text in read]  # it spells: "a d o g" or "a dog"


def pictures_of(diffusion: Diffusion, *seeds: int) -> list[NDArray[np.uint8]]:
    return [diffusion.render(CANVAS, PROMPT, seed, SIDE) for seed in seeds]


def test_the_control_picture_has_ade20ks_colours_where_the_canvas_has_its_labels(
    diffusion: Diffusion,
) -> None:
    given = seen(diffusion.pipeline.controlnet, "controlnet_cond")
    diffusion.render(CANVAS, PROMPT, 0, SIDE)
    picture = (given[0][0].permute(1, 2, 0).numpy() * 255).round().astype(int)
    assert picture.shape == (SIDE, SIDE, 3)
    assert (picture[:, : SIDE // 2] == (4, 250, 7)).all()  # grass
    assert (picture[:, SIDE // 2 :] == (255, 0, 122)).all()  # animal


def test_words_are_the_prompt_and_what_is_denied_the_negative_one(diffusion: Diffusion) -> None:
    given = seen(diffusion.pipeline.text_encoder, "input_ids")
    diffusion.render(CANVAS, PROMPT, 0, SIDE)
    assert [said(diffusion, tokens) for tokens in given] == [["adog"], ["people"]]


def test_prompts_canvas_and_guidance_change_the_picture(diffusion: Diffusion) -> None:
    first = diffusion.render(CANVAS, PROMPT, 0, SIDE)
    assert not np.array_equal(first, diffusion.render(OTHER, PROMPT, 0, SIDE))
    assert not np.array_equal(first, diffusion.render(CANVAS, Prompt("a cat", "people"), 0, SIDE))
    assert not np.array_equal(first, diffusion.render(CANVAS, Prompt("a dog"), 0, SIDE))
    diffusion.settings = replace(diffusion.settings, guidance=2.0)
    assert not np.array_equal(first, diffusion.render(CANVAS, PROMPT, 0, SIDE))


def test_the_same_seed_gives_the_same_picture_and_another_another(diffusion: Diffusion) -> None:
    first, again, other = pictures_of(diffusion, 3, 3, 4)
    assert (first.shape, first.dtype) == ((SIDE, SIDE, 3), np.uint8)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("size", "drawn"), [(40, 64), (64, 64), (96, 128)])
def test_it_draws_at_the_side_that_it_learnt_or_larger_ones(
    diffusion: Diffusion, size: int, drawn: int
) -> None:
    given = seen(diffusion.pipeline.controlnet, "controlnet_cond")
    assert diffusion.render(CANVAS, PROMPT, 0, size).shape == (size, size, 3)
    assert given[0].shape[-2:] == (drawn, drawn)


def test_each_step_is_told(diffusion: Diffusion) -> None:
    steps: list[tuple[int, int]] = []
    diffusion.watch = lambda done, of: steps.append((done, of))
    diffusion.render(CANVAS, PROMPT, 0, SIDE)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_what_the_watch_raises_ends_the_drawing_and_the_next_one_is_whole(
    diffusion: Diffusion,
) -> None:
    (whole,) = pictures_of(diffusion, 3)
    steps = seen(diffusion.pipeline.unet, "sample")

    def stop(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    diffusion.watch = stop
    with pytest.raises(KeyboardInterrupt):
        diffusion.render(CANVAS, PROMPT, 3, SIDE)
    assert len(steps) == 2
    diffusion.watch = None
    assert np.array_equal(whole, pictures_of(diffusion, 3)[0])


def test_it_begins_with_a_picture_and_gives_up_so_much_of_it(diffusion: Diffusion) -> None:
    steps: list[tuple[int, int]] = []
    diffusion.watch = lambda done, of: steps.append((done, of))
    encoded: list[Any] = []
    control = seen(diffusion.pipeline.controlnet, "controlnet_cond")
    diffusion.pipeline.vae.encoder.register_forward_pre_hook(
        lambda _, args: encoded.append(args[0])
    )
    half = diffusion.render(CANVAS, PROMPT, 3, SIDE, RED, 0.5)
    assert steps == [(1, 2), (2, 2)]
    pixels = (encoded[0][0].permute(1, 2, 0).numpy() + 1) * 127.5
    assert pixels.shape == (SIDE, SIDE, 3)
    assert np.abs(pixels - (255, 0, 0)).max() < 0.5
    assert (control[0][0, :, 0, 0].numpy() * 255).round().tolist() == [4, 250, 7]
    assert not np.array_equal(half, diffusion.render(CANVAS, PROMPT, 3, SIDE, 255 - RED, 0.5))
    assert np.array_equal(half, diffusion.render(CANVAS, PROMPT, 3, SIDE, RED, 0.5))
    assert not np.array_equal(half, diffusion.render(CANVAS, PROMPT, 3, SIDE, RED, 1.0))


def test_a_pair_for_sdxl_is_painted_with_by_its_own_class(tmp_path: Path) -> None:
    settings = DiffusionSettings(*save_xl_pair(tmp_path), steps=2)
    large = Diffusion.load(settings)
    assert type(large.pipeline).__name__ == "StableDiffusionXLControlNetPipeline"
    given = seen(large.pipeline.controlnet, "controlnet_cond")
    first = large.render(CANVAS, PROMPT, 3, SIDE)
    assert (given[0][0, :, 0, 0].numpy() * 255).round().tolist() == [4, 250, 7]
    assert np.array_equal(first, large.render(CANVAS, PROMPT, 3, SIDE))
    assert not np.array_equal(first, large.render(CANVAS, PROMPT, 4, SIDE))
    assert not np.array_equal(first, large.render(CANVAS, Prompt("a cat", "people"), 3, SIDE))
    assert not np.array_equal(first, large.render(CANVAS, PROMPT, 3, SIDE, RED, 0.5))


def test_told_colours_call_for_a_start_picture(settings: DiffusionSettings) -> None:
    plain = Diffusion(None, settings)
    assert (plain.strength(coloured=False), plain.strength(coloured=True)) == (None, 0.8)
    asked = Diffusion(None, replace(settings, strength=0.5))
    assert (asked.strength(coloured=False), asked.strength(coloured=True)) == (0.5, 0.5)
    assert Diffusion(None, DiffusionSettings(steps=1)).strength(coloured=True) == 1.0


def test_a_picture_that_the_models_own_filter_withheld_is_told(diffusion: Diffusion) -> None:
    class Withheld:
        vae_scale_factor = 2

        def __call__(self, prompt: str) -> Any:
            images = np.zeros((1, SIDE, SIDE, 3), np.float32)
            return type("Output", (), {"images": images, "nsfw_content_detected": [True]})

        def maybe_free_model_hooks(self) -> None:
            """As the library's."""

    with pytest.raises(InputError, match="safety checker has withheld"):
        Diffusion(Withheld(), diffusion.settings).render(CANVAS, PROMPT, 0, 64)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"steps": 0}, "0 steps paint nothing"),
        ({"guidance": float("nan")}, "guidance nan is no number"),
        ({"strength": 0.0}, "strength 0.0 is not above 0"),
        ({"strength": 1.5}, "strength 1.5 is not above 0"),
        ({"steps": 4, "strength": 0.2}, "strength of at least 0.25"),
    ],
)
def test_numbers_that_paint_nothing_are_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        DiffusionSettings(**wrong)


def test_a_controlnet_of_another_model_is_refused(pair: tuple[str, str], tmp_path: Path) -> None:
    save_controlnet(tmp_path / "wide", width=64)
    with pytest.raises(InputError, match=r"of 64 numbers a word, .* writes 32: it was made for"):
        Diffusion.load(DiffusionSettings(pair[0], str(tmp_path / "wide")))
    with pytest.raises(InputError, match="no ControlNet of diffusers; give one to --controlnet"):
        Diffusion.load(DiffusionSettings(pair[0], str(Path(pair[0]) / "vae")))
    save_model(tmp_path / "broken")
    (tmp_path / "broken" / "model_index.json").write_text("{}")
    with pytest.raises(InputError, match=r"broken' cannot be used for --model; expected a folder"):
        Diffusion.load(DiffusionSettings(str(tmp_path / "broken"), pair[1]))
