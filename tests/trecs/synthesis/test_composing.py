from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import value_of
from tests.trecs.data.tiny_photos import NAMES, tiny_photos
from trecs.data.composed import composed_canvas
from trecs.data.photo_masks import square
from trecs.pipeline import TReCS
from trecs.synthesis.composing import SIZE, compose_photos, told


@pytest.fixture(scope="module")
def trecs() -> TReCS:
    return TReCS.from_pretrained()


def test_every_photo_gets_a_canvas_of_its_own_labels(trecs: TReCS, tmp_path: Path) -> None:
    dataset = tiny_photos(tmp_path / "data")
    assert compose_photos(trecs.canvas, dataset, tmp_path / "composed") == len(NAMES)
    for photo in dataset.photos():
        canvas = composed_canvas(tmp_path / "composed", photo)
        assert canvas is not None
        assert canvas.label_map.shape == canvas.instance_map.shape == (SIZE, SIZE)
        own = square(photo.label_map(), SIZE)
        assert np.mean(canvas.label_map == own) > 0.3  # noise of squares: outlines do not fit


def test_a_stopped_run_goes_on(trecs: TReCS, tmp_path: Path) -> None:
    dataset = tiny_photos(tmp_path / "data")
    compose_photos(trecs.canvas, dataset, tmp_path / "composed")
    first, *others = sorted((tmp_path / "composed" / "flickr").glob("*.instances.png"))
    before = first.read_bytes()
    first.unlink()
    kept = [path.stat().st_mtime_ns for path in others]
    assert compose_photos(trecs.canvas, dataset, tmp_path / "composed") == len(NAMES)
    assert first.read_bytes() == before
    assert [path.stat().st_mtime_ns for path in others] == kept


def test_things_are_told_one_by_one_and_stuff_once() -> None:
    dog, grass, cat = map(value_of, ("dog", "grass", "cat"))
    mask = np.zeros((20, 20), bool)
    mask[:5, :5] = True
    speck = np.zeros((20, 20), bool)
    speck[0, 0] = True
    masks = {dog: [mask] * 3, grass: [mask, mask], cat: [speck * False]}
    for seed in range(10):
        order = told(masks, np.random.default_rng(seed)).tolist()
        assert order.count(grass) == 1
        assert cat not in order
        assert 1 <= order.count(dog) <= 2  # three at most two apart from each other
        assert all(a != b for a, b in pairwise(order))
    assert told({}, np.random.default_rng(0)).tolist() == []


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    photo = tiny_photos(tmp_path / "data").photos()[0]
    with pytest.raises(InputError, match="trecs data compose"):
        composed_canvas(tmp_path / "none", photo)
    (tmp_path / "some").mkdir()
    assert composed_canvas(tmp_path / "some", photo) is None
