from math import exp, log1p

import numpy as np
import pytest
import torch

from files.errors import InputError
from segmentation.labels import COUNT, UNLABELED, value_of
from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.data.dataset import Dataset
from trecs.systems.parts.caption_training import trainable_photos
from trecs.systems.parts.classes import (
    LabelledBatches,
    amounts_of,
    class_loss,
    main_label,
    shares_of,
)

PERSON, DOG, SKY, GRASS = map(value_of, ("person", "dog", "sky-other", "grass"))


def test_things_go_before_stuff_and_more_before_less() -> None:
    amounts = np.zeros(COUNT)
    assert main_label(amounts) is None
    amounts[[SKY, GRASS]] = 3, 2
    assert main_label(amounts) == SKY
    amounts[[DOG, PERSON]] = 1, 0.5
    assert main_label(amounts) == DOG
    assert main_label(amounts, (PERSON, GRASS)) == PERSON
    assert main_label(amounts, (GRASS,)) == GRASS
    assert main_label(amounts, (value_of("car"),)) is None


def test_small_things_are_not_what_a_picture_shows() -> None:
    """Of 10 by 100 places a dog has 19, and then 20."""
    labels = np.full((10, 100), SKY, np.uint8)
    labels[0, :19] = DOG
    labels[9] = UNLABELED
    shares = shares_of(labels)
    assert (shares[SKY], shares[DOG]) == (0.881, 0)
    assert main_label(shares) == SKY
    labels[0, 19] = DOG
    assert main_label(shares_of(labels)) == DOG


def test_words_are_counted_by_label() -> None:
    amounts = amounts_of(np.array([SKY, DOG, UNLABELED, SKY], np.uint8))
    assert amounts.shape == (COUNT,)
    assert (amounts[SKY], amounts[DOG], amounts.sum()) == (2, 1, 3)


def test_a_batch_has_the_classes_of_its_photos(dataset: Dataset) -> None:
    photos = trainable_photos(dataset, 2)
    batches = LabelledBatches(photos, VOCABULARY, 6, side=16, batch=4, seed=0)
    shown, texts, numbers = batches[0]
    assert shown.shape == (4, 3, 16, 16)
    assert numbers.dtype == torch.int64
    by_text = {batches.captions[i][0]: batches.labels[batches.classes[i]] for i in range(4)}
    assert [batches.labels[number] for number in numbers] == [by_text[text] for text in texts]
    for photo, number in zip(photos, batches.classes, strict=True):
        assert batches.labels[number] == main_label(shares_of(photo.photo.label_map()))
    assert torch.equal(batches[0][0], shown)


def test_a_label_of_few_photos_is_no_class(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine photos of one label and one of another, which shows nothing of the former."""
    one, other = trainable_photos(dataset, 2)[:2]
    monkeypatch.setattr(LabelledBatches, "rare", 0.2)
    batches = LabelledBatches([one] * 9 + [other], VOCABULARY, 6, side=16, batch=2, seed=0)
    assert batches.labels == (main_label(shares_of(one.photo.label_map())),)
    shows = shares_of(other.photo.label_map())[batches.labels[0]] > 0
    assert len(batches.classes) == 9 + shows


def test_photos_without_classes_are_refused(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LabelledBatches, "rare", 0.6)
    with pytest.raises(InputError, match="the 0 photos whose label map has a main label"):
        LabelledBatches(trainable_photos(dataset, 2), VOCABULARY, 6, side=16, batch=2, seed=0)


def test_each_class_is_a_question_of_its_own() -> None:
    """Logits 2, 2 and -2 of a picture of the first class: one of three answers is wrong."""
    logits = torch.tensor([[2.0, 2.0, -2.0]])
    right, wrong = log1p(exp(-2)), log1p(exp(2))
    assert class_loss(logits, torch.tensor([0])).item() == pytest.approx((2 * right + wrong) / 3)
