import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.pack_photos import main
from segmentation.canvas import instance_png, label_png
from tests.trecs.data.test_dataset import (
    DOG,
    GRASS,
    write_coco,
    write_narratives,
    write_people,
    write_photo,
    write_sources,
)
from tests.trecs.synthesis.painter.random_autoencoder import save_random_autoencoder
from trecs.data.composed import composed_canvas
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.pictures import photo_canvas

FOLDERS = ("data", "composed", "autoencoder")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with all that `Dataset` knows of, a composed canvas and an autoencoder."""
    folder = tmp_path_factory.mktemp("given")
    data = folder / "data"
    write_coco(data / "coco_mini")  # photo 7
    write_people(data / "coco_more")  # photo 7 of its own
    for part, i in (("coco_mini", 3), ("coco_mini", 4), ("coco_mini", 8), ("coco_more", 12)):
        write_photo(data / part, f"{i:012d}")
    write_sources(data / "coco_more", f"{7:012d},machine,0.6", f"{12:012d},official,1.000")
    write_narratives(data, "dev", 3, 3)
    write_narratives(data, "train", 4, 7, 99)
    write_photo(data / "coco_stuff_pairs", "pair")
    numbers = np.zeros((100, 200), np.int32)
    numbers[20:80, 10:70] = 7
    (data / "coco_stuff_pairs" / "instances").mkdir()
    (data / "coco_stuff_pairs" / "instances" / "pair.png").write_bytes(instance_png(numbers))
    for split in ("train", "val", "test"):
        write_photo(data / "camvid" / split, split)
    for i in range(12):
        write_photo(data / "flickr", f"photo{i}")
    write_photo(data / "flickr_more", "squashed", np.full((224, 224), GRASS, np.uint8))
    line = "squashed,machine,0.7,1.5,0.9"
    write_sources(data / "flickr_more", line, columns=",aspect,aspect_score")
    write_photo(data / "msrc", "cow")
    composed = folder / "composed" / "msrc"
    composed.mkdir(parents=True)
    labels = np.full((256, 256), GRASS, np.uint8)
    labels[:, :100] = DOG
    things = np.where(labels == DOG, 300, 0).astype(np.int32)
    (composed / "cow.labels.png").write_bytes(label_png(labels))
    (composed / "cow.instances.png").write_bytes(instance_png(things))
    save_random_autoencoder(folder / "autoencoder")
    return folder


@pytest.fixture(scope="module")
def unpacked(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What tar makes of the parts."""
    parts, folder = tmp_path_factory.mktemp("parts"), tmp_path_factory.mktemp("unpacked")
    assert main([*arguments(given, parts), "--side", "50", "--part-mb", "3"]) == 0
    found = sorted(parts.iterdir())
    assert [part.name for part in found] == ["photos-0.tar.gz", "photos-1.tar.gz"]
    assert all(part.stat().st_size <= 3 * 2**20 for part in found)
    for part in found:
        assert not (folder / "complete").exists()
        subprocess.run(["tar", "-xzf", str(part), "-C", str(folder)], check=True)
    assert (folder / "complete").read_text() == "24 photos\n"
    return folder


def arguments(given: Path, out: Path) -> list[str]:
    words = [word for name in FOLDERS for word in (f"--{name}", str(given / name))]
    return [*words, "--out", str(out)]


def test_the_same_photos_are_there(given: Path, unpacked: Path) -> None:
    before, after = Dataset(given / "data"), Dataset(unpacked / "data")
    photos = before.photos(sets=EVERY_SET), after.photos(sets=EVERY_SET)
    told = [
        [(p.source, p.name, p.held_back, p.accuracy, p.aspect) for p in all_] for all_ in photos
    ]
    assert told[0] == told[1]
    assert {p.source for p in photos[1]} == set(EVERY_SET)
    for old, new in zip(*photos, strict=True):
        assert (old.instance_path is None) == (new.instance_path is None)
        assert new.image().size == new.label_map().shape[::-1] == new.size
        assert new.size == ((75, 50) if old.aspect else (100, 50))
        squares = [photo_canvas(p, d.things_of(p)).resized(50, 100)
                   for p, d in ((old, before), (new, after))]  # fmt: skip
        assert np.array_equal(squares[0].label_map, squares[1].label_map)
        assert np.array_equal(squares[0].instance_map, squares[1].instance_map)
    pair = next(p.instance_path for p in photos[1] if p.instance_path)
    assert np.unique(np.asarray(Image.open(pair)), return_counts=True)[1].tolist() == [4100, 900]
    assert [len(after.narratives(split)) for split in ("train", "dev")] == [2, 1]


def test_canvases_and_autoencoder_are_there(given: Path, unpacked: Path) -> None:
    for photo in Dataset(unpacked / "data").photos(sets=EVERY_SET):
        canvas = composed_canvas(unpacked / "composed", photo)
        assert (canvas is None) == (photo.source != "msrc")
        if canvas is not None:
            assert canvas.label_map.shape == (128, 128)
            assert (canvas.label_map == DOG).sum(1).tolist() == [50] * 128
            assert np.array_equal(canvas.instance_map == 300, canvas.label_map == DOG)
    for path in (given / "autoencoder").iterdir():
        assert (unpacked / "autoencoder" / path.name).read_bytes() == path.read_bytes()


def test_what_cannot_be_used_is_one_line_and_nothing_is_written(
    given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(given, tmp_path / "given")
    out = tmp_path / "out"
    words = arguments(tmp_path / "given", out)

    def refused(*more: str) -> str:
        capsys.readouterr()
        assert main([*words, *more]) == 2
        assert not out.exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["given"]
        (line,) = capsys.readouterr().err.splitlines()
        return line

    assert "No training data in" in refused("--data", "nowhere")
    assert "No autoencoder in" in refused("--autoencoder", "nowhere")
    assert "No composed canvases in" in refused("--composed", "nowhere")
    assert "give a larger --part-mb" in refused("--part-mb", "1")
    assert "No photos with label maps" in refused("--data", str(tmp_path / "given" / "composed"))
    photo = tmp_path / "given" / "data" / "msrc" / "images" / "cow.jpg"
    photo.write_bytes(b"no photo")
    assert f"The photo '{photo}' cannot be read" in refused()


def test_parts_of_another_packing_are_left_alone(
    given: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos-3.tar.gz").write_bytes(b"another")
    assert main(arguments(given, tmp_path)) == 2
    assert capsys.readouterr().err.endswith("holds parts already; give another --out.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["photos-3.tar.gz"]
