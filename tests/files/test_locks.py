import errno
import os
from pathlib import Path

import pytest

from files import locks
from files.errors import InputError
from files.locks import acquired, locked
from tests.processes import KILLED, NOBODY, die, in_a_child


def busy(path: Path) -> bool:
    """Whether another process finds it taken."""
    return in_a_child(lambda: os._exit(2 if acquired(path) is None else 3)) == 2


def test_a_lock_is_ones_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lock"
    with locked(path, "busy"):
        assert busy(path)
        with pytest.raises(InputError, match="busy"), locked(path, "busy"):
            pass
    assert not busy(path)
    with locked(path, "busy"):
        pass


def test_the_dead_give_it_back(tmp_path: Path) -> None:
    def killed() -> None:
        assert acquired(tmp_path / "lock")
        die()

    assert in_a_child(killed) == KILLED
    with locked(tmp_path / "lock", "busy"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_without_locks_is_told_as_such_and_does_without(
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    locks._tell.cache_clear()
    path = tmp_path / "lock"
    with locked(path, "busy"):
        assert busy(path)
    told = capfd.readouterr().err
    marker = "lock" if number == errno.ENOSYS else "lock.owner"
    assert f"has no locks; '{marker}' there stands for one" in told
    with locked(path, "busy"):
        pass

    def killed() -> None:
        assert acquired(path)
        die()

    assert in_a_child(killed) == KILLED
    with locked(path, "busy"):
        pass


def test_where_nothing_may_be_written_is_not_told_as_another_process(closed: Path) -> None:
    def lock() -> None:
        with pytest.raises(InputError, match="this user may not write there"):
            acquired(closed.parent / "lock")

    assert in_a_child(lock, NOBODY) == 0
