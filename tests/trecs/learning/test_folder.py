from pathlib import Path

import pytest

from files.errors import InputError
from tests.processes import KILLED, die, in_a_child
from trecs.learning.folder import take, taken
from trecs.learning.run import Run


def test_a_folder_is_one_runs_at_a_time(tmp_path: Path) -> None:
    with Run(tmp_path, seed=0):
        with pytest.raises(InputError, match="Another process is training in"):
            Run(tmp_path, seed=0)
        with pytest.raises(InputError, match="Another process is training in"), taken(tmp_path):
            pass
    with Run(tmp_path, seed=0), Run(tmp_path / "stage", seed=0):
        pass
    with taken(tmp_path):
        pass


def test_the_folder_of_a_killed_run_is_free_and_cleared(tmp_path: Path) -> None:
    def killed() -> None:
        take(tmp_path)
        (tmp_path / "model").mkdir()
        setattr(type(tmp_path), "replace", die)  # noqa: B010
        from files.whole import write_atomically

        write_atomically(tmp_path / "model" / "weights", b"half")

    assert in_a_child(killed) == KILLED
    assert list((tmp_path / "model").iterdir())
    take(tmp_path).release()
    assert not list((tmp_path / "model").iterdir())
