from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.fusedgan.tiny import CONFIG, tiny_fusedgan
from trecs.systems.fusedgan.losses import judge_loss
from trecs.systems.fusedgan.network import Drawn, FusedGanConfig, Generator, Judge


def generator() -> Generator:
    drawing = tiny_fusedgan().networks.generator
    assert isinstance(drawing, Generator)
    return drawing


def told(drawing: Generator, *given: torch.Tensor) -> torch.Tensor:
    drawn = drawing(*given)
    assert isinstance(drawn, Drawn)
    return drawn.pictures


@torch.no_grad()
@pytest.mark.parametrize("side", [16, 64, 128])
def test_both_branches_draw_and_both_judges_see_a_side(side: int) -> None:
    config = replace(CONFIG, side=side, width=8)
    drawing, sentence = Generator(config), torch.randn(2, config.text)
    noise, variation = drawing.draw_noise(2)
    for pictures in (drawing(noise), told(drawing, noise, sentence, variation)):
        assert isinstance(pictures, torch.Tensor)
        assert pictures.shape == (2, 3, side, side)
        assert pictures.abs().max() <= 1
        assert Judge(config, told=False)(pictures).shape == (2,)
        assert Judge(config, told=True)(pictures, sentence).shape == (2,)


@torch.no_grad()
def test_what_is_told_is_seen_in_the_conditional_branch_alone() -> None:
    drawing = generator()
    (noise, variation), sentence = drawing.draw_noise(2), torch.randn(2, CONFIG.text)
    whole = told(drawing, noise, sentence, variation)
    for changed in (
        told(drawing, noise[[1, 1]], sentence, variation),
        told(drawing, noise, sentence[[1, 1]], variation),
        told(drawing, noise, sentence, variation[[1, 1]]),
    ):
        assert not torch.allclose(changed[0], whole[0], atol=1e-3)
        torch.testing.assert_close(changed[1], whole[1])
    alone = drawing(noise)
    assert isinstance(alone, torch.Tensor)
    assert not torch.allclose(alone[0], alone[1], atol=1e-3)


@pytest.mark.parametrize("text", [False, True])
def test_either_branch_teaches_the_structure_and_not_the_other(text: bool) -> None:
    drawing = generator().requires_grad_()
    noise, variation = drawing.draw_noise(2)
    if text:
        told(drawing, noise, torch.randn(2, CONFIG.text), variation).square().sum().backward()
    else:
        drawing(noise).square().sum().backward()
    for part, taught in (("fused_block", True), ("condition_generator", text),
                         ("uncondition_generator", not text)):  # fmt: skip
        gradients = [one.grad for one in drawing.get_submodule(part).parameters()]
        assert all(one is not None for one in gradients) == taught
        assert any(one is not None and one.any() for one in gradients) == taught


@torch.no_grad()
def test_one_seed_gives_one_structure_whatever_is_told() -> None:
    system = tiny_fusedgan()
    first, second = (system.painted(VOCABULARY.encode(text, 6), 3) for text in ("dog", "a red sky"))
    other = system.painted(VOCABULARY.encode("dog", 6), 4)
    assert (first.frames[0].picture == second.frames[0].picture).all()
    assert (first.frames[0].picture != other.frames[0].picture).any()
    assert (first.picture != second.picture).any()
    assert first.picture is first.frames[1].picture


def test_sides_and_widths_that_are_no_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="power of two above 8"):
        FusedGanConfig(side=24)
    with pytest.raises(ValueError, match="not halved down to 128"):
        FusedGanConfig(side=128, width=4)


def test_a_judge_that_is_told_tells_pictures_of_other_sentences() -> None:
    """Overfitting: photos of one colour each, which sentences say; fakes have another's colour."""
    torch.manual_seed(0)
    judge = Judge(CONFIG, told=True)
    colours = torch.rand(8, 3) * 2 - 1
    photos = colours[..., None, None].expand(-1, -1, 64, 64)
    sentences = torch.cat([colours, torch.randn(8, CONFIG.text - 3)], 1)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(150):
        real, fake = judge(photos, sentences), judge(photos.roll(1, 0), sentences)
        loss = judge_loss(real, fake)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (real > 0).all()
    assert (fake < 0).all()
