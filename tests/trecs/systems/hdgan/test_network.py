from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.hdgan.tiny import CONFIG, tiny_hdgan
from trecs.systems.hdgan.config import HdGanConfig
from trecs.systems.hdgan.generator import Augmentation, Generator, ResidualBlock


def test_maps_narrow_at_the_authors_sides() -> None:
    config = HdGanConfig(width=128, first=64)
    channels = [config.channels(side) for side in (4, 8, 16, 32, 64, 128, 256)]
    assert channels == [1024, 512, 512, 256, 256, 128, 64]
    assert (config.sides, config.side) == ((64, 128, 256), 256)


def test_sides_and_widths_that_are_not_doubled_are_refused() -> None:
    for first in (8, 24):
        with pytest.raises(ValueError, match="power of two of at least 16"):
            HdGanConfig(first=first)
    with pytest.raises(ValueError, match="not halved up to 256"):
        HdGanConfig(width=1, first=64)


@torch.no_grad()
def test_conditions_leak() -> None:
    """Of one weight each: a mean of 3, and log sigma of -4 leaks to -0.8."""
    augmentation = Augmentation(replace(CONFIG, text=1, condition=1))
    augmentation.linear.weight.copy_(torch.tensor([[3.0], [-4.0]]))
    augmentation.linear.bias.zero_()
    mean, log_deviation = augmentation(torch.ones(2, 1))
    assert mean.tolist() == [[3], [3]]
    assert log_deviation.flatten().tolist() == pytest.approx([-0.8, -0.8])


@torch.no_grad()
def test_a_residual_block_adds_to_what_it_is_given() -> None:
    block = ResidualBlock(4).eval()
    last = block.res_block.get_submodule("1.1").weight
    assert isinstance(last, torch.Tensor)
    last.zero_()
    x = torch.randn(2, 4, 3, 3)
    assert torch.equal(block(x), x)


@torch.no_grad()
def test_pictures_of_all_sides_differ_by_noise_and_sentence_and_variation() -> None:
    generator = tiny_hdgan().networks.generator
    assert isinstance(generator, Generator)
    (noise, variation), sentence = generator.draw_noise(2), torch.randn(2, CONFIG.text)
    whole = generator(noise, sentence, variation).pictures
    assert [one.shape for one in whole] == [(2, 3, side, side) for side in (16, 32, 64)]
    changed = (
        generator(noise[[1, 1]], sentence, variation),
        generator(noise, sentence[[1, 1]], variation),
        generator(noise, sentence, variation[[1, 1]]),
    )
    for other in changed:
        for one, before in zip(other.pictures, whole, strict=True):
            assert one.abs().max() <= 1
            assert not torch.allclose(one[0], before[0], atol=1e-3)
            torch.testing.assert_close(one[1], before[1])


def test_all_sides_teach_the_one_path() -> None:
    """A small picture's gradient reaches the maps up to it, a large one's all."""
    generator = Generator(CONFIG)
    noise, variation = generator.draw_noise(2)
    pictures = generator(noise, torch.randn(2, CONFIG.text), variation).pictures
    reached = []
    for picture in pictures:
        generator.zero_grad()
        picture.sum().backward(retain_graph=True)
        reached.append([
            side for side in (4, 8, 16, 32, 64)
            if any(value.grad is not None and value.grad.any()
                   for value in generator.get_submodule(f"scale_{side}").parameters())
        ])  # fmt: skip
    assert reached == [[4, 8, 16], [4, 8, 16, 32], [4, 8, 16, 32, 64]]
