from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.stackgan.tiny import CONFIG, tiny_stackgan
from trecs.systems.stackgan.config import StackGanConfig, halvings
from trecs.systems.stackgan.discriminator import Judge
from trecs.systems.stackgan.generator import Augmentation, Generator, Residual
from trecs.systems.stackgan.losses import judge_loss


@torch.no_grad()
def test_conditions_are_drawn_round_their_means() -> None:
    """Of one weight each: mu = 3, log sigma^2 = -4 leaks to -0.8."""
    augmentation = Augmentation(replace(CONFIG, text=1, condition=1))
    augmentation.fc.weight.copy_(torch.tensor([[3.0], [-4.0]]))
    augmentation.fc.bias.zero_()
    condition, mean, log_variance = augmentation(torch.ones(2, 1), torch.tensor([[0.0], [2.0]]))
    assert mean.tolist() == [[3], [3]]
    assert log_variance.flatten().tolist() == pytest.approx([-0.8, -0.8])
    assert condition.flatten().tolist() == pytest.approx([3, 3 + 2 * 0.670320], rel=1e-5)


@torch.no_grad()
def test_a_residual_block_adds_to_what_it_is_given() -> None:
    block = Residual(4).eval()
    last = block.block[3].weight
    assert isinstance(last, torch.Tensor)
    last.zero_()
    x = torch.randn(2, 4, 3, 3)
    assert torch.equal(block(x), x.relu())


@torch.no_grad()
@pytest.mark.parametrize(("small", "side"), [(8, 16), (32, 64), (64, 256)])
def test_each_stage_has_its_side(small: int, side: int) -> None:
    config = replace(CONFIG, small=small, side=side)
    generator = Generator(config)
    noise, variations = generator.draw_noise(2)
    drawn = generator(noise, torch.randn(2, config.text), variations)
    assert [one.pictures.shape for one in drawn] == [(2, 3, small, small), (2, 3, side, side)]
    (first,) = generator(noise, torch.randn(2, config.text), variations, 1)
    assert first.pictures.shape == (2, 3, small, small)
    for one in drawn:
        judge = Judge(config, one.pictures.shape[-1], alone=True)
        assert judge(one.pictures).shape[2:] == (4, 4)


@torch.no_grad()
def test_pictures_differ_by_noise_and_sentence_and_variation() -> None:
    generator = tiny_stackgan().networks.generator
    assert isinstance(generator, Generator)
    (noise, variations), sentence = generator.draw_noise(2), torch.randn(2, CONFIG.text)
    whole = generator(noise, sentence, variations)
    changed = (
        generator(noise[[1, 1]], sentence, variations),
        generator(noise, sentence[[1, 1]], variations),
        generator(noise, sentence, variations[:, [1, 1]]),
    )
    for other in changed:
        for one, before in zip(other, whole, strict=True):
            assert not torch.allclose(one.pictures[0], before.pictures[0], atol=1e-3)
            torch.testing.assert_close(one.pictures[1], before.pictures[1])


def test_the_second_stage_teaches_the_first_nothing() -> None:
    generator = Generator(CONFIG)
    noise, variations = generator.draw_noise(2)
    generator(noise, torch.randn(2, CONFIG.text), variations)[-1].pictures.sum().backward()
    assert all(one.grad is None for one in generator.STAGE1_G.parameters())
    assert generator.hr_joint[0].weight.grad is not None


def test_sides_that_are_no_stages_are_refused() -> None:
    assert [halvings(side) for side in (4, 8, 64)] == [0, 1, 4]
    with pytest.raises(ValueError, match="power of two"):
        StackGanConfig(side=48)
    with pytest.raises(ValueError, match="second draws larger"):
        StackGanConfig(small=64)


def test_the_second_judge_tells_wrong_texts_apart() -> None:
    """Overfitting: eight pictures of one colour each, whose conditions say which."""
    torch.manual_seed(0)
    judge = Judge(CONFIG, 64, alone=True)
    colours = torch.rand(8, 3) * 2 - 1
    photos = colours[..., None, None].expand(-1, -1, 64, 64)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(100):
        code = judge(photos)
        real, wrong = judge.judge(code, colours), judge.judge_wrong(code, colours)
        fake = judge.judge(judge(torch.randn(8, 3, 64, 64)), colours)
        loss = judge_loss(real, wrong, fake)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert all((logits > 0).all() for logits in real)
    assert (wrong < 0).all()
    assert all((logits < 0).all() for logits in fake)
