from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from files.errors import InputError
from segmentation.canvas import Canvas, label_png
from segmentation.labels import value_of
from tests.trecs.data.tiny_photos import tiny_photos, with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import random_autoencoder
from trecs.data.dataset import Dataset
from trecs.synthesis.painter import Painter
from trecs.synthesis.painter.latent_making import make_latents
from trecs.synthesis.painter.latent_training import LatentStageTraining, train_latents
from trecs.synthesis.painter.latents import LatentStageConfig
from trecs.synthesis.painter.painter import load_latents, load_thumbnails
from trecs.synthesis.painter.thumbnail_training import ThumbnailStageTraining, train_thumbnails
from trecs.synthesis.painter.told import SIDE, Told
from trecs.synthesis.painter.unet import UNetConfig

Train = Callable[..., None]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return with_one_held_back(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def latents(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("latents")
    make_latents(dataset, random_autoencoder(), folder)
    return folder


@pytest.fixture(params=["thumbnails", "latents"])
def train(request: pytest.FixtureRequest, dataset: Dataset, latents: Path) -> Train:
    """A tiny training of one of the stages: train(folder, **arguments)."""
    if request.param == "thumbnails":
        return lambda folder, **given: train_thumbnails(
            ThumbnailStageTraining.tiny(), dataset, folder, **given
        )
    return lambda folder, **given: train_latents(
        LatentStageTraining.tiny(), dataset, folder, latents=latents, **given
    )


def state_of(folder: Path) -> dict:
    return torch.load(folder / "state.pt", weights_only=True)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(train: Train, tmp_path: Path) -> None:
    train(tmp_path / "whole")
    train(tmp_path / "parts", minutes=1e-9)  # stopped after its first step
    assert state_of(tmp_path / "parts")["done"] == 1
    train(tmp_path / "parts", cpu_minutes=1e-9)
    assert state_of(tmp_path / "parts")["done"] == 2
    train(tmp_path / "parts")
    whole, parts = (state_of(tmp_path / name) for name in ("whole", "parts"))
    for part in ("stage", "averaged"):
        for name, value in whole[part].items():
            torch.testing.assert_close(parts[part][name], value, msg=name)
    assert [point["step"] for point in parts["curve"]] == [0, 1, 2, 4]
    assert parts["curve"][-1]["held_back"] == pytest.approx(
        whole["curve"][-1]["held_back"], rel=1e-5
    )


def test_its_model_and_a_sheet_are_there(train: Train, tmp_path: Path) -> None:
    train(tmp_path)
    averaged = state_of(tmp_path)["averaged"]
    kind = (tmp_path / "model" / "config.json").read_text()
    load = load_latents if "painter-latents" in kind else load_thumbnails
    read = load(tmp_path / "model").state_dict()
    for name, value in averaged.items():
        torch.testing.assert_close(read[name].float(), value, atol=1e-3, rtol=1e-3)
    with Image.open(tmp_path / "samples.png") as sheet:
        assert sheet.size[1] == 128  # of one held-back photo


def test_a_run_of_another_model_is_not_continued(
    dataset: Dataset, latents: Path, tmp_path: Path
) -> None:
    train_latents(LatentStageTraining.tiny(), None, tmp_path, latents=latents)
    wider = replace(LatentStageTraining.tiny(), stage=LatentStageConfig(UNetConfig((8, 16, 16))))
    with pytest.raises(InputError, match="another --out"):
        train_latents(wider, None, tmp_path, latents=latents)


@pytest.mark.parametrize("window", [8, 32])
def test_a_steps_pictures_are_counted_by_their_cells(
    latents: Path, tmp_path: Path, window: int
) -> None:
    training = replace(LatentStageTraining.tiny(), window=window)
    train_latents(training, None, tmp_path, latents=latents)
    last = state_of(tmp_path)["curve"][-1]
    worth = 2 * (1 if window == 32 else 2 * (window / SIDE) ** 2)
    assert last["pictures"] == round(last["step"] * worth)


def test_a_new_run_begins_with_a_trained_stage(
    dataset: Dataset, latents: Path, tmp_path: Path
) -> None:
    first = replace(ThumbnailStageTraining.tiny(), rate=0.0)
    second = replace(LatentStageTraining.tiny(), rate=0.0)
    train_thumbnails(first, dataset, tmp_path / "0", seed=1)
    thumbnails = load_thumbnails(tmp_path / "0" / "model")
    train_thumbnails(first, dataset, tmp_path / "1", start=thumbnails)
    train_latents(second, None, tmp_path / "2", latents=latents, seed=1)
    painted = load_latents(tmp_path / "2" / "model")
    train_latents(second, None, tmp_path / "3", latents=latents, start=painted)
    for given, run in ((thumbnails, "1"), (painted, "3")):
        averaged = state_of(tmp_path / run)["averaged"]
        torch.testing.assert_close(averaged, dict(given.state_dict()))
    guided = replace(first, stage=replace(first.stage, guidance=2.0))  # draws otherwise
    train_thumbnails(guided, dataset, tmp_path / "4", start=thumbnails)
    other = replace(first, stage=replace(first.stage, network=UNetConfig((8, 16, 16))))
    with pytest.raises(InputError, match="leave --start out"):
        train_thumbnails(other, dataset, tmp_path / "5", start=thumbnails)


def test_it_learns_what_is_told(tmp_path: Path) -> None:
    """Photos whose labels alone tell their brightness: thumbnails have it; both losses fall."""
    data = tmp_path / "data" / "flickr"
    for part in ("images", "labels"):
        (data / part).mkdir(parents=True)
    kinds = {"aa": ("snow", 220), "ab": ("road", 40), "b11": ("snow", 220)}
    for name, (label, grey) in kinds.items():
        Image.fromarray(np.full((40, 40, 3), grey, np.uint8)).save(data / "images" / f"{name}.jpg")
        labels = np.full((40, 40), value_of(label), np.uint8)
        (data / "labels" / f"{name}.png").write_bytes(label_png(labels))
    dataset = Dataset(data.parent)
    make_latents(dataset, random_autoencoder(), tmp_path / "made")
    (tmp_path / "painter").mkdir()
    painter = tmp_path / "painter"
    learning: dict[str, Any] = {"steps": 100, "warmup": 10, "rate": 3e-3, "average": 0.9}
    first = replace(ThumbnailStageTraining.tiny(), **learning)
    second = replace(LatentStageTraining.tiny(), **learning)
    train_thumbnails(first, dataset, tmp_path / "thumbnails")
    (tmp_path / "thumbnails" / "model").rename(painter / "thumbnails")
    train_latents(
        second,
        None,
        tmp_path / "latents",
        latents=tmp_path / "made",
        thumbnails=painter / "thumbnails",
    )
    (tmp_path / "latents" / "model").rename(painter / "latents")
    for stage, share in (("thumbnails", 0.2), ("latents", 0.9)):
        curve = state_of(tmp_path / stage)["curve"]
        assert curve[-1]["held_back"] < share * curve[0]["held_back"]

    drawing = Painter.load(painter)
    for label, grey in (("snow", 220), ("road", 40)):
        canvas = Canvas(np.full((32, 32), value_of(label), np.uint8), np.zeros((32, 32), np.int32))
        thumbnails = drawing.thumbnail(Told.of_canvases(canvas), 0)
        assert thumbnails.mean().item() == pytest.approx(grey / 127.5 - 1, abs=0.3)


def test_a_run_keeps_its_scale_when_more_latents_come(dataset: Dataset, tmp_path: Path) -> None:
    made = tmp_path / "made"
    train = partial(train_latents, LatentStageTraining.tiny(), None, tmp_path / "run", latents=made)
    make_latents(dataset, random_autoencoder(), made, passes=1)
    train(minutes=1e-9)
    before = state_of(tmp_path / "run")["stage"]
    make_latents(dataset, random_autoencoder(), made, passes=2)
    train()
    after = state_of(tmp_path / "run")["stage"]
    for name in ("mean", "spread"):
        assert torch.equal(after[name], before[name])
        assert before[name].unique().numel() > 1


def test_missing_composed_canvases_are_an_error(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="trecs data compose"):
        train_thumbnails(
            ThumbnailStageTraining.tiny(), dataset, tmp_path / "run", composed=tmp_path / "none"
        )


def test_too_few_photos_are_an_error(tmp_path: Path) -> None:
    dataset = tiny_photos(tmp_path / "data")
    with pytest.raises(InputError, match=r"4 photos .* and 0 held back"):
        train_thumbnails(ThumbnailStageTraining.tiny(), dataset, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_too_few_latents_are_an_error(latents: Path, tmp_path: Path) -> None:
    training = replace(LatentStageTraining.tiny(), batch=5)
    with pytest.raises(InputError, match="Only 4 photos to train on"):
        train_latents(training, None, tmp_path / "run", latents=latents)
    assert not (tmp_path / "run").exists()
