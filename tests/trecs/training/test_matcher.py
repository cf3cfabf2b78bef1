from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from segmentation.errors import InputError
from tests.trecs.training.captioned import captioned, random_trunk
from trecs.evaluation.efficientnet import LITE2
from trecs.evaluation.matcher import MatcherEncoder
from trecs.training.data import Dataset
from trecs.training.matcher import MatcherTraining, train_matcher


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_trunk(tmp_path_factory.mktemp("trunk") / "trunk.pth", LITE2)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return captioned(tmp_path_factory.mktemp("data"))


def trained(dataset: Dataset, trunk: Path, folder: Path, *stops: int) -> dict[str, torch.Tensor]:
    for minutes in stops:
        # A minute's millionth ends a run after its first step.
        train_matcher(
            MatcherTraining.tiny(),
            dataset,
            folder,
            trunk=trunk,
            minutes=1e-6 if minutes else None,
        )
    return torch.load(folder / "state.pt", weights_only=True)["matcher"]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    dataset: Dataset, trunk: Path, tmp_path: Path
) -> None:
    whole = trained(dataset, trunk, tmp_path / "whole", 0)
    parts = trained(dataset, trunk, tmp_path / "parts", 1, 1, 0)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, msg=name)


def test_the_model_is_an_encoder(dataset: Dataset, trunk: Path, tmp_path: Path) -> None:
    trained(dataset, trunk, tmp_path, 0)
    encoder = MatcherEncoder.load(tmp_path / "model")
    assert encoder.texts(["a red dog", "sky", "a horse"]).shape == (3, 8)
    pictures = np.random.default_rng(0).integers(256, size=(2, 60, 60, 3)).astype(np.uint8)
    assert encoder.pictures(pictures).shape == (2, 8)


def test_too_few_photos_are_told(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Only 4 photos with a text"):
        train_matcher(replace(MatcherTraining.tiny(), batch=5), dataset, tmp_path)
