from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.sdgan.tiny import CONFIG, tiny_sdgan, told
from trecs.systems.sdgan.config import SdGanConfig
from trecs.systems.sdgan.generator import Generator
from trecs.systems.sdgan.semantic_norm import SentenceNorm, WordNorm


@torch.no_grad()
@pytest.mark.parametrize(("first", "sides"), [(16, (16, 32, 64)), (64, (64, 128))])
def test_each_stage_draws_twice_the_side(first: int, sides: tuple[int, ...]) -> None:
    config = replace(CONFIG, first=first, stages=len(sides))
    assert (config.sides, config.side) == (sides, sides[-1])
    generator = Generator(config)
    drawn = generator(*generator.draw_noise(2), *told())
    assert [one.shape for one in drawn.pictures] == [(2, 3, side, side) for side in sides]
    assert [one.shape for one in drawn.shares] == [(2, 5, side, side) for side in sides[:-1]]


def test_the_first_stages_norms_are_told_the_sentence_and_later_ones_the_words() -> None:
    told_norms = {
        name: type(part)
        for name, part in Generator(CONFIG).named_modules()
        if isinstance(part, SentenceNorm | WordNorm)
    }
    assert told_norms == {
        "h_net1.doublings.0.norm": SentenceNorm,
        "h_net1.doublings.1.norm": SentenceNorm,
        "h_net2.residual.norm": WordNorm,
        "h_net3.residual.norm": WordNorm,
    }


@torch.no_grad()
def test_sentence_and_words_reach_the_pictures_by_the_norms_alone() -> None:
    """The conditions of the sentence are silenced."""
    generator = tiny_sdgan().networks.generator
    assert isinstance(generator, Generator)
    for parameter in generator.ca_net.parameters():
        parameter.zero_()
    noise, (sentence, words, padding) = generator.draw_noise(2), told()
    before = generator(*noise, sentence, words, padding).pictures
    other_words = generator(*noise, sentence, words * -2, padding).pictures
    torch.testing.assert_close(other_words[0], before[0])
    for one, other in zip(other_words[1:], before[1:], strict=True):
        assert not torch.allclose(one, other, atol=1e-3)
    other_sentence = generator(*noise, sentence * -2, words, padding).pictures
    assert not torch.allclose(other_sentence[0], before[0], atol=1e-3)


def test_sides_and_stages_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        SdGanConfig(first=24)
    with pytest.raises(ValueError, match="one stage at least"):
        SdGanConfig(stages=0)


@torch.no_grad()
def test_stages_and_what_each_word_changed_are_shown() -> None:
    drawing = tiny_sdgan().painted(VOCABULARY.encode("a red dog", 6), 0)
    assert [len(frame.picture) for frame in drawing.frames] == [16, 32, 64]
    assert drawing.picture is drawing.frames[-1].picture
    assert drawing.attention is not None
    assert drawing.attention.words == ("a", "red", "dog")
    shapes = {name: maps.shape for name, maps in drawing.attention.maps.items()}
    assert shapes == {"stage 2": (3, 16, 16), "stage 3": (3, 32, 32)}
    for maps in drawing.attention.maps.values():
        assert maps.sum(0) == pytest.approx(1)
