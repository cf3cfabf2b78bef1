import pytest
import torch

from tests.trecs.systems.tacgan.tiny import CONFIG, tiny_tacgan
from trecs.systems.parts.matching_aware import another
from trecs.systems.tacgan.losses import judge_loss
from trecs.systems.tacgan.network import Doubling, Halving, Judge, TacGanConfig


@torch.no_grad()
def test_sides_are_doubled_and_halved() -> None:
    x = torch.randn(1, 3, 8, 6)
    assert Doubling(3, 2)(x).shape == (1, 2, 16, 12)
    assert Halving(3, 2)(x).shape == (1, 2, 4, 3)


@torch.no_grad()
def test_pictures_differ_by_noise_and_sentence() -> None:
    generator = tiny_tacgan().networks.generator
    noise, sentence = torch.randn(2, CONFIG.noise), torch.randn(2, CONFIG.text)
    first, second = generator(noise, sentence)
    assert first.shape == (3, 64, 64)
    assert first.abs().max() <= 1
    assert not torch.allclose(first, generator(noise, sentence[[1, 1]])[0], atol=1e-3)
    assert not torch.allclose(second, generator(noise[[0, 0]], sentence)[1], atol=1e-3)


def test_sides_that_are_not_halved_four_times_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        TacGanConfig(side=40)


def test_a_judge_tells_wrong_texts_and_classes_apart() -> None:
    """Overfitting: eight pictures of a colour each, which the sentences and classes say."""
    torch.manual_seed(0)
    judge = Judge(CONFIG, 2)
    colours = torch.rand(8, 3) * 2 - 1
    classes = (colours[:, 0] > 0).long()
    photos = colours[..., None, None].expand(-1, -1, 64, 64)
    sentences = torch.cat([colours, torch.randn(8, CONFIG.text - 3)], 1)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(60):
        code = judge(photos)
        right, wrong = judge.judge(code, sentences), judge.judge(code, another(sentences))
        drawn = judge.judge(judge(torch.randn(8, 3, 64, 64)), sentences)
        loss = judge_loss(right, wrong, drawn, classes, classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (right[0] > 0).all()
    assert (wrong[0] < 0).all()
    assert (drawn[0] < 0).all()
    assert torch.equal(right[1].argmax(1), classes)
