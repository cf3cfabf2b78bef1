from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.trecs.systems.ppgn.tiny import CONFIG, tiny_ppgn
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss
from trecs.systems.ppgn.config import PpgnConfig
from trecs.systems.ppgn.network import Generator, Judge, PlugAndPlay, Recogniser


def parts(config: PpgnConfig = CONFIG) -> PlugAndPlay:
    networks = tiny_ppgn(config).networks.generator
    assert isinstance(networks, PlugAndPlay)
    return networks


@pytest.mark.parametrize("side", [16, 64])
def test_a_place_of_a_code_is_16_pixels_of_a_picture(side: int) -> None:
    config = replace(CONFIG, side=side)
    generator, recogniser = Generator(config), Recogniser(config).eval()
    pictures = generator(torch.randn(2, config.code, config.places, config.places))
    assert pictures.shape == (2, 3, side, side)
    seen = recogniser(pictures)
    assert recogniser.encode(seen).shape == (2, config.code, side // 16, side // 16)
    assert recogniser.log_probability(seen, torch.randn(2, config.text)).shape == (2,)


def test_sides_and_widths_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 16, not 24"):
        PpgnConfig(side=24)
    with pytest.raises(ValueError, match="five maps"):
        PpgnConfig(widths=(4, 4))


@torch.no_grad()
def test_codes_are_whitened_principal_components() -> None:
    """Of maps with two directions that vary, by 3 and by 2, and the rest hardly."""
    recogniser = Recogniser(replace(CONFIG, code=2))
    torch.manual_seed(0)
    directions, _ = torch.linalg.qr(torch.randn(16, 2))  # 4 channels of 2 x 2 places
    blocks = torch.randn(6000, 2) * torch.tensor([3.0, 2.0]) @ directions.T + 5
    blocks = blocks + 0.01 * torch.randn(6000, 16)
    seen = blocks.view(-1, 4, 2, 2)
    recogniser.find_components(seen)
    codes = recogniser.encode(seen).flatten(1)
    torch.testing.assert_close(codes.T @ codes / len(codes), torch.eye(2), atol=1e-3, rtol=0)
    along = (blocks - blocks.mean(0)) @ directions / torch.tensor([3.0, 2.0])
    assert ((codes.T @ along / len(codes)).abs() - torch.eye(2)).abs().max() < 0.05


@torch.no_grad()
def test_probabilities_are_shared_among_a_sentence_and_the_bank() -> None:
    """A sentence that the bank has, too, has one share of six, and the shares are one."""
    recogniser = parts().recogniser
    seen = recogniser(torch.rand(1, 3, 64, 64))
    recogniser.bank[:] = torch.randn(1, CONFIG.text)
    alike = recogniser.log_probability(seen, recogniser.bank[:1])
    assert alike.exp().item() == pytest.approx(1 / (CONFIG.bank + 1), abs=1e-5)


def test_the_sampler_is_told_how_a_sentence_fits_better() -> None:
    """Steps along the gradient of log p raise it."""
    networks, sentence = parts(), torch.randn(1, CONFIG.text)
    code = torch.randn(1, CONFIG.code, 4, 4)
    before = networks.look(code, sentence).log_probability
    for _ in range(20):
        code.requires_grad_()
        (gradient,) = torch.autograd.grad(networks.look(code, sentence).log_probability, code)
        code = (code + 0.05 * gradient / gradient.abs().mean()).detach()
    assert networks.look(code, sentence).log_probability > before + 0.01


def test_a_judge_sees_whether_pictures_have_their_codes() -> None:
    """Overfitting: eight pictures of one colour each, beside their codes or each other's."""
    torch.manual_seed(0)
    config = replace(CONFIG, judge_width=4)
    judge, recogniser = Judge(config), parts().recogniser
    colours = torch.rand(8, 3, 1, 1) * 2 - 1
    pictures, codes = colours.expand(-1, -1, 64, 64), colours.expand(-1, -1, 4, 4)
    seen = recogniser(pictures)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(150):
        own, other = judge(pictures, seen, codes), judge(pictures, seen, codes.roll(1, 0))
        loss = believed_loss(own) + doubted_loss(other)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert own.shape == (8, 16)
    assert (own.mean(1) > other.mean(1)).all()


def test_the_generator_begins_with_pictures_of_some_contrast() -> None:
    """There is no norm in it, as in the authors': its weights' beginning must carry signals."""
    torch.manual_seed(0)
    generator = Generator(PpgnConfig())
    with torch.no_grad():
        pictures = generator(torch.randn(4, 16, 4, 4))
    assert 0.1 < pictures.std() < 0.9
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in generator.modules())
