import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trecs.data.test_dataset import (
    GRASS,
    write_coco,
    write_narratives,
    write_people,
    write_photo,
    write_sources,
)
from tests.trecs.data.tiny_photos import NAMES, tiny_photos
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


def test_info_counts_what_a_folder_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_coco(tmp_path / "coco_mini")
    more = tmp_path / "coco_more"
    write_people(more)
    write_photo(more, f"{8:012d}")
    write_photo(more, f"{9:012d}")
    write_sources(
        more, f"{7:012d},machine,0.6", f"{8:012d},official,1.000", f"{9:012d},machine,0.75"
    )
    (more / "captions.jsonl").write_text('{"image_id": 9, "caption": "a dog"}\n' * 2)
    write_photo(tmp_path / "msrc", "a", np.array([[GRASS, 255]], np.uint8))
    write_narratives(tmp_path, "dev", 9, 9)
    write_narratives(tmp_path, "train", 8, 99)
    assert main(["data", "info", str(tmp_path)]) == 0
    assert (
        capsys.readouterr().out
        == f"""\
data folder  {tmp_path}
narratives   1 train, 2 dev, 0 held

photos     all  held back  trained on  maps by people  machine-made  expected right
coco_mini    1          0           1               1             0               -
coco_more    3          2           1               1             2          67.5 %
msrc         1          0           1               1             0               -
all          5          2           3               3             2          67.5 %

of these photos  captions  narratives  with polygons of all things  of people only  people
coco_mini               0           0                            1               0       0
coco_more               2           3                            0               1       2
msrc                    0           0                            0               0       0
all                     2           3                            1               1       2

labels (3 of 182 occur)  photos that show it  of the labelled pixels
grass                                      5                  77.5 %
dog                                        4                  18.0 %
person                                     1                   4.5 %
"""
    )


def test_info_of_narratives_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_narratives(tmp_path, "train", 1, 2)
    assert main(["data", "info", str(tmp_path)]) == 0
    told = "narratives   2 train, 0 dev, 0 held\n"
    assert capsys.readouterr().out == f"data folder  {tmp_path}\n{told}"


def test_info_of_a_folder_that_holds_nothing_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "info", str(tmp_path)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == (
        f"trecs: '{tmp_path}' holds no training data, but nothing at all; expected "
        "narratives/{train,dev}.jsonl, or images/*.jpg with labels/*.png in coco_mini/ or one of "
        "coco/, coco_stuff_pairs/, flickr/, camvid/, coco_more/, flickr_more/, msrc/. "
        "`trecs data prepare` makes such a folder from COCO's files.\n"
    )
    for i in range(9):
        (tmp_path / f"photo{i}.jpg").touch()
    assert main(["data", "info", str(tmp_path)]) == 2
    shown = ", ".join(f"photo{i}.jpg" for i in range(8))
    assert f"holds no training data, but {shown}, ...; expected" in capsys.readouterr().err
    assert main(["data", "info", str(tmp_path / "none")]) == 2
    assert "No training data in" in capsys.readouterr().err


def test_info_names_a_label_map_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_photo(tmp_path / "msrc", "a", np.array([[200]], np.uint8))
    assert main(["data", "info", str(tmp_path)]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert f"'{tmp_path / 'msrc' / 'labels' / 'a.png'}'" in error
    assert "holds the values 200, which are no labels" in error


def test_info_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["data", "info", "--help"])
    assert ended.value.code == 0
    assert "example: trecs data info" in capsys.readouterr().out


@pytest.mark.real_data
def test_info_of_the_real_data(data_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "info", str(data_folder)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    start = next(i for i, cells in enumerate(lines) if cells[:1] == ["photos"])
    counts = {name: (photos, held) for name, photos, held, *_ in lines[start + 1 : start + 9]}
    assert counts == {
        "coco_mini": ("444", "63"),
        "coco_stuff_pairs": ("13", "0"),
        "flickr": ("926", "100"),
        "camvid": ("701", "233"),
        "coco_more": ("2,487", "317"),
        "flickr_more": ("3,497", "0"),
        "msrc": ("471", "0"),
        "all": ("8,539", "713"),
    }


def test_the_sources_are_the_official_ones() -> None:
    hosts = (
        "http://images.cocodataset.org/",
        "http://calvin.inf.ed.ac.uk/",
        "https://storage.googleapis.com/localized-narratives/",
    )
    for source in (source for group in GROUPS.values() for source in group):
        assert source.url.startswith(hosts)
        assert (source.unpack_to is not None) == source.name.endswith(".zip")
