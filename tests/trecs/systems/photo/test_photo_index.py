from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from tests.trecs.evaluation.tiny_run import write_data
from trecs.data.dataset import Dataset
from trecs.systems import registry
from trecs.systems.interface import Home
from trecs.systems.photo.photo_index import PhotoIndex


def test_the_photo_that_shows_what_is_told_comes_first(home: Home) -> None:
    encoder = home.pipeline("cpu").encoder
    index = PhotoIndex.of(home.dataset, encoder, home.cache)
    labels = np.zeros(182, np.float32)
    labels[[17, 123]] = 1
    vector = encoder.encode_text(["a", "dog", "on", "grass"], labels)
    assert index.nearest(vector).stem == "000000000092"
    assert index.nearest(vector, 1).stem == "000000000091"
    assert index.nearest(vector, 2).stem == "000000000092"  # there are only two
    assert len(list(home.cache.glob("photos-*.npy"))) == 1
    again = PhotoIndex.of(home.dataset, encoder, home.cache)
    assert again.nearest(vector) == index.nearest(vector)


def test_photo_needs_training_photos(tmp_path: Path, home: Home) -> None:
    bare = Dataset(write_data(tmp_path, 1))
    with pytest.raises(InputError, match=r"leave it out of --systems\.$"):
        PhotoIndex.of(bare, home.pipeline("cpu").encoder, tmp_path)
    assert not registry.card("photo").installed(Home(data=tmp_path))
