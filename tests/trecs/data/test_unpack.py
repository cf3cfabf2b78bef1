import io
import zipfile
from pathlib import Path

import pytest

from files.errors import InputError
from trecs.data.unpack import unpack


def archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return path


def test_unpacks_archives_within_archives(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as opened:
        opened.writestr("maps/1.png", b"map")
    files = {"annotations/a.json": b"{}", "annotations/maps.zip": inner.getvalue()}
    unpack(archive(tmp_path / "all.zip", files), tmp_path / "out")
    assert (tmp_path / "out/annotations/a.json").read_bytes() == b"{}"
    assert (tmp_path / "out/annotations/maps/1.png").read_bytes() == b"map"


def test_only_what_is_missing_or_cut_short_is_written(tmp_path: Path) -> None:
    path = archive(tmp_path / "all.zip", {"a": b"new", "b": b"whole"})
    (tmp_path / "a").write_bytes(b"old")  # of the right size: left alone
    (tmp_path / "b").write_bytes(b"who")
    unpack(path, tmp_path)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert (tmp_path / "b").read_bytes() == b"whole"


def test_a_path_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "evil.zip", {"../evil": b"!"})
    with pytest.raises(InputError, match="leads out of its folder"):
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "evil").exists()


def test_a_damaged_archive_is_refused_and_leaves_no_half_file(tmp_path: Path) -> None:
    path = archive(tmp_path / "all.zip", {"big": bytes(range(256)) * 999})
    content = bytearray(path.read_bytes())
    content[200:400] = bytes(200)
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack(path, tmp_path / "out")
    assert not [found for found in (tmp_path / "out").rglob("*") if found.is_file()]
    path.write_bytes(b"no zip")
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack(path, tmp_path / "out")


def test_an_archive_with_a_password_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "all.zip", {"a": b"secret"})
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + flags] |= 1  # encrypted
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack(path, tmp_path / "out")
