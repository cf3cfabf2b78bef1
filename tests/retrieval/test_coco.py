import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from retrieval.coco import build_library
from retrieval.library import SceneLibrary
from segmentation.labels import FIRST_STUFF, value_of
from segmentation.masks import encode, iou

PERSON, DOG, SKY, GRASS = (value_of(name) for name in ("person", "dog", "sky-other", "grass"))
WIDTH, HEIGHT = 80, 60


def corners(left, top, right, bottom):
    return [left, top, right, top, right, bottom, left, bottom]


def annotation(number, image, category, segmentation, crowd=0):
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "segmentation": segmentation,
        "iscrowd": crowd,
    }


@pytest.fixture
def coco(tmp_path):
    """Two photos with things, one with nothing; maps of the first in both formats."""
    crowd = np.zeros((HEIGHT, WIDTH), bool)
    crowd[50:, :] = True
    runs = np.diff(np.flatnonzero(np.diff(np.r_[2, crowd.T.ravel(), 2]))).tolist()
    record = {
        "images": [
            {"id": i, "file_name": f"photo{i}.jpg", "width": WIDTH, "height": HEIGHT}
            for i in (1, 2, 3)
        ],
        "annotations": [
            annotation(1, 1, DOG + 1, [corners(8, 36, 24, 48), corners(40, 36, 48, 48)]),
            annotation(2, 1, PERSON + 1, [corners(0, 0, 40, 60)]),
            annotation(3, 1, PERSON + 1, {"size": [HEIGHT, WIDTH], "counts": runs}, crowd=1),
            annotation(
                4,
                2,
                DOG + 1,
                {"size": [HEIGHT, WIDTH], "counts": encode(crowd).decode("ascii")},
            ),
        ],
    }
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(record))
    values = np.full((HEIGHT, WIDTH), SKY, np.uint8)
    values[30:] = GRASS
    values[:, :8] = PERSON
    values[:2, 70:] = 255
    pixels = np.where(values == 255, 0, np.where(values < FIRST_STUFF, 183, values + 1))
    for name, array in (("labels", values), ("stuff", pixels.astype(np.uint8))):
        (tmp_path / name).mkdir()
        Image.fromarray(array).save(tmp_path / name / "photo1.png")
    return tmp_path


def change(folder, **changes):
    path = folder / "instances.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


@pytest.mark.parametrize("maps", ["stuff", "labels"])
def test_things_and_stuff_become_scenes(coco, maps):
    report = build_library(coco / "instances.json", coco / "out", **{maps: coco / maps})
    assert (report.scenes, report.masks, report.without_stuff, report.empty) == (2, 6, 1, 1)
    library = SceneLibrary.open(coco / "out")
    assert library.scene_names == ["photo1", "photo2"]
    assert maps in library.source
    # Stuff, then the crowd, then the large person, then the small dog before it.
    assert library.labels.tolist() == [GRASS, SKY, PERSON, PERSON, DOG, DOG]
    assert library.boxes[2].tolist() == pytest.approx([0, 50 / 60, 1, 1])
    dog = library.mask(4).render(HEIGHT, WIDTH)
    assert dog[40, 10]
    assert dog[40, 44]
    assert not dog[40, 30]
    label_map = library.label_map(0, 60)
    assert label_map[5, 50] == SKY
    assert label_map[35, 50] == GRASS
    assert label_map[55, 50] == PERSON


def test_compressed_and_plain_run_lengths_agree(coco):
    build_library(coco / "instances.json", coco / "out")
    library = SceneLibrary.open(coco / "out")
    first, last = (library.mask(i).render(60, 60) for i in (0, library.mask_count - 1))
    assert iou(first, last) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": 3}, "no COCO annotation file"),
        ({"images": [], "annotations": []}, "lists no images"),
        ({"images": [{"id": 1}]}, "'images'"),
        ({"images": [{"id": 1, "file_name": "a", "width": 10**9, "height": 1}]}, "'images'"),
        (
            {"images": [{"id": 1, "file_name": "../a", "width": 9, "height": 9}]},
            r"file_name \(no path that leads out",
        ),
        ({"annotations": [annotation(1, 9, 1, [])]}, "cannot be used"),
        ({"annotations": [annotation(1, 1, 182, [])]}, "category_id from 1 to 90"),
        ({"annotations": [annotation(1, 1, 1, [[1, 2, 3, 4]])]}, "three or more"),
        ({"annotations": [annotation(1, 1, 1, [["a"] * 6])]}, "annotation 1"),
        ({"annotations": [annotation(1, 1, 1, {"size": [5, 5], "counts": [25]})]}, "size"),
        ({"annotations": [annotation(1, 1, 1, {"counts": []})]}, "annotation 1"),
        (
            {"annotations": [annotation(1, 1, 1, {"size": [HEIGHT, WIDTH], "counts": [1, 2]})]},
            "do not add up",
        ),
        (
            {"annotations": [annotation(1, 1, 1, {"size": [HEIGHT, WIDTH], "counts": "zzz"})]},
            "annotation 1",
        ),
    ],
)
def test_unusable_annotations_are_refused_and_leave_nothing(coco, changes, message):
    path = change(coco, **changes)
    with pytest.raises(InputError, match=message):
        build_library(path, coco / "out", strict=True)
    assert not [p for p in coco.iterdir() if "out" in p.name]


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, "\x00"])
def test_what_is_no_json_is_refused(coco, text):
    (coco / "instances.json").write_text(text)
    with pytest.raises(InputError, match="instances"):
        build_library(coco / "instances.json", coco / "out")


def test_missing_files_and_folders_are_refused(coco):
    with pytest.raises(InputError, match="cannot be read"):
        build_library(coco / "none.json", coco / "out")
    with pytest.raises(InputError, match="has no map for any photo"):
        build_library(coco / "instances.json", coco / "out", stuff=coco)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((HEIGHT, WIDTH), 200, np.uint8), "200"),
        (np.full((WIDTH, HEIGHT), SKY, np.uint8), "belong to other photos"),
        (np.zeros((HEIGHT, WIDTH, 3), np.uint8), "mode RGB"),
    ],
)
@pytest.mark.parametrize("maps", ["stuff", "labels"])
def test_foreign_maps_are_refused_and_leave_the_old_library(coco, maps, array, message):
    build_library(coco / "instances.json", coco / "out")
    Image.fromarray(array).save(coco / maps / "photo1.png")
    with pytest.raises(InputError, match=message):
        build_library(coco / "instances.json", coco / "out", **{maps: coco / maps})
    assert SceneLibrary.open(coco / "out").mask_count == 4


def test_truncated_maps_are_refused(coco):
    path = coco / "labels" / "photo1.png"
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match="cannot be read"):
        build_library(coco / "instances.json", coco / "out", labels=coco / "labels")


@pytest.mark.real_data
def test_real_annotations_give_their_label_maps_back(data_folder, tmp_path):
    record = json.loads((data_folder / "coco_mini" / "instances.json").read_text())
    images = record["images"][:12]
    ids = {image["id"] for image in images}
    things = [a for a in record["annotations"] if a["image_id"] in ids]
    path = tmp_path / "instances.json"
    path.write_text(json.dumps({"images": images, "annotations": things}))
    maps = data_folder / "coco_mini" / "labels"
    report = build_library(path, tmp_path / "library", labels=maps)
    assert (report.scenes, report.without_stuff, report.empty) == (12, 0, 0)
    library = SceneLibrary.open(tmp_path / "library")
    agreement = []
    for scene, name in enumerate(library.scene_names):
        with Image.open(maps / f"{name}.png") as picture:
            true = np.asarray(picture.resize((192, 192), Image.Resampling.NEAREST))
        painted = library.label_map(scene, 192)
        agreement.append((painted == true)[true != 255].mean())
    assert np.mean(agreement) > 0.93


def test_a_killed_build_leaves_nothing_that_looks_like_a_library(coco):
    script = (
        "import os, sys; from pathlib import Path; import retrieval.library_writer as l\n"
        "from retrieval.coco import build_library\n"
        "l.LibraryWriter.finish = lambda *_: os._exit(9)\n"
        "build_library(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, coco / "instances.json", coco / "out"]
    assert subprocess.run(command, env=os.environ, check=False, capture_output=True).returncode == 9
    assert not (coco / "out").exists()
    build_library(coco / "instances.json", coco / "out")
    assert SceneLibrary.open(coco / "out").scene_count == 2
