from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.trecs.systems.mirrorgan.tiny import CONFIG, tiny_mirrorgan
from trecs.systems.mirrorgan.config import MirrorGanConfig
from trecs.systems.mirrorgan.generator import Drawn, Generator, GlobalLocalAttention
from trecs.systems.parts.discriminator import Discriminator

LENGTHS = (5, 2, 3)


def inputs(count: int = 3) -> list[Tensor]:
    """Noise, variation, sentences, words and padding of captions of several lengths."""
    torch.manual_seed(1)
    padding = torch.arange(5) >= torch.tensor(LENGTHS)[:, None]
    drawn = [
        torch.randn(3, CONFIG.noise),
        torch.randn(3, CONFIG.condition),
        torch.randn(3, CONFIG.text),
        torch.randn(3, CONFIG.text, 5),
        padding,
    ]
    return [one[:count] for one in drawn]


@torch.no_grad()
def draw(batch: list[Tensor]) -> Drawn:
    drawn: Drawn = tiny_mirrorgan().networks.generator(*batch)
    return drawn


@torch.no_grad()
@pytest.mark.parametrize(("first", "sides"), [(16, (16, 32, 64)), (64, (64, 128))])
def test_each_stage_draws_twice_the_side(first: int, sides: tuple[int, ...]) -> None:
    config = replace(CONFIG, first=first, stages=len(sides))
    assert (config.sides, config.side) == (sides, sides[-1])
    drawn = Generator(config).eval()(*inputs())
    assert [one.shape for one in drawn.pictures] == [(3, 3, side, side) for side in sides]
    attended = [(one.words.shape, one.sentence.shape) for one in drawn.attended]
    assert attended == [((3, 5, side, side), (3, 4, side, side)) for side in sides[:-1]]
    for one in drawn.pictures:
        judge = Discriminator(one.shape[-1], config.judge_width, config.text)
        assert judge(one).shape[2:] == (4, 4)


def test_the_local_attention_is_over_words_and_the_global_one_over_channels() -> None:
    for attended in draw(inputs()).attended:
        for shares in (attended.words, attended.sentence):
            torch.testing.assert_close(shares.sum(1), torch.ones_like(shares[:, 0]))
        for n, length in enumerate(LENGTHS):
            assert not attended.words[n, length:].any()


@torch.no_grad()
def test_the_global_attention_worked_out_by_hand() -> None:
    """V c = (1, 2); a place (3, 0) gives scores 3 and 0 of the channels, one of (0, 1) 0 and 2."""
    attention = GlobalLocalAttention(2, 3, 1)
    attention.linear.weight.copy_(torch.tensor([[0.5], [1.0]]))
    attention.linear.bias.zero_()
    attention.conv_sentence_vis.weight.copy_(torch.eye(2)[..., None, None])
    hidden = torch.tensor([[3.0, 0], [0, 1]]).view(1, 2, 1, 2)
    padding = torch.zeros(1, 1, dtype=torch.bool)
    found = attention.attend(hidden, torch.tensor([[2.0]]), torch.randn(1, 3, 1), padding)
    first, second = torch.tensor([3.0, 2.0]).sigmoid()
    expected = torch.tensor([[first, 1 - second], [1 - first, second]])
    torch.testing.assert_close(found.sentence[0, :, 0], expected)
    torch.testing.assert_close(
        found.sentence_context[0, :, 0], expected * torch.tensor([[1.0], [2]])
    )


def test_a_caption_draws_the_same_in_any_batch() -> None:
    together = draw(inputs())
    for n, length in enumerate(LENGTHS):
        noise, variation, sentence, words, padding = (x[n : n + 1] for x in inputs())
        alone = draw([noise, variation, sentence, words[..., :length], padding[:, :length]])
        for pictures, own in zip(together.pictures, alone.pictures, strict=True):
            torch.testing.assert_close(pictures[n : n + 1], own, rtol=0, atol=2e-4)


@pytest.mark.parametrize("which", range(4), ids=("noise", "variation", "sentence", "words"))
def test_later_pictures_differ_by_all_that_is_told(which: int) -> None:
    changed = inputs()
    changed[which] = changed[which].clone()
    changed[which][0] += 1
    for stage, (before, after) in enumerate(
        zip(draw(inputs()).pictures, draw(changed).pictures, strict=True), 1
    ):
        torch.testing.assert_close(after[1:], before[1:])
        same = which == 3 and stage == 1  # words are seen from the second stage on
        assert torch.allclose(after[0], before[0], atol=1e-4) == same


def test_sides_that_are_no_stages_are_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        MirrorGanConfig(first=24)
    with pytest.raises(ValueError, match="one stage"):
        MirrorGanConfig(stages=0)
