from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.stackgan_v2.tiny import CONFIG, tiny_stackgan_v2
from trecs.systems.parts.staged_config import halvings
from trecs.systems.stackgan_v2.config import StackGanV2Config
from trecs.systems.stackgan_v2.discriminator import Judge
from trecs.systems.stackgan_v2.generator import Generator
from trecs.systems.stackgan_v2.losses import judge_loss


@torch.no_grad()
@pytest.mark.parametrize(("first", "sides"), [(16, (16, 32, 64)), (64, (64, 128))])
def test_each_stage_draws_twice_the_side(first: int, sides: tuple[int, ...]) -> None:
    config = replace(CONFIG, first=first, stages=len(sides))
    assert (config.sides, config.side) == (sides, sides[-1])
    generator = Generator(config)
    noise, variation = generator.draw_noise(2)
    drawn = generator(noise, torch.randn(2, config.text), variation)
    assert [one.shape for one in drawn.pictures] == [(2, 3, side, side) for side in sides]
    for one in drawn.pictures:
        assert Judge(config, one.shape[-1])(one).shape[2:] == (4, 4)


@torch.no_grad()
def test_pictures_of_all_stages_differ_by_noise_and_sentence_and_variation() -> None:
    generator = tiny_stackgan_v2().networks.generator
    assert isinstance(generator, Generator)
    (noise, variation), sentence = generator.draw_noise(2), torch.randn(2, CONFIG.text)
    whole = generator(noise, sentence, variation).pictures
    changed = (
        generator(noise[[1, 1]], sentence, variation),
        generator(noise, sentence[[1, 1]], variation),
        generator(noise, sentence, variation[[1, 1]]),
    )
    for other in changed:
        for one, before in zip(other.pictures, whole, strict=True):
            assert not torch.allclose(one[0], before[0], atol=1e-3)
            torch.testing.assert_close(one[1], before[1])


def test_the_last_stage_teaches_the_first() -> None:
    """The tree learns together, where StackGAN's stages learn in turn."""
    generator = Generator(CONFIG)
    noise, variation = generator.draw_noise(2)
    generator(noise, torch.randn(2, CONFIG.text), variation).pictures[-1].sum().backward()
    first = generator.h_net1.fc[0]
    assert isinstance(first, torch.nn.Linear)
    taught = first.weight.grad
    assert taught is not None
    assert taught.abs().max() > 0


def test_sides_and_widths_that_are_no_stages_are_refused() -> None:
    assert [halvings(side) for side in (4, 8, 64)] == [0, 1, 4]
    with pytest.raises(ValueError, match="power of two"):
        StackGanV2Config(first=24)
    with pytest.raises(ValueError, match="not halved by 3"):
        StackGanV2Config(width=6)


def test_a_judge_tells_wrong_texts_apart() -> None:
    """Overfitting: eight pictures of one colour each, whose conditions say which."""
    torch.manual_seed(0)
    judge = Judge(CONFIG, 16)
    means = torch.rand(8, 3) * 2 - 1
    photos = means[..., None, None].expand(-1, -1, 16, 16)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(100):
        code = judge(photos)
        real, wrong = judge.judge(code, means), judge.judge(code.roll(1, 0), means)
        fake = judge.judge(judge(torch.randn(8, 3, 16, 16)), means)
        loss = judge_loss(real, wrong, fake)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (torch.cat([*real, wrong.unconditional]) > 0).all()
    assert (torch.cat([*fake, wrong.conditional]) < 0).all()
