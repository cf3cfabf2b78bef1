import os
import time
from pathlib import Path

import pytest

from files import whole
from files.errors import InputError
from files.whole import MARK, Staging, sweep, write_atomically, written_whole
from tests.processes import KILLED, NOBODY, die, dying_at, in_a_child

LONG = "ü" * 127 + "x"  # 255 bytes, what most file systems take


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def contents(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in names(folder) if "/" not in name}


def write(out: Path, text: str, *files: str, replaced: tuple[str, ...] = ()) -> None:
    with written_whole(out, replaced) as folder:
        for name in files:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)


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
    write(tmp_path / "out", "new", "image.png", "masks/1.png")
    assert names(tmp_path) == [
        "out",
        "out/image.png",
        "out/masks",
        "out/masks/1.png",
        "out/notes.txt",
    ]
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "image.png").read_text() == "new"


def test_the_folder_may_be_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in ("old", "new"):
        write(Path("."), text, "image.png")
    assert contents(tmp_path) == {"image.png": "new"}


def test_what_an_older_version_had_more_does_not_stay_beside_the_new_one(tmp_path: Path) -> None:
    write(tmp_path, "old", "image.png", "map.png", "attention/1.png")
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, "new", "image.png", replaced=("image.png", "map.png", "attention/*.png"))
    assert contents(tmp_path) == {"image.png": "new", "notes.txt": "mine"}


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


def test_what_is_in_the_way_is_told_before_anything_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, "old", "a.png", "b.png/inside")
    with pytest.raises(InputError, match=r"b\.png' is in the way"):
        write(tmp_path, "new", "a.png", "b.png")
    assert (tmp_path / "a.png").read_text() == "old"
    assert names(tmp_path) == ["a.png", "b.png", "b.png/inside"]


def test_only_the_folder_itself_need_be_writable(closed: Path) -> None:
    """As with a mounted volume, beside which nothing can be put."""
    assert in_a_child(lambda: write(closed, "new", "image.png"), NOBODY) == 0
    assert contents(closed) == {"image.png": "new"}


def test_no_permission_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems refuse that."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refuse)
    write(tmp_path / "out", "new", "image.png")
    assert contents(tmp_path / "out") == {"image.png": "new"}


def test_names_may_be_as_long_as_the_file_system_takes(tmp_path: Path) -> None:
    write_atomically(tmp_path / LONG, b"file")
    write(tmp_path / "a" / LONG, "new", LONG)
    assert contents(tmp_path / "a" / LONG) == {LONG: "new"}
    with pytest.raises(InputError, match="the name is too long"):
        write_atomically(tmp_path / f"{LONG}x", b"file")
    with pytest.raises(InputError, match="the name is too long"):
        write(tmp_path / f"{LONG}x", "new", "image.png")


@pytest.mark.parametrize("moment", range(12))
def test_a_killed_replacement_never_mixes_and_is_ended_by_the_next(
    tmp_path: Path, moment: int
) -> None:
    files = ("a.png", "b.png", "c.json")
    write(tmp_path, "old", *files, "only-old.png")
    (tmp_path / "notes.txt").write_text("mine")

    def replace() -> None:
        dying_at(moment, type(tmp_path), "rename", "replace", "unlink", "write_text")
        write(tmp_path, "new", *files, replaced=("only-old.png",))

    code = in_a_child(replace)
    there = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert there.pop("notes.txt") == "mine"
    assert len(set(there.values())) <= 1
    sweep(tmp_path)
    there = contents(tmp_path)
    assert there.pop("notes.txt") == "mine"
    new = dict.fromkeys(files, "new")
    assert there in (new, {**dict.fromkeys(files, "old"), "only-old.png": "old"})
    assert code == KILLED or there == new


def test_the_moments_of_that_test_are_enough(tmp_path: Path) -> None:
    write(tmp_path, "old", "a.png", "b.png", "c.json", "only-old.png")

    def replace() -> None:
        reached = dying_at(12, type(tmp_path), "rename", "replace", "unlink", "write_text")
        write(tmp_path, "new", "a.png", "b.png", "c.json", replaced=("only-old.png",))
        os._exit(int(reached()))

    assert in_a_child(replace) == KILLED


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    def killed() -> None:
        with written_whole(tmp_path / "out") as folder:
            (folder / "image.png").write_text("half")
            die()

    assert in_a_child(killed) == KILLED
    (left,) = names(tmp_path)[:1]
    assert left.startswith(MARK)
    alive = Staging(tmp_path / "other")  # which sweeps
    (living,) = {path.name for path in tmp_path.iterdir()}
    assert living != left
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [living]
    alive.remove()
    assert not names(tmp_path)


def test_half_files_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    def killed() -> None:
        dying_at(0, type(tmp_path), "replace")
        write_atomically(tmp_path / "deep" / "file", b"new")

    assert in_a_child(killed) == KILLED
    (left,) = (tmp_path / "deep").iterdir()
    parents = left.with_name(left.name.replace(f"-{left.name.split('-')[2]}-", f"-{os.getppid()}-"))
    left.rename(parents)
    sweep(tmp_path, deep=True)
    assert list((tmp_path / "deep").iterdir()) == [parents]
    parents.rename(left)
    sweep(tmp_path)
    assert left.exists()
    sweep(tmp_path, deep=True)
    assert not left.exists()


def test_half_files_of_other_machines_go_when_they_are_old(tmp_path: Path) -> None:
    left = tmp_path / f"{MARK}00000000-1-abc"
    left.write_text("half")
    sweep(tmp_path)
    assert left.exists()
    long_ago = time.time() - whole.FOREIGN_SECONDS - 1
    os.utime(left, (long_ago, long_ago))
    sweep(tmp_path)
    assert not left.exists()
