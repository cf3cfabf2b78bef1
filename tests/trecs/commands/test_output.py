from pathlib import Path

import pytest

from files.errors import InputError
from trecs.commands.output import check_file, check_folder, written_whole


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_new_folder_appears_with_all_its_files(tmp_path: Path) -> None:
    with written_whole(tmp_path / "a" / "out") as folder:
        (folder / "masks").mkdir()
        (folder / "masks" / "1.png").write_text("mask")
        assert not (tmp_path / "a" / "out").exists()
    assert names(tmp_path / "a") == ["out", "out/masks", "out/masks/1.png"]
    assert (tmp_path / "a" / "out").stat().st_mode & 0o777 == 0o755


def test_in_an_existing_folder_only_our_files_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    (tmp_path / "out" / "image.png").write_text("old")
    with written_whole(tmp_path / "out") as folder:
        (folder / "image.png").write_text("new")
        (folder / "masks").mkdir()
        (folder / "masks" / "1.png").write_text("mask")
    assert names(tmp_path) == [
        "out",
        "out/image.png",
        "out/masks",
        "out/masks/1.png",
        "out/notes.txt",
    ]
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "image.png").read_text() == "new"


@pytest.mark.parametrize("exists", [True, False])
def test_nothing_is_left_of_work_that_failed(tmp_path: Path, exists: bool) -> None:
    if exists:
        (tmp_path / "out").mkdir()

    def fail(folder: Path) -> None:
        (folder / "image.png").write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "out") as folder:
        fail(folder)
    assert names(tmp_path) == (["out"] if exists else [])


def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "inside" / "it"):
        with pytest.raises(InputError, match="is a file"):
            check_folder(out)
    with pytest.raises(InputError, match="is a folder"):
        check_file(tmp_path)
    with pytest.raises(InputError, match="Nothing can be written"):
        check_folder(Path("/proc/out"))
    check_folder(tmp_path / "new" / "out")
    check_file(tmp_path / "new" / "image.png")
    assert names(tmp_path) == ["file"]
