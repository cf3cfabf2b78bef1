import json
from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from files.weights import save_weights
from segmentation.canvas import Canvas
from segmentation.colours import lab_of, lab_of_hex
from segmentation.told_colours import ToldColours
from segmentation.told_regions import UNTOLD
from trecs.evaluation.measures.colour_difference import ciede2000
from trecs.synthesis import Generator
from trecs.synthesis.painter.painter import save_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = SpadeGenerator(SpadeConfig.tiny())
    save_weights(tmp_path, "generator", network.config, network.state_dict())
    return tmp_path


@pytest.fixture
def canvas() -> Canvas:
    labels = np.full((50, 50), 123, np.uint8)
    labels[10:30, 10:30] = 17
    return Canvas(labels, (labels == 17).astype(np.int32))


@pytest.mark.parametrize("size", [64, 96, 100])
def test_renders_any_size(folder: Path, canvas: Canvas, size: int):
    picture = Generator.load(folder).render(canvas, 0, size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8


def test_told_colours_are_reached_whatever_draws_the_thumbnail(
    folder: Path, canvas: Canvas, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    save_thumbnails(tmp_path / "stage", ThumbnailStage(ThumbnailStageConfig.tiny()))
    numbers = np.where(canvas.label_map == 17, 0, UNTOLD).astype(np.uint8)
    aim = lab_of_hex("#a5443a")
    told = ToldColours(numbers, ((aim,),))
    inside = canvas.resized(100, 100).label_map == 17
    for stage in (None, tmp_path / "nowhere", tmp_path / "stage"):
        generator = Generator.load(folder, thumbnails=stage)
        assert generator.thumbnails is not None
        bundled = generator.thumbnails.config != ThumbnailStageConfig.tiny()
        assert bundled == (stage != tmp_path / "stage")
        plain = generator.render(canvas, 0, 100)
        coloured = generator.render(canvas, 0, 100, told)
        before, after = (
            float(ciede2000(lab_of(one)[inside].mean(0), aim)) for one in (plain, coloured)
        )
        assert after < min(5, before)
    network = SpadeGenerator(SpadeConfig.official(ngf=1))
    save_weights(tmp_path / "official", "generator", network.config, network.state_dict())
    official = Generator.load(tmp_path / "official", thumbnails=tmp_path / "stage")
    assert official.thumbnails is None
    assert official.render(canvas, 0, 64, told).shape == (64, 64, 3)


def test_same_seed_same_picture(folder: Path, canvas: Canvas):
    generator = Generator.load(folder)
    first, again = (generator.render(canvas, 5, 64) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, generator.render(canvas, 6, 64))


def test_truncated_weights_are_refused(folder: Path):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="damaged or truncated"):
        Generator.load(folder)


def test_foreign_weights_are_refused(folder: Path):
    save_weights(folder, "generator", SpadeConfig.tiny(), {"w": torch.zeros(1)})
    with pytest.raises(InputError, match="do not fit"):
        Generator.load(folder)
    save_weights(folder, "tagger", SpadeConfig.tiny(), {})
    with pytest.raises(InputError, match="describes a 'tagger'"):
        Generator.load(folder)


def test_thumbnails_and_what_begins_as_one_go_together() -> None:
    torch.manual_seed(0)
    enlarger = SpadeGenerator(SpadeConfig.tiny())
    stage = ThumbnailStage(ThumbnailStageConfig.tiny())
    for network, given in ((enlarger, None), (SpadeGenerator(SpadeConfig.official(1)), stage)):
        with pytest.raises(ValueError, match="go with a network"):
            Generator(network, given)
    assert Generator(enlarger, stage).thumbnails is stage


def test_a_generator_with_a_flow_of_its_own_is_refused(folder: Path) -> None:
    """Those of before 2026-12 had one."""
    config = json.loads((folder / "config.json").read_text())
    config["thumbnail"] = [64, 128, 256]
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"before December 2026.*Use the bundled generator"):
        Generator.load(folder)
