from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import torch
from torch import Tensor

from files.errors import InputError
from tests.trecs.data.captioned import random_trunk
from tests.trecs.data.tiny_photos import grass_canvases, tiny_photos, with_one_held_back
from trecs.data.dataset import Dataset
from trecs.synthesis.painter.distilled import load_distilled
from trecs.synthesis.painter.noise import noise_of
from trecs.synthesis.painter.painter import load_thumbnails, save_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.painter.told import POINTS, SIDE, Told
from trecs.synthesis.thumbnail_distillation import DistillationTraining, train_distilled
from trecs.trunks.efficientnet import LITE0


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return with_one_held_back(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_trunk(tmp_path_factory.mktemp("trunk") / "lite0.pth", LITE0)


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flow")
    torch.manual_seed(0)
    save_thumbnails(folder, ThumbnailStage(ThumbnailStageConfig.tiny()))
    return folder


def weights_of(folder: Path, player: str = "stage") -> dict[str, Tensor]:
    return torch.load(folder / "state.pt", weights_only=True)[player]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    dataset: Dataset, trunk: Path, flow: Path, tmp_path: Path
) -> None:
    grass_canvases(dataset, tmp_path / "composed")
    for name, stops in (("whole", (4,)), ("parts", (1, 3, 4))):
        for steps in stops:
            training = replace(DistillationTraining.tiny(), steps=steps)
            train_distilled(training, dataset, tmp_path / name, start=flow, trunk=trunk,
                            composed=tmp_path / "composed")  # fmt: skip
    for player in ("stage", "judging", "averaged"):
        whole, parts = (weights_of(tmp_path / name, player) for name in ("whole", "parts"))
        for name, value in whole.items():
            torch.testing.assert_close(parts[name], value, msg=name)


def test_a_thumbnail_takes_one_look_a_step(
    dataset: Dataset, trunk: Path, flow: Path, tmp_path: Path
) -> None:
    train_distilled(DistillationTraining.tiny(), dataset, tmp_path, start=flow, trunk=trunk)
    stage = load_distilled(tmp_path / "model", load_thumbnails(flow)).eval()
    labels = torch.zeros(1, POINTS, POINTS, dtype=torch.long)
    with mock.patch.object(stage.network, "forward", wraps=stage.network.forward) as asked:
        drawn = stage.draw(Told.of(labels, labels), noise_of(0, 1, 3))
    assert drawn.shape == (1, 3, SIDE, SIDE)
    assert [len(call.args[0]) for call in asked.call_args_list] == [1, 1]  # pictures: no guidance
    assert [call.args[1].item() for call in asked.call_args_list] == [0, pytest.approx(0.4)]
    assert (tmp_path / "samples.png").is_file()


def test_while_judges_watch_the_stage_is_the_flow(
    dataset: Dataset, trunk: Path, flow: Path, tmp_path: Path
) -> None:
    begun = load_thumbnails(flow).state_dict()
    for watching, alike in ((2, True), (1, False)):
        training = replace(DistillationTraining.tiny(), steps=2, watching=watching)
        run = tmp_path / str(watching)
        train_distilled(training, dataset, run, start=flow, trunk=trunk)
        learned = weights_of(run)
        same = [torch.equal(learned[name], value.float()) for name, value in begun.items()]
        assert all(same) == alike


def test_too_few_photos_are_told(trunk: Path, flow: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Only 4 photos with label maps to train on and 0 held"):
        train_distilled(DistillationTraining.tiny(), tiny_photos(tmp_path / "data"),
                        tmp_path / "run", start=flow, trunk=trunk)  # fmt: skip
    assert not (tmp_path / "run").exists()
