import hashlib
from pathlib import Path

import pytest
import torch
from torch import Tensor

from files.errors import InputError
from trecs.systems.parts.image_encoder import (
    EfficientNetEncoder,
    ImageEncoder,
    InceptionEncoder,
    at_side,
)
from trecs.trunks.efficientnet import EfficientNetLite

TRUNK_NAMES = "5c5cb906421dd92101f74d73352774dd0c7312df1c7e1eab4f2698dfca34cd92"
LOCAL = [0.0, 0.0, 0.6416, 0.5112, 0.4679, 0.0, 0.1712, 0.0]
POOLED = [0.0612, 0.0324, 0.1995, 0.4972, 0.0, 0.8753, 0.5657, 0.0009]
MEANS = 0.20136354, 0.21452777
"""What torchvision 0.28.0's inception_v3 sees in `picture` with the weights of `drawn`."""


def drawn(name: str, value: Tensor) -> Tensor:
    """Numbers that follow from a tensor's name."""
    if not value.is_floating_point():
        return value
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    noise = torch.randn(value.shape, generator=torch.Generator().manual_seed(seed))
    if value.dim() == 4:
        return noise * (2 / value[0].numel()) ** 0.5
    if name.endswith("running_var"):
        return 1 + 0.1 * noise.abs()
    return 1 + 0.1 * noise if name.endswith("bn.weight") else 0.1 * noise


def picture(side: int = 299) -> Tensor:
    line = torch.linspace(-1, 1, side)
    return torch.stack([torch.sin(9 * line[:, None] + k * line) for k in (1, 2, 3)])[None]


@pytest.fixture(scope="module")
def inception() -> InceptionEncoder:
    torch.manual_seed(0)
    encoder = InceptionEncoder(16)
    trunk = {n: v for n, v in encoder.state_dict().items() if not n.startswith("emb_")}
    encoder.load_state_dict({n: drawn(n, v) for n, v in trunk.items()}, strict=False)
    return encoder


def test_inceptions_names_are_torchvisions_and_the_authors(inception: InceptionEncoder) -> None:
    shapes = {name: tuple(value.shape) for name, value in inception.state_dict().items()}
    assert shapes.pop("emb_features.weight") == (16, 768, 1, 1)
    assert shapes.pop("emb_cnn_code.weight") == (16, 2048)
    assert shapes.pop("emb_cnn_code.bias") == (16,)
    assert shapes["Conv2d_1a_3x3.conv.weight"] == (32, 3, 3, 3)
    assert shapes["Mixed_6b.branch7x7dbl_2.bn.running_var"] == (128,)
    lines = "\n".join(sorted(f"{name} {shape}" for name, shape in shapes.items()))
    assert hashlib.sha256(lines.encode()).hexdigest() == TRUNK_NAMES


@torch.no_grad()
def test_inception_agrees_with_torchvision(inception: InceptionEncoder) -> None:
    local, last = inception.seen(picture())
    assert local.shape == (1, 768, 17, 17)
    pooled = last.mean((2, 3))
    assert local[0, ::96, 8, 8].tolist() == pytest.approx(LOCAL, abs=1e-3)
    assert pooled[0, ::256].tolist() == pytest.approx(POOLED, abs=1e-3)
    assert (local.mean().item(), pooled.mean().item()) == pytest.approx(MEANS, rel=1e-4)


@torch.no_grad()
def test_pictures_of_any_size_are_resized(inception: InceptionEncoder) -> None:
    local, whole = inception(picture(64).repeat(2, 1, 1, 1))
    assert local.shape == (2, 16, 17, 17)
    assert whole.shape == (2, 16)
    from_large = inception.seen(picture())[1].mean((2, 3))
    from_small = inception.seen(picture(256))[1].mean((2, 3))
    assert (from_large - from_small).abs().mean() < 0.01


def test_torchvisions_weights_are_read_without_their_classifiers(
    inception: InceptionEncoder, tmp_path: Path
) -> None:
    trunk = {n: v for n, v in inception.state_dict().items() if not n.startswith("emb_")}
    torch.save({**trunk, "fc.weight": torch.ones(2)}, tmp_path / "inception.pth")
    other = InceptionEncoder(4)
    projection = other.emb_features.weight.clone()
    other.load_trunk(tmp_path / "inception.pth")
    assert torch.equal(other.emb_features.weight, projection)
    name = "Mixed_7c.branch_pool.conv.weight"
    assert torch.equal(other.state_dict()[name], trunk[name])
    with pytest.raises(InputError, match="Inception-v3 are missing"):
        other.load_trunk()


@torch.no_grad()
def test_efficientnet_sees_what_the_measures_see() -> None:
    torch.manual_seed(0)
    encoder, eyes = EfficientNetEncoder(8), EfficientNetLite().eval()
    eyes.load_state_dict(encoder.trunk.state_dict(), strict=False)
    levels = torch.randint(0, 256, (1, 3, 224, 224))
    local, last = encoder.seen(levels / 127.5 - 1)
    assert local.shape == (1, 112, 14, 14)
    torch.testing.assert_close(last.mean((2, 3)), eyes((levels - 127) / 128))
    places, whole = encoder(levels / 127.5 - 1)
    assert places.shape == (1, 8, 14, 14)
    assert whole.shape == (1, 8)


def test_efficientnets_weights_come_from_their_package() -> None:
    try:
        published = EfficientNetLite.load()
    except InputError as error:
        pytest.skip(str(error))
    encoder = EfficientNetEncoder(8)
    encoder.load_trunk()
    name = "_blocks.3._project_conv.weight"
    assert torch.equal(encoder.trunk.state_dict()[name], published.state_dict()[name])


@pytest.mark.parametrize("trunk", ["inception", "efficientnet"])
def test_only_the_projections_learn(trunk) -> None:
    encoder = ImageEncoder.of(trunk, 8, 64).train()
    assert not any(module.training for module in encoder.modules())
    learning = [name for name, p in encoder.named_parameters() if p.requires_grad]
    assert learning == ["emb_features.weight", "emb_cnn_code.weight", "emb_cnn_code.bias"]


def test_gradients_reach_the_picture() -> None:
    torch.manual_seed(0)
    pixels = torch.rand(1, 3, 64, 64, requires_grad=True)
    _, whole = EfficientNetEncoder(8)(pixels)
    whole.sum().backward()
    assert pixels.grad is not None
    assert pixels.grad.abs().sum() > 0


def test_it_looks_at_another_side_with_the_same_weights() -> None:
    encoder = EfficientNetEncoder(8, side=64)
    other = at_side(encoder, 32)
    pictures = torch.rand(2, 3, 32, 32)
    assert [one.shape[-1] for one in other.seen(pictures)] == [2, 1]
    assert encoder.side == 64
    assert other.emb_cnn_code is encoder.emb_cnn_code
