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
from trecs.synthesis.recipe import GeneratorTraining
from trecs.synthesis.spade import SpadeConfig
from trecs.synthesis.thumbnail import ThumbnailConfig
from trecs.synthesis.thumbnail_training import ThumbnailTraining, load_thumbnails, train_thumbnails
from trecs.synthesis.training import bundled_thumbnails, train_generator
from trecs.trunks.efficientnet import EfficientNetLite


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny_photos(tmp_path)


@pytest.fixture
def thumbnails(dataset: Dataset, tmp_path: Path) -> Path:
    train_thumbnails(ThumbnailTraining.tiny(), dataset, tmp_path / "thumbnails")
    return tmp_path / "thumbnails" / "model"


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


def test_the_thumbnails_become_a_part_of_the_model(
    dataset: Dataset, thumbnails: Path, tmp_path: Path
):
    trained(dataset, thumbnails, tmp_path / "run", 1)
    flow, part = load_thumbnails(thumbnails), Generator.load(tmp_path / "run" / "model")
    assert part.network.thumbnail is not None
    for name, value in flow.state_dict().items():
        stored = part.network.thumbnail.state_dict()[name]  # kernels as 8-bit numbers
        torch.testing.assert_close(stored, value, atol=0.01, rtol=0.0, msg=name)


def test_the_bundled_generator_lends_its_thumbnails():
    assert bundled_thumbnails().config == ThumbnailConfig()


def test_another_folder_has_no_thumbnails(dataset: Dataset, tmp_path: Path):
    with pytest.raises(InputError, match="No thumbnails in"):
        train_generator(GeneratorTraining.tiny(), dataset, tmp_path / "run", thumbnails=tmp_path)
