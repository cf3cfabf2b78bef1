import pytest
import torch
from torch.nn import functional

from segmentation.labels import value_of
from trecs.learning.judge import adversarial_loss, discriminator_loss
from trecs.synthesis.judges import LOUDNESS, PictureJudges, label_shares, trunk_maps
from trecs.trunks.efficientnet import CHANNELS, LOCAL, EfficientNetTrunk


def test_shares_are_roots_of_what_labels_cover() -> None:
    labels = torch.full((2, 4, 4), value_of("grass"))
    labels[0, :2, :2] = value_of("dog")
    shares = label_shares(labels) / LOUDNESS
    assert shares.shape == (2, 183)
    assert shares[0, value_of("dog")].item() == pytest.approx(0.5)
    torch.testing.assert_close(shares.square().sum(1), torch.ones(2))


def test_the_trunk_sees_pictures_of_any_size() -> None:
    trunk = EfficientNetTrunk().eval().requires_grad_(False)
    picture = torch.rand(1, 3, 64, 64, requires_grad=True)
    local, last = trunk_maps(trunk, picture)
    assert local.shape == (1, LOCAL, 14, 14)
    assert last.shape == (1, CHANNELS, 7, 7)
    (local.mean() + last.mean()).backward()
    assert picture.grad is not None
    assert picture.grad.abs().max() > 0


def test_judges_learn_which_pictures_are_real_and_which_labels_are_theirs() -> None:
    torch.manual_seed(0)
    shares = functional.one_hot(torch.arange(8) % 2, 183).float() * LOUDNESS
    loud = 3 * shares[:, :1, None, None] / LOUDNESS

    def maps(offset: float) -> list[torch.Tensor]:
        """Maps that tell the label, of pictures told from others by their brightness."""
        sizes = ((LOCAL, 14), (CHANNELS, 7))
        return [offset + loud + 0.1 * torch.randn(8, c, s, s) for c, s in sizes]

    judges = PictureJudges()
    optimizer = torch.optim.Adam(judges.parameters(), 1e-3)
    for _ in range(40):
        on_real = judges.with_mismatched(maps(1), shares)
        on_generated = judges(maps(-1), shares)
        loss = torch.stack([
            discriminator_loss(verdict, other, mismatched)
            for (verdict, mismatched), other in zip(on_real, on_generated, strict=True)
        ]).sum()  # fmt: skip
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    judges.eval()
    real, generated = judges(maps(1), shares), judges(maps(-1), shares)
    swapped = judges(maps(1), shares.flip(0))
    assert adversarial_loss(real) < adversarial_loss(generated)
    assert sum(v.conditional.mean() for v in real) > sum(v.conditional.mean() for v in swapped)
