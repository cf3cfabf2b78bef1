from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from files.weights import BUNDLED
from segmentation.labels import COUNT, value_of
from trecs.data.dataset import Dataset
from trecs.data.squeezing import squeezed
from trecs.evaluation.cases import squeezed_labels
from trecs.evaluation.instruments.segmenter import LEAST_SEEN, Segmenter

CAT, DOG, GRASS = (value_of(name) for name in ("cat", "dog", "grass"))


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter.load(BUNDLED / "segmenter")


def test_finds_things_that_are_large_enough_and_no_stuff(
    segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.full((2, 500, 500), GRASS, np.uint8)
    labels[:, :50] = DOG
    labels[:, -2:] = CAT  # 0.4 % of the picture
    labels[1, -1, -1] = GRASS
    assert labels[1].size * LEAST_SEEN == 1000
    monkeypatch.setattr(segmenter, "segment", lambda _: labels)
    assert segmenter.find(np.zeros((2, 500, 500, 3), np.uint8)) == [sorted((CAT, DOG)), [DOG]]


def test_another_kind_of_model_is_one_line() -> None:
    with pytest.raises(InputError, match="segmenter"):
        Segmenter.load(BUNDLED / "trace")


def test_pictures_are_looked_at_once(segmenter: Segmenter) -> None:
    pictures = np.random.default_rng(0).integers(256, size=(1, 64, 64, 3)).astype(np.uint8)
    maps = segmenter.segment(pictures)
    assert segmenter.segment(pictures) is maps
    assert segmenter.segment(pictures.copy()) is not maps
    assert maps.max() < COUNT


@pytest.mark.real_data
def test_labels_held_back_photos_far_better_than_one_label_does(
    segmenter: Segmenter, data_folder: Path
) -> None:
    photos = Dataset(data_folder).photos(held_back=True)[:24]
    maps = [squeezed_labels(photo.label_path, 256) for photo in photos]
    told = np.stack([labels for labels in maps if labels is not None])
    seen = segmenter.segment(np.stack([squeezed(photo.image(), 256) for photo in photos]))
    labelled = told < COUNT
    share = np.bincount(told[labelled]).max() / labelled.sum()
    assert (told == seen)[labelled].mean() > 1.5 * share
