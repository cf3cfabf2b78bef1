import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.trecs.training.tiny_photos import NAMES, tiny_photos
from trecs.cli import main
from trecs.data.sources import GROUPS


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server of files, and the folder that it serves."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}/", folder
    http.shutdown()
    http.server_close()


def download(mirror: str, out: Path, *groups: str) -> int:
    return main(["data", "download", "--out", str(out), "--base-url", mirror, "--groups", *groups])


def test_downloads_and_unpacks(
    mirror: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, folder = mirror
    for source in GROUPS["narratives"]:
        (folder / source.name).write_text(source.name)
    with zipfile.ZipFile(folder / GROUPS["stuff"][0].name, "w") as archive:
        archive.writestr("val2017/1.png", b"map")
    out = tmp_path / "coco"
    for _ in range(2):  # the second time nothing is left to do
        assert download(url, out, "narratives", "stuff") == 0
        assert capsys.readouterr().out == f"{out}\n"
        assert (out / "coco_val_localized_narratives.jsonl").is_file()
        assert (out / "stuffthingmaps/val2017/1.png").read_bytes() == b"map"


def test_a_file_with_another_checksum_is_refused(
    mirror: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, folder = mirror
    (folder / "annotations_trainval2017.zip").write_bytes(b"other")
    assert download(url, tmp_path / "coco", "annotations") == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"trecs: {url}annotations_trainval2017.zip is not what was expected")
    assert not list((tmp_path / "coco").iterdir())


def test_a_missing_file_is_named(
    mirror: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert download(mirror[0], tmp_path / "coco", "val-photos") == 1
    assert "val2017.zip cannot be downloaded (HTTP Error 404" in capsys.readouterr().err


def test_bad_arguments(
    mirror: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert download(mirror[0], tmp_path / "coco", "photos") == 2
    assert "No group 'photos'; expected some of annotations" in capsys.readouterr().err
    assert download("no address", tmp_path / "coco", "stuff") == 2
    assert "'no address'" in capsys.readouterr().err
    assert download("file:///etc", tmp_path / "coco", "stuff") == 2
    assert "'file:///etc'" in capsys.readouterr().err
    assert main(["data", "prepare", str(tmp_path), "--out", str(tmp_path / "data")]) == 2
    assert "No COCO in" in capsys.readouterr().err


def test_canvases_are_composed_for_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_photos(tmp_path / "data")
    out = tmp_path / "composed"
    assert main(["data", "compose", "--data", str(tmp_path / "data"), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: {len(NAMES)} canvases\n"
    assert len(list((out / "flickr").glob("*.labels.png"))) == len(NAMES)
    assert main(["data", "compose", "--data", str(out / "none"), "--out", str(out)]) == 2
    assert "No training data in" in capsys.readouterr().err


def test_the_sources_are_the_official_ones() -> None:
    hosts = (
        "http://images.cocodataset.org/",
        "http://calvin.inf.ed.ac.uk/",
        "https://storage.googleapis.com/localized-narratives/",
    )
    for source in (source for group in GROUPS.values() for source in group):
        assert source.url.startswith(hosts)
        assert (source.unpack_to is not None) == source.name.endswith(".zip")
