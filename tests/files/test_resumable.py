from pathlib import Path

import pytest

from files.errors import InputError
from files.resumable import Resumable
from files.whole import sweep
from tests.processes import KILLED, NOBODY, die, dying_at, in_a_child


def make(out: Path, *files: str) -> None:
    with Resumable(out) as staging:
        for name in files:
            (staging.work / name).parent.mkdir(exist_ok=True)
            (staging.work / name).write_text("new")
        staging.commit()


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("exists", [False, True])
def test_what_a_killed_attempt_did_is_there_for_the_next(tmp_path: Path, exists: bool) -> None:
    out = tmp_path / "data"
    if exists:
        (out / "lost+found").mkdir(parents=True)

    def killed() -> None:
        with Resumable(out) as staging:
            (staging.work / "done.png").write_text("done")
            die()

    assert in_a_child(killed) == KILLED
    assert not [name for name in names(out) if not name.startswith((".part", "lost"))]
    make(out, "other.png", "deep/one.png")
    there = ["deep", "deep/one.png", "done.png", "other.png"]
    assert names(out) == (sorted([*there, "lost+found"]) if exists else there)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    with pytest.raises(InputError, match="exists already"):
        Resumable(out)


@pytest.mark.parametrize("moment", range(8))
def test_a_folder_that_is_there_gets_all_files_or_none(tmp_path: Path, moment: int) -> None:
    def killed() -> None:
        with Resumable(tmp_path) as staging:
            for name in "abc":
                (staging.work / name).write_text("new")
            dying_at(moment, type(tmp_path), "rename", "replace", "unlink")
            staging.commit()

    code = in_a_child(killed)
    sweep(tmp_path)
    if names(tmp_path) != ["a", "b", "c"]:
        assert code == KILLED
        make(tmp_path)
    assert names(tmp_path) == ["a", "b", "c"]


def test_only_the_folder_itself_need_be_writable(closed: Path) -> None:
    assert in_a_child(lambda: make(closed, "a"), NOBODY) == 0
    assert names(closed) == ["a"]


def test_it_is_one_processs_at_a_time(tmp_path: Path) -> None:
    with (
        Resumable(tmp_path / "data"),
        pytest.raises(InputError, match="Another process is making"),
        Resumable(tmp_path / "data"),
    ):
        pass


def test_its_name_may_be_as_long_as_the_file_system_takes(tmp_path: Path) -> None:
    make(tmp_path / ("x" * 255), "a")
    assert names(tmp_path) == ["x" * 255, f"{'x' * 255}/a"]
