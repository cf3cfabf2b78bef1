from pathlib import Path

import pytest
import torch

from files.errors import InputError
from trecs.synthesis.painter.latents import CHANNELS, LatentStage, LatentStageConfig
from trecs.synthesis.painter.noise import region_noise
from trecs.synthesis.painter.painter import Painter, save_latents, save_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.painter.told import POINTS, SIDE, Told
from trecs.synthesis.painter.unet import Block, UNet, UNetConfig


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    stage = LatentStage(LatentStageConfig.tiny())
    stage.mean += 3
    stage.spread *= 2
    torch.nn.init.normal_(stage.network.write.weight, std=0.1)
    save_thumbnails(tmp_path / "thumbnails", ThumbnailStage(ThumbnailStageConfig.tiny()))
    save_latents(tmp_path / "latents", stage)
    return tmp_path


@pytest.fixture
def told() -> Told:
    labels = torch.full((1, POINTS, POINTS), 123)
    labels[:, 40:80] = 17
    return Told.of(labels, labels)


def test_a_seed_gives_the_same_picture_and_another_another(folder: Path, told: Told) -> None:
    painter = Painter.load(folder)
    thumbnails = painter.thumbnail(told, 1)
    torch.testing.assert_close(painter.thumbnail(told, 1), thumbnails)
    assert (painter.thumbnail(told, 2) - thumbnails).abs().max() > 1e-4
    latents = painter.paint(told, thumbnails, 1)
    assert latents.shape == (1, CHANNELS, SIDE, SIDE)
    torch.testing.assert_close(painter.paint(told, thumbnails, 1), latents)
    assert (painter.paint(told, thumbnails, 2) - latents).abs().max() > 0.1


def test_another_seed_of_a_region_changes_it_alone_at_first(folder: Path, told: Told) -> None:
    """One step of the flow sees near by; what is far from the region stays as it is."""
    painter = Painter.load(folder)
    regions = (told.labels[0] == 17).long()
    noise = region_noise(regions, 1, {1: 2}, CHANNELS)
    changed = painter.paint(told, torch.zeros(1, 3, SIDE, SIDE), 1, noise=noise)
    before = painter.paint(told, torch.zeros(1, 3, SIDE, SIDE), 1)
    difference = (changed - before).abs().mean((0, 1))
    inside, outside = difference[12:18].mean(), difference[26:].mean()
    assert inside > 5 * outside


def test_latents_come_in_the_datas_scale(folder: Path, told: Told) -> None:
    drawn = Painter.load(folder).paint(told, torch.zeros(1, 3, SIDE, SIDE), 0)
    assert drawn.mean().item() == pytest.approx(3, abs=0.5)
    assert drawn.std().item() == pytest.approx(2, rel=0.3)


def test_a_stage_in_the_place_of_the_other_is_one_line(folder: Path) -> None:
    (folder / "latents").rename(folder / "other")
    (folder / "thumbnails").rename(folder / "latents")
    (folder / "other").rename(folder / "thumbnails")
    with pytest.raises(InputError, match="expected a 'painter-thumbnails'"):
        Painter.load(folder)


@pytest.mark.parametrize("mixing", ["3x3", "depthwise"])
def test_the_canvas_reaches_every_scale(mixing: str) -> None:
    """A modulation of one scale alone, its other numbers left at zero, changes what is said."""
    torch.manual_seed(0)
    config = UNetConfig((8, 8, 16), more=(1, 1, 1), mixing=mixing)  # type: ignore[arg-type]
    network = UNet(config, 3, 3).eval()
    for name, parameter in network.named_parameters():
        if "conv_1" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    x, canvas = torch.randn(1, 3, 16, 16), torch.randn(1, 8, 16, 16)
    blocks = [block for block in network.modules() if isinstance(block, Block)]
    assert len(blocks) == 10
    with torch.no_grad():
        before = network(x, torch.tensor([[0.5]]), canvas)
        for block in blocks:
            block.place.get_parameter("bias").fill_(0.5)
            assert (network(x, torch.tensor([[0.5]]), canvas) - before).abs().max() > 1e-3
            block.place.get_parameter("bias").zero_()
