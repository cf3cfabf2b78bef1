import torch

from trecs.synthesis.discriminator import DiscriminatorConfig
from trecs.synthesis.judges import label_shares
from trecs.synthesis.judging import Judging, View
from trecs.trunks.efficientnet import CHANNELS, LOCAL


def view(pictures: torch.Tensor) -> View:
    """What is seen of pictures (2, 3, 16, 16): the trunk's maps are as bright as they are."""
    labels = torch.full((2, 8, 8), 7)
    bright = pictures.mean((1, 2, 3), keepdim=True)
    maps = [bright.expand(-1, c, side, side) for c, side in ((LOCAL, 14), (CHANNELS, 7))]
    return View(pictures, labels, (), maps, label_shares(labels))


def test_each_side_learns_from_its_own_losses_alone() -> None:
    torch.manual_seed(0)
    judging = Judging(DiscriminatorConfig.tiny(), whole=True)
    generated = torch.rand(2, 3, 16, 16, requires_grad=True)
    real = view(torch.rand(2, 3, 16, 16))

    losses = judging.told_apart(view(generated), real, torch.ones(2))
    assert set(losses) == {"d_real", "d_fake", "judges"}
    torch.stack(list(losses.values())).sum().backward()
    assert generated.grad is None
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in judging.parameters())

    judging.zero_grad()
    losses = judging.persuaded(view(generated), judge_weight=0.5)
    assert set(losses) == {"g_fake", "believed"}
    torch.stack(list(losses.values())).sum().backward()
    assert generated.grad is not None
    assert generated.grad.abs().min() > 0
    assert all(p.grad is None and p.requires_grad for p in judging.parameters())


def test_without_a_trunk_pixels_alone_are_judged() -> None:
    judging = Judging(DiscriminatorConfig.tiny(), whole=False)
    real, generated = (View(torch.rand(2, 3, 16, 16), torch.full((2, 8, 8), 7)) for _ in range(2))
    assert set(judging.told_apart(generated, real)) == {"d_real", "d_fake"}
    assert set(judging.persuaded(generated, 0.5)) == {"g_fake"}
