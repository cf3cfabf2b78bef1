from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from segmentation.canvas import Canvas
from trecs.synthesis.condition import Condition
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator, enlarged, fold_spectral_norm, limited

OFFICIAL_PARAMETERS = 97_480_899


@pytest.fixture
def canvas() -> Canvas:
    rng = np.random.default_rng(0)
    labels = np.kron(rng.integers(0, 182, (4, 4)), np.ones((16, 16))).astype(np.uint8)
    labels[:5] = 255
    return Canvas(labels, np.where(labels < 91, labels, 0).astype(np.int32))


@pytest.fixture
def network() -> SpadeGenerator:
    torch.manual_seed(0)
    return SpadeGenerator(SpadeConfig.tiny()).eval()


@pytest.fixture
def lively(network: SpadeGenerator) -> SpadeGenerator:
    """One that has begun to add to its painting."""
    torch.nn.init.normal_(network.conv_img.weight, std=0.1)
    return network


def draw(network: SpadeGenerator, canvas: Canvas, seed: int) -> torch.Tensor:
    height, width = canvas.label_map.shape
    noise = network.draw_noise(1, height, width, torch.Generator().manual_seed(seed))
    painting = enlarged(noise.thumbnail.clamp(-1, 1), height, width)
    with torch.no_grad():
        return network(Condition.of(canvas), noise, painting)


def test_official_network_has_the_released_size():
    with torch.device("meta"):
        network = SpadeGenerator(SpadeConfig.official())
    assert sum(p.numel() for p in network.parameters()) == OFFICIAL_PARAMETERS


def test_bundled_network_is_small():
    with torch.device("meta"):
        network = SpadeGenerator(SpadeConfig.bundled())
    assert sum(p.numel() for p in network.parameters()) < 15_000_000


@pytest.mark.real_data
def test_official_network_has_the_released_names(reference_folder: Path):
    with torch.device("meta"):
        network = SpadeGenerator(SpadeConfig.official())
    ours = {f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items()}
    assert ours == set((reference_folder / "spade_coco_parameters.txt").read_text().splitlines())


@pytest.mark.real_data
@pytest.mark.parametrize("folded", [False, True])
def test_official_network_computes_what_the_authors_does(reference_folder: Path, folded: bool):
    arrays = np.load(reference_folder / "spade_ngf4.npz")
    network = SpadeGenerator(SpadeConfig.official(ngf=4)).eval()
    parameters = {
        name.removeprefix("param/"): torch.from_numpy(np.asarray(arrays[name]))
        for name in arrays.files
        if name.startswith("param/")
    }
    network.load_state_dict(parameters)
    if folded:
        fold_spectral_norm(network)
    canvas = Canvas(arrays["label_map"], arrays["instance_map"].astype(np.int32))
    picture = draw(network, canvas, 0)[0].numpy()
    np.testing.assert_allclose(picture, arrays["image"].astype(np.float32), atol=2e-3)


def test_pictures_are_in_range_and_of_the_canvas_size(network: SpadeGenerator, canvas: Canvas):
    picture = draw(network, canvas, 0)
    assert picture.shape == (1, 3, 64, 64)
    assert picture.abs().max() <= 1


def test_the_seed_decides(network: SpadeGenerator, canvas: Canvas):
    assert torch.equal(draw(network, canvas, 1), draw(network, canvas, 1))
    assert not torch.equal(draw(network, canvas, 1), draw(network, canvas, 2))


def test_a_seed_has_the_same_thumbnail_at_every_size(network: SpadeGenerator):
    small, large = (
        network.draw_noise(1, side, side, torch.Generator().manual_seed(4)) for side in (64, 96)
    )
    assert torch.equal(small.thumbnail, large.thumbnail)


def test_a_label_changes_its_pixels_most(lively: SpadeGenerator, canvas: Canvas):
    changed = canvas.label_map.copy()
    changed[32:48, 32:48] = 7
    difference = draw(lively, canvas, 0) - draw(lively, Canvas(changed, canvas.instance_map), 0)
    difference = difference.abs().mean(1)[0]
    assert difference[32:48, 32:48].mean() > 2 * difference[:16, :16].mean()


def test_edges_matter(lively: SpadeGenerator, canvas: Canvas):
    with torch.no_grad():
        for name, parameter in lively.named_parameters():
            if name.endswith("edge"):
                parameter.fill_(1.0)
    joined = Canvas(canvas.label_map, np.zeros_like(canvas.instance_map))
    assert not torch.allclose(draw(lively, canvas, 0), draw(lively, joined, 0))


def test_spade_norm_refuses_noise():
    with pytest.raises(ValueError, match="no noise"):
        SpadeConfig("spade", (4,) * 8, noise=8)


def test_a_picture_begins_as_its_painting(network: SpadeGenerator, canvas: Canvas):
    noise = network.draw_noise(1, 64, 64, torch.Generator().manual_seed(0))
    painting = torch.full((1, 3, 64, 64), 0.5)
    with torch.no_grad():
        picture = network(Condition.of(canvas), noise, painting)
    torch.testing.assert_close(picture, painting, atol=0.03, rtol=0)
    with pytest.raises(ValueError, match="needs a painting"):
        network(Condition.of(canvas), noise)


def test_enlarging_keeps_flat_colours():
    small = torch.tensor([0.9, -0.2, 0.1])[None, :, None, None].expand(1, 3, 4, 4)
    torch.testing.assert_close(enlarged(small, 32, 32), small[:, :, :1, :1].expand(1, 3, 32, 32))


def test_features_out_of_range_are_scaled_down_and_others_stay() -> None:
    x = torch.randn(2, 8, 4, 4, generator=torch.Generator().manual_seed(0))
    x[0, :, 1, 1] *= 100
    x[1, :, 2, 2] = 0
    kept = limited(x, 4.0)
    others = torch.ones(2, 1, 4, 4, dtype=torch.bool)
    others[0, :, 1, 1] = False
    torch.testing.assert_close(kept * others, x * others)
    torch.testing.assert_close(kept[0, :, 1, 1].square().mean().sqrt(), torch.tensor(4.0))
    torch.testing.assert_close(
        functional.cosine_similarity(kept[0, :, 1, 1], x[0, :, 1, 1], dim=0), torch.tensor(1.0)
    )


def test_the_limit_changes_only_pictures_that_leave_the_range() -> None:
    condition = Condition.of(Canvas(np.full((64, 64), 123, np.uint8), np.zeros((64, 64), np.int32)))
    pictures = []
    for limit in (0.0, 1000.0, 0.1):
        torch.manual_seed(0)
        network = SpadeGenerator(replace(SpadeConfig.tiny(), limit=limit)).eval()
        torch.nn.init.normal_(network.conv_img.weight, std=0.1)
        noise = network.draw_noise(1, 64, 64, torch.Generator().manual_seed(1))
        pictures.append(network(condition, noise, torch.zeros(1, 3, 64, 64)))
    assert torch.equal(pictures[0], pictures[1])
    assert not torch.allclose(pictures[0], pictures[2])
