from dataclasses import replace
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.trecs.data.captioned import captioned, random_trunk
from trecs.data.dataset import Dataset
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.damsm_training import DamsmTraining, train_damsm
from trecs.trunks.efficientnet import LITE0


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_trunk(tmp_path_factory.mktemp("trunk") / "trunk.pth", LITE0)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return captioned(tmp_path_factory.mktemp("data"))


def trained(dataset: Dataset, trunk: Path, folder: Path, *stops: int) -> dict[str, torch.Tensor]:
    training = DamsmTraining.tiny()
    for minutes in stops:
        # A minute's millionth ends a run after its first step.
        train_damsm(training, dataset, folder, trunk=trunk, minutes=1e-6 if minutes else None)
    return torch.load(folder / "state.pt", weights_only=True)["learner"]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    dataset: Dataset, trunk: Path, tmp_path: Path
) -> None:
    whole = trained(dataset, trunk, tmp_path / "whole", 0)
    parts = trained(dataset, trunk, tmp_path / "parts", 1, 1, 0)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, msg=name)


def test_the_model_leaves_the_trunk_out_and_matches(
    dataset: Dataset, trunk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(dataset, trunk, tmp_path, 0)
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < 40_000
    published = torch.load(trunk, weights_only=True)
    monkeypatch.setattr("trecs.trunks.efficientnet.read_published", lambda *_, **__: published)
    damsm = Damsm.load(tmp_path / "model")
    assert damsm.vocabulary.words[:3] == ("<end>", "a", "dog")
    assert damsm.encode_texts(["a red dog"]).shape == (1, 8)
    assert damsm.encode_pictures(torch.rand(2, 3, 50, 60)).shape == (2, 8)
    name = "image_encoder.trunk._bn0.weight"
    assert torch.equal(damsm.networks.state_dict()[name], published["_bn0.weight"])


def test_the_trunk_looks_once(dataset: Dataset, trunk: Path, tmp_path: Path) -> None:
    trained(dataset, trunk, tmp_path, 1)
    before = (tmp_path / "features" / "local.npy").stat().st_mtime_ns
    trained(dataset, trunk, tmp_path, 0)
    assert (tmp_path / "features" / "local.npy").stat().st_mtime_ns == before


def test_too_few_photos_are_told(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Only 4 photos with a text"):
        train_damsm(replace(DamsmTraining.tiny(), batch=5), dataset, tmp_path)


def test_a_run_of_other_words_is_not_continued(trunk: Path, tmp_path: Path) -> None:
    dataset = captioned(tmp_path / "data")
    trained(dataset, trunk, tmp_path / "run", 1)
    path = tmp_path / "data" / "flickr" / "captions.jsonl"
    path.write_text(path.read_text().replace("sky", "sea"))
    with pytest.raises(InputError, match="other data"):
        train_damsm(DamsmTraining.tiny(), Dataset(dataset.folder), tmp_path / "run", trunk=trunk)
