from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from trecs.trunks.bottleneck import SameConv
from trecs.trunks.efficientnet import (
    LITE0,
    LITE2,
    EfficientNetLite,
    EfficientNetTrunk,
    Lite,
    read_early,
)


@pytest.fixture(scope="module", params=[LITE0, LITE2], ids=lambda lite: lite.what)
def lite(request: pytest.FixtureRequest) -> Lite:
    return request.param


@pytest.fixture(scope="module")
def network(lite: Lite) -> EfficientNetLite:
    try:
        return EfficientNetLite.load(lite)
    except InputError as error:
        pytest.skip(str(error))


def test_pads_as_tensorflow_does():
    conv = SameConv(1, 1, 3, 2)
    torch.nn.init.ones_(conv.weight)
    # SAME with stride 2 pads an even side only at its end: the windows start at 0 and 2.
    sums = conv(torch.arange(16.0).view(1, 1, 4, 4))[0, 0]
    assert sums.tolist() == [[45, 39], [66, 50]]
    # It pads an odd one on both: the windows start at -1 and 1.
    assert conv(torch.arange(9.0).view(1, 1, 3, 3))[0, 0].tolist() == [[8, 12], [20, 24]]


@pytest.mark.parametrize(("lite", "parameters"), [(LITE0, 4_652_008), (LITE2, 6_092_072)])
def test_has_the_size_of_the_published_network(lite: Lite, parameters: int):
    # 4.65 M and 6.09 M with the 1,000 classes of ImageNet (Tan and Le's release)
    assert sum(p.numel() for p in EfficientNetLite(lite).parameters()) == parameters


@torch.no_grad()
def test_early_maps_are_those_that_the_later_ones_are_made_of(lite: Lite):
    trunk = EfficientNetTrunk(lite).eval()
    x = torch.randn(1, 3, 64, 64)
    seen: list[torch.Tensor] = []
    block = trunk._blocks[sum(lite.blocks[:3])]
    block.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    trunk.maps(x)
    assert seen[0].shape == (1, lite.channels[2], 8, 8)
    assert torch.equal(trunk.early(x), seen[0])


@torch.no_grad()
def test_levels_have_a_half_to_a_sixteenth_of_the_side(lite: Lite) -> None:
    trunk = EfficientNetTrunk(lite).eval()
    pictures = torch.rand(1, 3, 64, 64) * 2 - 1
    levels = trunk.levels(pictures)
    assert [level.shape[2] for level in levels] == [32, 16, 8, 4]
    assert tuple(level.shape[1] for level in levels) == trunk.level_channels
    early = trunk.early(trunk.scaled(pictures))
    torch.testing.assert_close(levels[2][0, :, 1, 2].square().mean(), torch.tensor(1.0))
    apart = torch.nn.functional.cosine_similarity(levels[2], early)
    torch.testing.assert_close(apart, torch.ones_like(apart))


@torch.no_grad()
def test_the_first_stages_alone_see_the_same(lite: Lite, tmp_path: Path):
    trunk = EfficientNetTrunk(lite).eval()
    torch.save(trunk.state_dict(), tmp_path / "trunk.pth")
    early = read_early(lite, tmp_path / "trunk.pth")
    pictures = torch.rand(1, 3, 64, 64) * 2 - 1
    assert torch.equal(early(pictures), trunk.early(trunk.scaled(pictures)))
    assert len(early._blocks) == sum(lite.blocks[:3])
    assert not early.training


def test_features_are_of_the_picture_resized(network: EfficientNetLite):
    rows, columns = np.mgrid[:256, :256]
    picture = np.stack([rows, columns, rows ^ columns], -1).astype(np.uint8)
    features = network.features(picture[None])
    assert features.shape == (1, 1280)
    larger = picture.repeat(2, 0).repeat(2, 1)
    other = np.random.default_rng(0).integers(256, size=(256, 256, 3)).astype(np.uint8)
    near, far = (np.abs(network.features(p[None]) - features).mean() for p in (larger, other))
    assert near < 0.2 * far


def test_features_are_those_of_the_package_that_published_the_weights(
    lite: Lite, network: EfficientNetLite
):
    published = pytest.importorskip("efficientnet_lite_pytorch").EfficientNet
    theirs = published.from_name(lite.what.lower()).eval()
    theirs.load_state_dict(network.state_dict(), strict=False)
    x = torch.rand(2, 3, lite.side, lite.side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        expected = theirs.extract_features(x).mean((2, 3))
        assert torch.allclose(network(x), expected, atol=1e-5)
        assert torch.allclose(network._fc(expected), theirs(x), atol=1e-4)


def test_looks_at_features_and_classes(network: EfficientNetLite):
    pictures = np.random.default_rng(0).integers(256, size=(2, 64, 64, 3)).astype(np.uint8)
    features, probabilities = network.look(pictures)
    assert np.array_equal(features, network.features(pictures))
    assert probabilities.shape == (2, 1000)
    assert probabilities.sum(1) == pytest.approx(1)
