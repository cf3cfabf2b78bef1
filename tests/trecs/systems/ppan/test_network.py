from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.trecs.systems.ppan.tiny import CONFIG, tiny_ppan
from trecs.systems.parts.matching_aware import another
from trecs.systems.ppan.config import PpanConfig
from trecs.systems.ppan.generator import Finer, Generator, Level
from trecs.systems.ppan.judges import Judges
from trecs.systems.ppan.losses import Named, naming_loss


@torch.no_grad()
@pytest.mark.parametrize("first", [16, 64])
def test_levels_draw_twice_the_side_of_the_one_before(first: int) -> None:
    """64 to 256 pixels are the paper's."""
    config = replace(CONFIG, first=first)
    generator = Generator(config)
    noise, variation = generator.draw_noise(2)
    drawn = generator(noise, torch.randn(2, config.text), variation)
    sides = (first, first * 2, first * 4)
    assert [one.shape for one in drawn.pictures] == [(2, 3, side, side) for side in sides]
    assert (config.sides, config.side) == (sides, sides[-1])


def test_pyramids_that_do_not_double_are_refused() -> None:
    for first in (8, 24):
        with pytest.raises(ValueError, match="power of two of at least 16"):
            PpanConfig(first=first)
    with pytest.raises(ValueError, match="at least 1 of 'levels'"):
        PpanConfig(levels=0)


@torch.no_grad()
def test_a_map_grows_round_a_residual_block() -> None:
    finer = Finer(6).eval()
    last = finer.block[3].weight
    assert isinstance(last, torch.Tensor)
    last.zero_()
    x = torch.randn(2, 6, 4, 4)
    assert finer(x).shape == (2, 3, 8, 8)
    assert torch.equal(finer(x), finer.up(x))


@torch.no_grad()
def test_a_level_is_the_coarser_one_and_the_path_s_map() -> None:
    """Their sum, before what smooths it: lateral(h) + upsampled(p)."""
    level = Level(2, 3).eval()
    level.smooth = nn.Sequential()
    hidden, coarser = torch.randn(1, 2, 4, 4), torch.randn(1, 3, 2, 2)
    alone, picture = level(hidden, None)
    assert torch.equal(alone, level.lateral(hidden))
    assert (picture.shape, picture.abs().max() <= 1) == ((1, 3, 4, 4), True)
    both, _ = level(hidden, coarser)
    larger = coarser.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(both, alone + larger)


@torch.no_grad()
def test_pictures_of_all_levels_differ_by_noise_and_sentence_and_variation() -> None:
    generator = tiny_ppan().networks.generator
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


def test_a_level_teaches_the_coarser_ones() -> None:
    generator = Generator(CONFIG)
    noise, variation = generator.draw_noise(2)
    generator(noise, torch.randn(2, CONFIG.text), variation).pictures[-1].sum().backward()
    for side, taught in ((16, "lateral"), (32, "lateral"), (64, "lateral"), (64, "image.0")):
        weight = generator.get_submodule(f"level{side}.{taught}").weight
        assert isinstance(weight, torch.Tensor)
        assert weight.grad is not None
        assert weight.grad.abs().max() > 0
    assert generator.get_submodule("level16.image.0").weight.grad is None


def test_the_last_judge_tells_classes_and_wrong_texts_apart() -> None:
    """Overfitting: eight pictures of a colour each, which the sentences and classes say."""
    torch.manual_seed(0)
    judges = Judges(replace(CONFIG, levels=1), 2)
    colours = torch.rand(8, 3) * 2 - 1
    classes = (colours[:, 0] > 0).long()
    photos = colours[..., None, None].expand(-1, -1, 16, 16)
    sentences = torch.cat([colours, torch.randn(8, CONFIG.text - 3)], 1)
    optimizer = torch.optim.Adam(judges.parameters(), 1e-2)
    for _ in range(100):
        code = judges(photos)
        right, named = judges.judge_and_name(code, sentences)
        wrong, wrongly = judges.judge_and_name(code, another(sentences))
        loss = naming_loss(Named(named, wrongly, named), classes, classes)
        loss = loss + (right.pair - 1).square().mean() + wrong.pair.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (right.pair > 0.5).all()
    assert (wrong.pair < 0.5).all()
    assert torch.equal(named.argmax(1), classes)
    assert torch.equal(wrongly.argmax(1), classes)


@torch.no_grad()
def test_a_judge_who_names_scores_as_one_who_does_not() -> None:
    judges = Judges(CONFIG, 4).eval()
    code, sentence = judges(torch.randn(2, 3, 64, 64)), torch.randn(2, CONFIG.text)
    scores, named = judges.judge_and_name(code, sentence)
    assert named.shape == (2, 4)
    for found, expected in zip(scores, judges.judge(64, code, sentence), strict=True):
        assert torch.equal(found, expected)
