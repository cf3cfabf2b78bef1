from dataclasses import replace
from itertools import pairwise

import numpy as np
import torch

from tests.trecs.systems.clip.tiny import GUIDANCE, tiny_clip, tiny_system
from trecs.narrative import from_text
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.systems.clip.guidance import Guidance
from trecs.systems.clip.system import ClipSystem

SAID = from_text("a red dog")


def test_the_steps_are_shown_up_to_the_picture() -> None:
    drawing = tiny_system().draw(SAID, 2)
    assert len(drawing.frames) == GUIDANCE.steps
    assert drawing.picture is drawing.frames[-1].picture
    assert drawing.picture.shape == (64, 64, 3)
    assert all(not np.array_equal(a.picture, b.picture) for a, b in pairwise(drawing.frames))
    assert drawing.notes[-1].startswith("Its cosine with the words went from ")


def test_other_words_lead_elsewhere() -> None:
    system = tiny_system()
    one, other = system.draw(SAID, 2), system.draw(from_text("dog"), 2)
    assert not np.array_equal(one.picture, other.picture)


def test_without_strength_words_count_for_nothing() -> None:
    system = tiny_system(replace(GUIDANCE, strength=0.0))
    one, other = system.draw(SAID, 2), system.draw(from_text("dog"), 2)
    assert np.array_equal(one.picture, other.picture)


def test_guidance_ends_at_a_better_cosine() -> None:
    """Mean of eight seeds, on random networks."""

    def ended(strength: float) -> float:
        system = tiny_system(Guidance(steps=8, cuts=4, strength=strength))
        return float(np.mean([system.moments("a red dog", seed)[-1].cosine for seed in range(8)]))

    assert ended(0.5) > ended(0.0)


def test_words_that_are_not_known_are_told() -> None:
    assert "zebra" in tiny_system().draw(from_text("a red zebra"), 0).notes[0]


def test_its_canvas_is_read_where_the_networks_are() -> None:
    """A device without numbers stands for a GPU."""
    clip = tiny_clip()
    clip.network.to("meta")
    system = ClipSystem(clip, ThumbnailStage(ThumbnailStageConfig.tiny()).to("meta"))
    assert system._canvas.device.type == "meta"


def test_it_draws_where_gradients_are_off() -> None:
    system = tiny_system()
    with torch.inference_mode():
        quiet = system.draw(SAID, 2)
    assert np.array_equal(quiet.picture, system.draw(SAID, 2).picture)
