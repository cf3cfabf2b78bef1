from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from files.errors import InputError
from segmentation.canvas import Canvas, instances_of
from tests.trecs.data.tiny_photos import grass_canvases, tiny_photos
from trecs.data.dataset import Dataset
from trecs.synthesis import Generator
from trecs.synthesis.painter.painter import save_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.recipe import GeneratorTraining
from trecs.synthesis.spade import SpadeConfig
from trecs.synthesis.training import train_generator
from trecs.trunks.efficientnet import EfficientNetLite


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny_photos(tmp_path)


@pytest.fixture
def thumbnails(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_thumbnails(tmp_path / "thumbnails", ThumbnailStage(ThumbnailStageConfig.tiny()))
    return tmp_path / "thumbnails"


def trained(dataset: Dataset, thumbnails: Path, folder: Path, *stops: int) -> dict[str, Tensor]:
    for steps in stops:
        training = replace(GeneratorTraining.tiny(), steps=steps)
        train_generator(training, dataset, folder, thumbnails=thumbnails)
    return torch.load(folder / "state.pt", weights_only=True)["averaged"]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    dataset: Dataset, thumbnails: Path, tmp_path: Path
):
    whole = trained(dataset, thumbnails, tmp_path / "whole", 4)
    parts = trained(dataset, thumbnails, tmp_path / "parts", 2, 4)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, msg=name)


def test_the_exported_model_draws(dataset: Dataset, thumbnails: Path, tmp_path: Path):
    trained(dataset, thumbnails, tmp_path / "run", 2)
    canvas = dataset.photos()[0].label_map()
    picture = Generator.load(tmp_path / "run" / "model").render(
        Canvas(canvas, instances_of(canvas)), 0, 64
    )
    assert picture.std() > 0
    assert (tmp_path / "run" / "samples.png").is_file()


def test_fewer_steps_than_were_done_are_told(
    dataset: Dataset, thumbnails: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    trained(dataset, thumbnails, tmp_path / "run", 2)
    before = (tmp_path / "run" / "state.pt").read_bytes()
    capsys.readouterr()
    trained(dataset, thumbnails, tmp_path / "run", 1)
    assert "has done its 2 steps already" in capsys.readouterr().err
    assert (tmp_path / "run" / "state.pt").read_bytes() == before


def test_a_run_of_another_model_is_not_continued(
    dataset: Dataset, thumbnails: Path, tmp_path: Path
):
    trained(dataset, thumbnails, tmp_path / "run", 1)
    wider = replace(SpadeConfig.tiny(), noise=5)
    with pytest.raises(InputError, match="another --out"):
        train_generator(
            replace(GeneratorTraining.tiny(), generator=wider), dataset, tmp_path / "run",
            thumbnails=thumbnails,
        )  # fmt: skip


@pytest.mark.parametrize("patch", [33, 96])
def test_a_patch_that_does_not_fit_is_refused(
    dataset: Dataset, thumbnails: Path, tmp_path: Path, patch: int
):
    training = replace(GeneratorTraining.tiny(), patch=patch)
    with pytest.raises(InputError, match=f"Windows of {patch} pixels"):
        train_generator(training, dataset, tmp_path / "run", thumbnails=thumbnails)
    assert not (tmp_path / "run").exists()


def test_judges_of_the_whole_picture_take_part(dataset: Dataset, thumbnails: Path, tmp_path: Path):
    """They change what the generator learns; with a trunk a run goes on as without."""
    torch.manual_seed(0)
    published = EfficientNetLite().state_dict()
    trunk = tmp_path / "trunk.pth"
    torch.save(published, trunk)
    weights = {}
    for name, given, stops in (
        ("none", None, (2,)),
        ("whole", trunk, (2,)),
        ("parts", trunk, (1, 2)),
    ):
        for steps in stops:
            training = replace(GeneratorTraining.tiny(), steps=steps)
            train_generator(training, dataset, tmp_path / name, thumbnails=thumbnails, trunk=given)
        weights[name] = torch.load(tmp_path / name / "state.pt", weights_only=True)["generator"]
    for name, value in weights["whole"].items():
        torch.testing.assert_close(weights["parts"][name], value, msg=name)
    assert not torch.allclose(weights["whole"]["fc.weight"], weights["none"]["fc.weight"])


def test_composed_canvases_are_drawn(dataset: Dataset, thumbnails: Path, tmp_path: Path):
    grass_canvases(dataset, tmp_path / "composed")
    moved = []
    for share in (0.0, 1.0):
        training = replace(GeneratorTraining.tiny(), steps=3, composed=share)
        run = tmp_path / f"run-{share}"
        train_generator(training, dataset, run, thumbnails=thumbnails,
                        composed=tmp_path / "composed")  # fmt: skip
        steps = torch.load(run / "state.pt", weights_only=True)["generator optimizer"]["state"]
        moved.append(steps[0]["exp_avg_sq"][:, :183].sum((0, 2, 3)) > 0)  # by label
    assert moved[0][:182].sum() > 1
    assert moved[1][123]
    assert moved[1].sum() == 1


def test_no_photos_is_an_error(tmp_path: Path):
    with pytest.raises(InputError, match="Only 0 photos"):
        train_generator(
            GeneratorTraining.tiny(), Dataset(tmp_path), tmp_path / "run", thumbnails=tmp_path
        )


def test_a_generator_goes_on_behind_discriminators_that_watch_first(
    dataset: Dataset, thumbnails: Path, tmp_path: Path
) -> None:
    """Of ten steps it sits out one; its norms keep their statistics."""
    trained(dataset, thumbnails, tmp_path / "first", 2)
    begun = Generator.load(tmp_path / "first" / "model").network.state_dict()
    for steps in (1, 10):
        training = replace(GeneratorTraining.tiny(), steps=10)
        minutes = 1e-9 if steps == 1 else None
        train_generator(training, dataset, tmp_path / "second", thumbnails=thumbnails,
                        start=tmp_path / "first" / "model", minutes=minutes)  # fmt: skip
        state = torch.load(tmp_path / "second" / "state.pt", weights_only=True)
        assert state["done"] == steps
        same = torch.equal(state["generator"]["fc.weight"], begun["fc.weight"])
        assert same == (steps == 1)
        for name, value in state["generator"].items():
            if "running" in name:
                assert torch.equal(value, begun[name])


def test_photos_smaller_than_the_squares_are_left_out(
    dataset: Dataset, thumbnails: Path, tmp_path: Path
) -> None:
    training = replace(GeneratorTraining.tiny(), side=96, patch=32)  # they have 80 pixels
    with pytest.raises(InputError, match="Only 0 photos of at least 86 pixels"):
        train_generator(training, dataset, tmp_path / "run", thumbnails=thumbnails)


def test_another_folder_has_no_thumbnails(dataset: Dataset, tmp_path: Path):
    with pytest.raises(InputError, match="No painter-thumbnails in"):
        train_generator(GeneratorTraining.tiny(), dataset, tmp_path / "run", thumbnails=tmp_path)
