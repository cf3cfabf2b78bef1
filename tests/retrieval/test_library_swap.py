"""A library that is replaced: whoever opens it finds the old one or the new one, whole."""

import errno
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from retrieval.columns import Column, open_column
from retrieval.library import SceneLibrary, write_embeddings
from retrieval.library_writer import LibraryWriter
from segmentation.masks import Mask
from tests.processes import KILLED, NOBODY, dying_at, in_a_child
from tests.retrieval.scenes import DOG, SKY, disc, write

SCENES = {"old": 3, "new": 2}
CALLS = ("rename", "replace", "unlink", "write_text")


def embed(folder: Path) -> None:
    count = SceneLibrary.open(folder).scene_count
    write_embeddings(folder, np.ones((count, 4), np.float32), "the encoder")


def replace(folder: Path, source: str = "new") -> None:
    with LibraryWriter(folder) as writer:
        for number in range(SCENES["new"]):
            mask = Mask((0, 0, 1, 1), disc())
            writer.append_scene(f"new {number}", [(DOG, mask), (SKY, mask)])
        writer.finish(source, embed)


def sound(folder: Path) -> str:
    """Which library it is; all of it is looked at."""
    library = SceneLibrary.open(folder)
    which = "new" if library.source == "new" else "old"
    assert library.scene_count == SCENES[which] == len(library.scene_names)
    assert library.embeddings.shape == (library.scene_count, 4)
    assert all(library.mask(i).bitmap.any() for i in range(library.mask_count))
    assert len(library.typical) == library.mask_count
    return which


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = write(tmp_path / "library").folder
    embed(folder)
    return folder


@pytest.mark.parametrize("moment", range(0, 60, 5))
def test_a_killed_replacement_leaves_the_old_or_the_new_one(old: Path, moment: int) -> None:
    def killed() -> None:
        dying_at(moment, type(old), *CALLS)
        replace(old)

    code = in_a_child(killed)
    assert sound(old) == "old" or moment > 20
    assert code == KILLED or sound(old) == "new"
    replace(old)
    assert sound(old) == "new"
    assert len(list(old.glob("*.npy"))) == 17  # sixteen columns and the embeddings
    assert {path.name for path in old.iterdir() if path.suffix != ".npy"} == {
        ".lock",
        "library.json",
    }


def test_the_moments_of_that_test_are_enough(old: Path) -> None:
    def killed() -> None:
        dying_at(60, type(old), *CALLS)
        replace(old)

    assert in_a_child(killed) == 0


def test_who_opens_it_meanwhile_gets_the_new_one(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def slow(folder: Path, name: str, count: int | None, version: str) -> object:
        asked.append(name)
        if len(asked) == 5:
            replace(old)
        return open_column(folder, name, count, version)

    monkeypatch.setattr("retrieval.library.open_column", slow)
    assert SceneLibrary.open(old).source == "new"


def test_who_has_the_old_one_open_keeps_it(old: Path) -> None:
    library = SceneLibrary.open(old)
    replace(old)
    assert library.scene_names == ["meadow", "beach", "kennel"]
    assert library.embeddings.shape == (3, 4)
    assert library.mask(18).bitmap.any()
    assert len(library.typical) == 19


def test_a_new_library_has_its_embeddings_when_it_appears(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        raise ZeroDivisionError

    def failed() -> None:
        with LibraryWriter(tmp_path / "library") as writer:
            writer.append_scene("one", [(DOG, Mask((0, 0, 1, 1), disc()))])
            writer.finish("new", fail)

    assert in_a_child(failed) == 1
    assert list(tmp_path.iterdir()) == []
    replace(tmp_path / "library")
    assert sound(tmp_path / "library") == "new"


def test_only_the_folder_itself_need_be_writable(closed: Path) -> None:
    (closed / "lost+found").mkdir()
    assert in_a_child(lambda: replace(closed), NOBODY) == 0
    assert sound(closed) == "new"
    assert in_a_child(lambda: replace(closed), NOBODY) == 0
    assert sound(closed) == "new"


def test_a_library_is_written_by_one_at_a_time(old: Path) -> None:
    with LibraryWriter(old), pytest.raises(InputError, match="Another process is writing"):
        LibraryWriter(old)
    replace(old)


def test_a_full_disk_leaves_no_half_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is buffered is refused once more when the file is closed."""

    class Full:
        def __init__(self, file: object) -> None:
            self.file = file

        def write(self, content: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        close = lambda self: self.write(b"")  # noqa: E731

    def fill() -> None:
        with LibraryWriter(tmp_path / "library") as writer:
            columns: dict[str, Column] = writer._columns
            for column in columns.values():
                monkeypatch.setattr(column, "_file", Full(column._file))
            writer.append_scene("one", [(DOG, Mask((0, 0, 1, 1), disc()))])

    with pytest.raises(InputError, match=r"library' cannot be written: the disk is full"):
        fill()
    assert list(tmp_path.iterdir()) == []
