from pathlib import Path

import pytest

from files.errors import InputError
from files.pictures import read_rgb
from tests.trecs.evaluation.test_study import folder  # noqa: F401
from trecs.evaluation.browsed import RunCollection
from trecs.evaluation.run_folder import Key, RunFolder, Settings


def test_every_systems_picture_stands_beside_its_narrative(folder: Path):  # noqa: F811
    collection = RunCollection(folder)
    assert len(collection.entries) == 6
    assert [bad.name for bad in collection.bad] == ["000002-2 by predicted"]
    assert collection.narrative(0).caption == "A dog on the grass"
    photo = collection.photo(0)
    assert photo is not None
    assert photo.shape == (64, 64, 3)
    seen = list(collection.seen(0))
    assert [one.system for one in seen] == ["predicted", "retrieval", "traced"]
    for one in seen:
        assert one.picture.shape == (64, 64, 3)
        assert one.label_map is not None
        assert one.iou is not None
        assert 0 < one.iou < 1  # a dog everywhere, of which the photo has some
        assert one.tagged == 1
        assert one.psnr is not None
        assert one.psnr > 0
    assert len(list(collection.seen(1))) == 2


def test_pictures_that_are_lost_are_left_out(folder: Path):  # noqa: F811
    collection, key = RunCollection(folder), Key("traced", "000001-1", 0)
    assert read_rgb(RunFolder(folder).picture(key)).size == (64, 64)
    RunFolder(folder).picture(key).unlink()
    assert [one.system for one in collection.seen(0)] == ["predicted", "retrieval"]


def test_a_run_without_pictures_is_refused(folder: Path, tmp_path: Path):  # noqa: F811
    empty = RunFolder(tmp_path / "empty")
    empty.agree(Settings("x", 64, {}, {"data": str(tmp_path / "data")}))
    with pytest.raises(InputError, match="no picture of a narrative"):
        RunCollection(empty.folder)
