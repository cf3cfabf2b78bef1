from collections import Counter
from pathlib import Path

import pytest
import torch

from segmentation.labels import NAMES
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.acgan.network import AcGanConfig, Generator
from trecs.systems.acgan.recipe import (
    AcGanTraining,
    ClassBatches,
    begin_classes_apart,
    train_acgan,
)
from trecs.systems.acgan.system import AcGan
from trecs.systems.parts.caption_training import trainable_photos
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_acgan, AcGanTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_what_is_written_knows_the_photos_main_labels(
    trained: Trained, dataset: Dataset, tmp_path: Path
) -> None:
    trained(tmp_path, 1)
    model = AcGan.read(tmp_path / "model")
    batches = ClassBatches(trainable_photos(dataset, 2), VOCABULARY, 6, side=64, batch=2, seed=0)
    assert model.vocabulary.words[1:] == tuple(NAMES[label] for label in batches.labels)
    assert model.networks.config.text == len(batches.labels)
    picture = model.painted(model.named(NAMES[batches.labels[0]]), 0).picture
    assert picture.shape == (64, 64, 3)


def test_frequent_classes_are_drawn_by_the_root_of_their_photos(dataset: Dataset) -> None:
    """Nine photos in ten of one class: 3 to 1 in place of 9 to 1."""
    one, other = trainable_photos(dataset, 2)[:2]
    photos = [one] * 9 + [other]
    batches = ClassBatches(photos, VOCABULARY, 6, side=64, batch=1, seed=0)
    assert batches.classes.unique().numel() == 2
    drawn = Counter(batches[step][2].item() for step in range(400))
    assert drawn[int(batches.classes[0])] / 400 == pytest.approx(0.75, abs=0.07)


def test_a_label_of_few_photos_is_no_class(dataset: Dataset) -> None:
    one, other = trainable_photos(dataset, 2)[:2]
    labels = []
    for many in (100, 130):
        photos = [one] * many + [other]
        labels.append(ClassBatches(photos, VOCABULARY, 6, side=64, batch=1, seed=0).labels)
    assert [len(some) for some in labels] == [2, 1]
    assert set(labels[1]) < set(labels[0])


def test_the_text_of_a_photo_is_its_class(dataset: Dataset) -> None:
    batches = ClassBatches(trainable_photos(dataset, 2), VOCABULARY, 6, side=64, batch=4, seed=0)
    photos, texts, classes = batches[0]
    assert photos.shape == (4, 3, 64, 64)
    assert texts == [(number + 1,) for number in classes.tolist()]


@torch.no_grad()
def test_classes_begin_as_far_apart_as_the_noise_is_wide() -> None:
    """Both parts of the first layer add the same variance, one of 200 numbers, one of a 1."""
    torch.manual_seed(0)
    config = AcGanConfig(text=30, noise=200, widths=(500, 2, 2, 2, 2))
    generator = Generator(config)
    torch.nn.init.normal_(generator.fc1.weight, 0.0, 0.02)
    begin_classes_apart(generator, 30)
    of_class = generator.fc1.weight[:, :30].std().item()
    of_noise = (torch.randn(50, 200) @ generator.fc1.weight[:, 30:].T).std().item()
    assert of_class == pytest.approx(of_noise, rel=0.05)


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    trained: Trained, tmp_path: Path, batch: int
) -> None:
    trained.refuses(tmp_path, batch)
