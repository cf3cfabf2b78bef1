from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from segmentation.canvas import label_png
from segmentation.errors import InputError
from trecs.generators import Generator
from trecs.generators.spade import SpadeConfig
from trecs.training.data import Dataset
from trecs.training.generator import GeneratorTraining, train_generator

NAMES = ("aa", "ab", "ad", "ae")  # none is held back


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    rng = np.random.default_rng(0)
    for part in ("images", "labels"):
        (tmp_path / "flickr" / part).mkdir(parents=True)
    for name in NAMES:
        labels = np.kron(rng.integers(0, 182, (4, 5)), np.ones((20, 20))).astype(np.uint8)
        photo = rng.integers(0, 256, (80, 100, 3)).astype(np.uint8)
        Image.fromarray(photo).save(tmp_path / "flickr" / "images" / f"{name}.jpg")
        (tmp_path / "flickr" / "labels" / f"{name}.png").write_bytes(label_png(labels))
    dataset = Dataset(tmp_path)
    assert len(dataset.photos(held_back=False)) == len(NAMES)
    return dataset


def trained(dataset: Dataset, folder: Path, *stops: int) -> dict[str, torch.Tensor]:
    for steps in stops:
        train_generator(replace(GeneratorTraining.tiny(), steps=steps), dataset, folder)
    return torch.load(folder / "state.pt", weights_only=True)["averaged"]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(dataset: Dataset, tmp_path: Path):
    whole = trained(dataset, tmp_path / "whole", 4)
    parts = trained(dataset, tmp_path / "parts", 2, 4)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, msg=name)


def test_the_exported_model_draws(dataset: Dataset, tmp_path: Path):
    trained(dataset, tmp_path / "run", 2)
    canvas = dataset.photos()[0].label_map()
    from segmentation.canvas import Canvas, instances_of

    picture = Generator.load(tmp_path / "run" / "model").render(
        Canvas(canvas, instances_of(canvas)), 0, 64
    )
    assert picture.std() > 0
    assert (tmp_path / "run" / "samples.png").is_file()


def test_fewer_steps_than_were_done_are_told(
    dataset: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    trained(dataset, tmp_path / "run", 2)
    before = (tmp_path / "run" / "state.pt").read_bytes()
    capsys.readouterr()
    trained(dataset, tmp_path / "run", 1)
    assert "has done its 2 steps already" in capsys.readouterr().err
    assert (tmp_path / "run" / "state.pt").read_bytes() == before


def test_a_run_of_another_model_is_not_continued(dataset: Dataset, tmp_path: Path):
    trained(dataset, tmp_path / "run", 1)
    wider = replace(SpadeConfig.tiny(), noise=5)
    with pytest.raises(InputError, match="another --out"):
        train_generator(
            replace(GeneratorTraining.tiny(), generator=wider), dataset, tmp_path / "run"
        )


@pytest.mark.parametrize("patch", [33, 96])
def test_a_patch_that_does_not_fit_is_refused(dataset: Dataset, tmp_path: Path, patch: int):
    with pytest.raises(InputError, match=f"A patch of {patch} pixels"):
        train_generator(replace(GeneratorTraining.tiny(), patch=patch), dataset, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_no_photos_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="Only 0 photos"):
        train_generator(GeneratorTraining.tiny(), Dataset(tmp_path), tmp_path / "run")
