import pytest
import torch
from torch.nn import functional

from tests.trecs.systems.acgan.tiny import CONFIG, tiny_acgan
from trecs.systems.acgan.losses import judge_loss
from trecs.systems.acgan.network import AcGanConfig, Generator, Judge, OneHot


@torch.no_grad()
def test_a_class_is_read_as_its_one_hot_code() -> None:
    words, sentence = OneHot(4)(torch.tensor([[1], [4]]), torch.tensor([1, 1]))
    assert sentence.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert torch.equal(words[..., 0], sentence)


@torch.no_grad()
@pytest.mark.parametrize(
    ("side", "widths"), [(32, (4, 3, 3, 2)), (64, (4, 3, 3, 2, 2)), (128, (4, 3, 3, 2, 2))]
)
def test_each_side_has_its_layers(side: int, widths: tuple[int, ...]) -> None:
    config = AcGanConfig(text=3, noise=2, widths=widths, side=side)
    pictures = Generator(config)(torch.randn(2, 2), torch.eye(3)[:2])
    assert pictures.shape == (2, 3, side, side)
    source, named = Judge(config)(pictures)
    assert (source.shape, named.shape) == ((2,), (2, 3))


def test_sides_and_widths_without_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="not 48"):
        AcGanConfig(side=48)
    with pytest.raises(ValueError, match="a width for each layer"):
        AcGanConfig(widths=(4, 3))


@torch.no_grad()
def test_pictures_differ_by_noise_and_class() -> None:
    generator = tiny_acgan().networks.generator
    noise = torch.randn(2, CONFIG.noise)
    classes = functional.one_hot(torch.tensor([0, 1]), CONFIG.text).float()
    first, second = generator(noise, classes)
    assert first.abs().max() <= 1
    assert not torch.allclose(first, generator(noise, classes[[1, 1]])[0], atol=1e-3)
    assert not torch.allclose(second, generator(noise[[0, 0]], classes)[1], atol=1e-3)


def test_a_judge_tells_source_and_class() -> None:
    """Overfitting: pictures of four colours, which are the classes, beside noise."""
    torch.manual_seed(0)
    config = AcGanConfig(text=4, judge_widths=(4, 4, 8, 8, 8, 8), dropout=0.0)
    judge, classes = Judge(config), torch.arange(8) % 4
    colours = torch.tensor([[-1.0, -1, 1], [-1, 1, -1], [1, -1, -1], [1, 1, 1]])
    photos = colours[classes][..., None, None].expand(-1, -1, 64, 64)
    photos = photos + 0.1 * torch.randn_like(photos)
    optimizer = torch.optim.Adam(judge.parameters(), 3e-3)
    for _ in range(40):
        real, fake = judge(photos), judge(photos * 0.3 + 0.5 * torch.randn(8, 3, 64, 64))
        loss = judge_loss(real, fake, classes, classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (real[0] > 0).all()
    assert (fake[0] < 0).all()
    assert torch.equal(real[1].argmax(1), classes)
    assert torch.equal(fake[1].argmax(1), classes)
