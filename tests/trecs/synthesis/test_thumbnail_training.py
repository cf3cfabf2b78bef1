from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from files.errors import InputError
from segmentation.canvas import Canvas, label_png
from tests.trecs.data.tiny_photos import grass_canvases, tiny_photos
from trecs.data.dataset import Dataset
from trecs.synthesis.condition import Condition
from trecs.synthesis.thumbnail import SIDE, ThumbnailConfig
from trecs.synthesis.thumbnail_training import ThumbnailTraining, load_thumbnails, train_thumbnails


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny_photos(tmp_path)


def trained(dataset: Dataset, folder: Path, *stops: float) -> dict[str, Tensor]:
    for minutes in stops:
        train_thumbnails(ThumbnailTraining.tiny(), dataset, folder, minutes=minutes)
    return torch.load(folder / "state.pt", weights_only=True)["averaged"]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(dataset: Dataset, tmp_path: Path):
    whole = trained(dataset, tmp_path / "whole", 60)
    parts = trained(dataset, tmp_path / "parts", 1e-9, 60)  # stopped after its first step
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, msg=name)


def test_the_exported_model_is_read(dataset: Dataset, tmp_path: Path):
    averaged = trained(dataset, tmp_path / "run", 60)
    flow = load_thumbnails(tmp_path / "run" / "model")
    assert flow.config == ThumbnailConfig.tiny()
    torch.testing.assert_close(flow.write.weight, averaged["write.weight"], atol=1e-3, rtol=1e-3)
    assert (tmp_path / "run" / "samples.png").is_file()


def test_it_learns_what_a_label_looks_like(tmp_path: Path):
    """Photos whose labels alone tell their brightness: the flow's thumbnails come near it."""
    for part in ("images", "labels"):
        (tmp_path / "flickr" / part).mkdir(parents=True)
    for name, label, grey in (("aa", 123, 220), ("ab", 148, 40)):
        photo = np.full((40, 40, 3), grey, np.uint8)
        Image.fromarray(photo).save(tmp_path / "flickr" / "images" / f"{name}.jpg")
        labels = np.full((40, 40), label, np.uint8)
        (tmp_path / "flickr" / "labels" / f"{name}.png").write_bytes(label_png(labels))
    training = replace(ThumbnailTraining.tiny(), steps=90, warmup=10, rate=3e-3, average=0.95)
    train_thumbnails(training, Dataset(tmp_path), tmp_path / "run")
    flow = load_thumbnails(tmp_path / "run" / "model")
    noise = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    light, dark = (
        flow.draw(
            Condition.of(Canvas(np.full((32, 32), label, np.uint8), np.zeros((32, 32), np.int32))),
            noise,
        ).mean()
        for label in (123, 148)
    )
    assert light > 0.4
    assert dark < -0.3


def test_composed_canvases_are_learned_from(dataset: Dataset, tmp_path: Path):
    grass_canvases(dataset, tmp_path / "composed")
    weights = []
    for share in (0.0, 1.0):
        training = replace(ThumbnailTraining.tiny(), composed=share)
        run = tmp_path / f"run-{share}"
        train_thumbnails(training, dataset, run, composed=tmp_path / "composed")
        table = torch.load(run / "state.pt", weights_only=True)["network optimizer"]["state"]
        weights.append(table[0]["exp_avg"])  # of the labels' table
    others = torch.arange(183) != 123
    assert weights[0][others].abs().max() > 0
    assert weights[1][others].abs().max() == 0


def test_missing_composed_canvases_are_an_error(dataset: Dataset, tmp_path: Path):
    with pytest.raises(InputError, match="trecs data compose"):
        train_thumbnails(ThumbnailTraining.tiny(), dataset, tmp_path / "run",
                         composed=tmp_path / "none")  # fmt: skip


def test_too_few_photos_are_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="Only 0 photos"):
        train_thumbnails(ThumbnailTraining.tiny(), Dataset(tmp_path), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_of_another_model_is_not_continued(dataset: Dataset, tmp_path: Path):
    trained(dataset, tmp_path / "run", 60)
    wider = replace(ThumbnailTraining.tiny(), network=ThumbnailConfig((8, 16, 16)))
    with pytest.raises(InputError, match="another --out"):
        train_thumbnails(wider, dataset, tmp_path / "run")
