from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from segmentation.labels import COUNT
from tests.trecs.data.captioned import captioned, random_trunk
from trecs.data.dataset import Dataset
from trecs.evaluation.instruments.segmenter import Segmenter
from trecs.evaluation.instruments.segmenter_training import (
    SegmenterTraining,
    label_loss,
    train_segmenter,
)
from trecs.trunks.efficientnet import LITE2


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_trunk(tmp_path_factory.mktemp("trunk") / "trunk.pth", LITE2)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return captioned(tmp_path_factory.mktemp("data"))


def trained(dataset: Dataset, trunk: Path, folder: Path, *stops: int) -> dict[str, torch.Tensor]:
    training = SegmenterTraining.tiny()
    for minutes in stops:
        # A minute's millionth ends a run after its first step.
        train_segmenter(training, dataset, folder, trunk=trunk, minutes=1e-6 if minutes else None)
    return torch.load(folder / "state.pt", weights_only=True)["head"]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(
    dataset: Dataset, trunk: Path, tmp_path: Path
) -> None:
    whole = trained(dataset, trunk, tmp_path / "whole", 0)
    parts = trained(dataset, trunk, tmp_path / "parts", 1, 1, 0)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, msg=name)


def test_the_model_is_a_segmenter(dataset: Dataset, trunk: Path, tmp_path: Path) -> None:
    trained(dataset, trunk, tmp_path, 0)
    segmenter = Segmenter.load(tmp_path / "model")
    pictures = np.random.default_rng(0).integers(256, size=(2, 50, 60, 3)).astype(np.uint8)
    maps = segmenter.segment(pictures)
    assert (maps.shape, maps.dtype) == ((2, 50, 60), np.uint8)
    assert maps.max() < COUNT


def test_the_loss_reads_labels_between_the_cells_and_leaves_out_unlabeled() -> None:
    scores = torch.full((1, COUNT, 2, 2), -20.0)
    scores[:, 5] = 20.0
    labels = torch.full((1, 8, 8), 5)
    labels[:, :4, :4] = COUNT
    assert label_loss(scores, labels).item() == pytest.approx(0, abs=1e-5)
    labels[:, 4:] = 6
    assert label_loss(scores, labels).item() == pytest.approx(40 * 8 / 12)


def test_a_map_weighs_what_it_is_expected_to_be_right() -> None:
    scores = torch.zeros(2, COUNT, 2, 2)
    scores[0, 5] = 3.0
    labels = torch.full((2, 8, 8), 5)
    sure, unsure = (label_loss(scores[i : i + 1], labels[i : i + 1]).item() for i in range(2))
    weighed = label_loss(scores, labels, torch.tensor([1.0, 0.25])).item()
    assert weighed == pytest.approx((sure + 0.25 * unsure) / 1.25)


def test_too_few_photos_are_told(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Only 4 photos with label maps"):
        train_segmenter(replace(SegmenterTraining.tiny(), batch=5), dataset, tmp_path)
