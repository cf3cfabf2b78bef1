from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.dmgan.tiny import CONFIG, tiny_dmgan, told
from trecs.learning.judge import discriminator_loss
from trecs.systems.dmgan.config import DmGanConfig
from trecs.systems.dmgan.discriminator import Judge, SpectralConv
from trecs.systems.dmgan.generator import Generator
from trecs.systems.parts.staged_config import halvings


@torch.no_grad()
@pytest.mark.parametrize(("first", "sides"), [(16, (16, 32, 64)), (64, (64, 128))])
def test_each_stage_draws_twice_the_side(first: int, sides: tuple[int, ...]) -> None:
    config = replace(CONFIG, first=first, stages=len(sides))
    assert (config.sides, config.side) == (sides, sides[-1])
    generator = Generator(config)
    drawn = generator(*generator.draw_noise(2), *told())
    assert [one.shape for one in drawn.pictures] == [(2, 3, side, side) for side in sides]
    assert [one.attention.shape for one in drawn.reads] == [
        (2, 5, side, side) for side in sides[:-1]
    ]
    for one in drawn.pictures:
        assert Judge(config, one.shape[-1])(one).shape[2:] == (4, 4)


@torch.no_grad()
def test_words_are_seen_by_the_later_stages_alone() -> None:
    generator = tiny_dmgan().networks.generator
    assert isinstance(generator, Generator)
    (noise, variation), (sentence, words, padding) = generator.draw_noise(2), told()
    before = generator(noise, variation, sentence, words, padding).pictures
    after = generator(noise, variation, sentence, words * -2, padding).pictures
    torch.testing.assert_close(after[0], before[0])
    for one, other in zip(after[1:], before[1:], strict=True):
        assert not torch.allclose(one, other, atol=1e-3)


def test_sides_and_stages_that_are_none_are_refused() -> None:
    assert [halvings(side) for side in (4, 8, 64)] == [0, 1, 4]
    with pytest.raises(ValueError, match="power of two"):
        DmGanConfig(first=24)
    with pytest.raises(ValueError, match="one stage"):
        DmGanConfig(stages=0)


def test_a_weight_is_divided_by_its_largest_singular_value() -> None:
    torch.manual_seed(0)
    convolution, x = SpectralConv(3, 4, 3, 1), torch.randn(2, 3, 5, 5)
    for _ in range(100):
        convolution(x)
    weight = convolution.weight.detach()
    largest = torch.linalg.svdvals(weight.flatten(1))[0]
    expected = torch.nn.functional.conv2d(
        x, weight / largest, convolution.module.get_parameter("bias"), padding=1
    )
    torch.testing.assert_close(convolution(x), expected, atol=1e-5, rtol=1e-4)


def test_each_call_goes_one_power_iteration_on() -> None:
    convolution, x = SpectralConv(3, 4, 3, 1).eval(), torch.randn(2, 3, 5, 5)
    before = convolution.module.get_buffer("weight_u").clone()
    matrix = convolution.weight.detach().flatten(1)
    convolution(x)
    v = _unit(matrix.T @ before)
    torch.testing.assert_close(convolution.module.get_buffer("weight_v"), v)
    torch.testing.assert_close(convolution.module.get_buffer("weight_u"), _unit(matrix @ v))


@torch.no_grad()
def test_where_it_attends_is_shown_for_every_word_and_later_stage() -> None:
    drawing = tiny_dmgan().painted(VOCABULARY.encode("a red dog", 6), 0)
    assert [len(frame.picture) for frame in drawing.frames] == [16, 32, 64]
    assert drawing.picture is drawing.frames[-1].picture
    assert drawing.attention is not None
    assert drawing.attention.words == ("a", "red", "dog")
    shapes = {name: maps.shape for name, maps in drawing.attention.maps.items()}
    assert shapes == {"stage 2": (3, 16, 16), "stage 3": (3, 32, 32)}
    for maps in drawing.attention.maps.values():
        assert maps.sum(0) == pytest.approx(1)


def test_a_judge_tells_wrong_texts_apart() -> None:
    """Overfitting: eight pictures of one colour each, whose sentences say which."""
    torch.manual_seed(0)
    judge = Judge(replace(CONFIG, judge_width=8), 16)
    colours = torch.rand(8, 3) * 2 - 1
    photos = colours[..., None, None].expand(-1, -1, 16, 16)
    sentences = torch.cat([colours, torch.randn(8, CONFIG.text - 3)], 1)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(200):
        code = judge(photos)
        real, wrong = judge.judge(code, sentences), judge.judge_mismatched(code, sentences)
        fake = judge.judge(judge(torch.randn(8, 3, 16, 16)), sentences)
        loss = discriminator_loss(real, fake, wrong)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (torch.cat([*real]) > 0).all()
    assert (torch.cat([*fake, wrong]) < 0).all()


def _unit(vector: Tensor) -> Tensor:
    return vector / vector.norm()
