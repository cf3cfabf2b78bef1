from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from files.errors import InputError
from files.weights import load_tensors
from tests.trecs.data.captioned import captioned, random_trunk
from trecs.data.dataset import Dataset, Photo
from trecs.data.described import described_photos
from trecs.evaluation.instruments.matcher import Matcher, MatcherEncoder, Sentences
from trecs.evaluation.instruments.matcher_training import Batches, MatcherTraining, train_matcher
from trecs.trunks.efficientnet import LITE2


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


def test_features_are_standardised_by_those_of_training(
    dataset: Dataset, trunk: Path, tmp_path: Path
) -> None:
    state = trained(dataset, trunk, tmp_path, 0)
    roots = torch.from_numpy(np.load(tmp_path / "features" / "pooled.npy")).float().sqrt()
    assert roots.shape == (8, 1280)
    torch.testing.assert_close(state["centre"], roots.mean(0))
    kept = load_tensors(tmp_path / "model")
    torch.testing.assert_close(kept["centre"].float(), roots.mean(0), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(kept["spread"].float(), state["spread"], atol=1e-3, rtol=1e-3)


def test_training_brings_photos_to_their_texts(
    dataset: Dataset, trunk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(folder: Path, photos: list[Photo], *_: object, views: int, **__: object) -> None:
        """Features of which every photo has its own, in all of its views."""
        folder.mkdir()
        own = np.random.default_rng(0).random((len(photos), 1280)).repeat(views, 0)
        np.save(folder / "pooled.npy", own.astype(np.float16))

    monkeypatch.setattr("trecs.evaluation.instruments.matcher_training.keep_views", keep)
    training = replace(
        MatcherTraining.tiny(), steps=60, batch=4, rate=0.01, picture_dropout=0.0, text_dropout=0.0
    )
    train_matcher(training, dataset, tmp_path, trunk=trunk)
    matcher = Matcher(training.matcher)
    matcher.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True)["matcher"])
    photos = described_photos(dataset)
    features, vectors = Batches(training, photos, Sentences.load(), tmp_path / "features", 0)[99]
    pictures = functional.normalize(matcher.picture(matcher.standardised(features)), dim=1)
    texts = functional.normalize(matcher.text(vectors), dim=1)
    assert (texts @ pictures.T).argmax(1).tolist() == [0, 1, 2, 3]


def test_too_few_photos_are_told(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Only 4 photos with a text"):
        train_matcher(replace(MatcherTraining.tiny(), batch=5), dataset, tmp_path)
