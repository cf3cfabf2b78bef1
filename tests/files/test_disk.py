import errno
import re
from pathlib import Path

import numpy as np
import pytest

from files import disk
from files.errors import InputError
from files.whole import write_atomically, written_whole


def refusing(number: int, path: str | None = None):
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "as the system calls it", path)

    return refuse


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, r"the disk is full \(2\.0 MB needed, [\d,.]+ [kM]B free\); make room"),
        (errno.EDQUOT, r"the quota of this disk is used up \(2\.0 MB needed\); make room"),
        (errno.EROFS, "the file system is read-only; give another place"),
        (errno.EACCES, "this user may not write there"),
        (errno.EFBIG, "the file system takes no file so large"),
        (errno.ENAMETOOLONG, "the name is too long"),
    ],
)
def test_what_the_disk_refuses_is_told_with_place_and_need(
    number: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    monkeypatch.setattr(type(path), "write_bytes", refusing(number))
    with pytest.raises(InputError, match=f"'{re.escape(str(path))}' cannot be written: {said}"):
        write_atomically(path, bytes(2**21))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_matter_of_the_disk_stays_what_it_is() -> None:
    with pytest.raises(ConnectionError), disk.told(Path("out")):
        raise ConnectionError("gone")


def test_an_array_that_fell_short_is_a_full_disk(tmp_path: Path) -> None:
    error = OSError("1000 requested and 12 written")  # of numpy, without a number
    assert "the disk is full" in str(disk.refusal(error, tmp_path))


def test_a_file_that_cannot_be_read_is_not_told_as_one_that_cannot_be_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(PermissionError), written_whole(tmp_path / "out"):
        refusing(errno.EACCES, "/elsewhere/weights.pth")()
    with pytest.raises(InputError, match="is full"), written_whole(tmp_path / "out"):
        refusing(errno.ENOSPC, "/elsewhere/copied.jpg")()  # what is copied is named first
    with (
        pytest.raises(InputError, match="may not write there"),
        written_whole(tmp_path / "out") as made,
    ):
        refusing(errno.EACCES, str(made / "image.png"))()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("buffering", [0, 4096])
def test_a_device_without_room(buffering: int) -> None:
    path = Path("/dev/full")
    with (
        pytest.raises(InputError, match="the disk is full"),
        disk.told(path),
        path.open("wb", buffering) as file,
    ):
        np.save(file, np.zeros(9))
