import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from files.errors import InputError
from files.temporary import PREFIX, OwnFolder
from tests.conftest import ROOT


def test_a_folder_is_the_processs_own_and_goes_with_it(tmp_path: Path) -> None:
    one, other = OwnFolder(tmp_path), OwnFolder(tmp_path)
    assert one.path != other.path
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o700
    (one.path / "sub").mkdir()
    (one.path / "sub" / "upload.png").write_bytes(b"x")
    one.close()
    assert not one.path.exists()
    assert other.path.is_dir()  # the folder of a process that runs is left alone
    other.close()
    one.close()  # twice is once


@pytest.mark.parametrize(("end", "left"), [("", 0), ("os._exit(1)", 1)])
def test_what_a_killed_process_left_the_next_one_removes(
    tmp_path: Path, end: str, left: int
) -> None:
    code = (
        "import os, pathlib, sys; from files.temporary import OwnFolder\n"
        f"OwnFolder(pathlib.Path(sys.argv[1])); {end}"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False)
    assert len(list(tmp_path.glob(f"{PREFIX}*"))) == left
    OwnFolder(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_another_users_folder_and_links_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign, target = tmp_path / f"{PREFIX}foreign", tmp_path / "target"
    for folder in (foreign, target):
        folder.mkdir()
        (folder / "in-use").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(target)
    monkeypatch.setattr(os, "getuid", lambda: foreign.stat().st_uid + 1)
    OwnFolder(tmp_path).close()
    assert foreign.is_dir()
    assert (target / "in-use").is_file()


def test_where_none_can_be_made_that_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"No folder for temporary files.*GRADIO_TEMP_DIR") as told:
        OwnFolder(tmp_path / "file" / "below")
    assert "\n" not in str(told.value)
