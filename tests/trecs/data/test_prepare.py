import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from retrieval.coco_files import CocoImage, read_instances
from retrieval.stuff_maps import read_pixelmap
from segmentation.labels import UNLABELED, value_of
from trecs import narrative
from trecs.data.coco import instance_map, label_of_instances, read_captions
from trecs.data.dataset import Dataset
from trecs.data.prepare import find_splits, prepare
from trecs.data.refinement import RefinerConfig

GRASS, DOG, PERSON = value_of("grass"), value_of("dog"), value_of("person")
HEIGHT, WIDTH = 6, 8


def box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top, right, top, right, bottom, left, bottom]]


INSTANCES: dict[str, Any] = {
    "images": [{"id": 7, "file_name": "000000000007.jpg", "height": HEIGHT, "width": WIDTH}],
    "annotations": [
        # The small dog is listed first, but stands before the person that surrounds it.
        {"image_id": 7, "category_id": DOG + 1, "area": 4, "segmentation": box(3, 2, 5, 4)},
        {"image_id": 7, "category_id": PERSON + 1, "area": 16, "segmentation": box(2, 1, 6, 5)},
        {
            "image_id": 7,
            "category_id": PERSON + 1,
            "area": 6,
            "iscrowd": 1,
            "segmentation": {"size": [HEIGHT, WIDTH], "counts": [0, 6, 42]},
        },
    ],
    "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}],
}
THINGS = [
    [3, 0, 0, 0, 0, 0, 0, 0],
    [3, 0, 2, 2, 2, 2, 0, 0],
    [3, 0, 2, 1, 1, 2, 0, 0],
    [3, 0, 2, 1, 1, 2, 0, 0],
    [3, 0, 2, 2, 2, 2, 0, 0],
    [3, 0, 0, 0, 0, 0, 0, 0],
]
CAPTIONS = {
    "annotations": [{"image_id": 7, "caption": "a dog"}, {"image_id": 8, "caption": "other"}]
}
NARRATIVE = {
    "dataset_id": "mscoco_val2017",
    "image_id": "7",
    "annotator_id": 3,
    "caption": "a dog",
    "timed_caption": [{"utterance": "a dog", "start_time": 0.0, "end_time": 1.0}],
    "traces": [[{"x": 0.5, "y": 0.5, "t": 0.25}]],
}


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """A made-up COCO of one photo, with pixel maps of stuff alone."""
    folder = tmp_path / "coco"
    maps = folder / "annotations" / "stuff_val2017_pixelmaps"
    for made in (maps, folder / "val2017"):
        made.mkdir(parents=True)
    write_json(folder / "annotations/instances_val2017.json", INSTANCES)
    write_json(folder / "annotations/captions_val2017.json", CAPTIONS)
    Image.new("RGB", (WIDTH, HEIGHT), "green").save(folder / "val2017/000000000007.jpg")
    stuff = np.full((HEIGHT, WIDTH), GRASS + 1, np.uint8)
    stuff[1:5, 2:6] = 183
    stuff[5] = 0
    Image.fromarray(stuff).save(maps / "000000000007.png")
    lines = [NARRATIVE, {**NARRATIVE, "image_id": "8"}, {**NARRATIVE, "traces": "?"}]
    text = "\n".join(json.dumps(line) for line in lines) + "\n"
    (folder / "coco_val_localized_narratives.jsonl").write_text(text)
    return folder


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))


def pixels(path: Path) -> Any:
    return np.asarray(Image.open(path))


def test_prepares_the_folder_that_training_reads(coco: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    counts = prepare(coco, out)
    assert (counts.photos, counts.narratives, counts.unusable_narratives) == (1, 1, 1)
    (photo,) = Dataset(out).photos()
    labels = photo.label_map()
    assert photo.image().size == (WIDTH, HEIGHT)
    assert labels[0].tolist() == [PERSON, *[GRASS] * 7]
    assert labels[2].tolist() == [PERSON, GRASS, PERSON, DOG, DOG, PERSON, GRASS, GRASS]
    assert labels[5].tolist() == [PERSON, *[UNLABELED] * 7]
    assert photo.instance_path is not None
    assert pixels(photo.instance_path).tolist() == THINGS
    assert json.loads((out / "coco/instances.json").read_text()) == INSTANCES
    (described,) = Dataset(out).coco_instances
    assert (described.stem, len(described.annotations)) == (photo.name, 3)
    captions = (out / "coco/captions.jsonl").read_text()
    assert [json.loads(line) for line in captions.splitlines()] == [
        {"image_id": 7, "caption": "a dog"}
    ]
    told = narrative.read(out / "narratives/localized_dev.jsonl")
    assert told.image_id == "7"
    np.testing.assert_array_equal(told.strokes[0], [[0.5, 0.5, 0.25]])
    (tagged,) = Dataset(out).narratives("dev")
    assert (tagged.image_id, tagged.annotator_id, tagged.words) == (7, 3, ("a", "dog"))
    assert tagged.tags.tolist() == [DOG, DOG]
    assert photo.held_back


def test_labels_of_words_are_refined(coco: Path, tmp_path: Path) -> None:
    """Over grass, "dog" is said once by mistake; its other hulls say what it means."""
    points = {"dog": (0.5, 0.5), "grass": (0.9, 0.1)}

    def told(words: str, drawn: str) -> str:
        timed = [
            {"utterance": word, "start_time": i * 5.0, "end_time": i * 5.0 + 1}
            for i, word in enumerate(words.split())
        ]
        traces = [
            [{"x": points[name][0], "y": points[name][1], "t": i * 5.0 + 0.5}]
            for i, name in enumerate(drawn.split())
        ]
        record = {**NARRATIVE, "caption": words, "timed_caption": timed, "traces": traces}
        return json.dumps(record) + "\n"

    lines = [told("dog dog dog", "dog dog dog"), told("grass grass", "grass grass")] * 20
    lines.append(told("dog dog dog", "dog grass dog"))
    (coco / "coco_val_localized_narratives.jsonl").write_text("".join(lines))
    for name, refinement, expected in (
        ("hulls", None, [DOG, GRASS, DOG]),
        ("refined", RefinerConfig(), [DOG, DOG, DOG]),
    ):
        prepare(coco, tmp_path / name, refinement)
        narratives = Dataset(tmp_path / name).narratives("dev")
        assert len(narratives) == 41
        assert narratives[-1].tags.tolist() == expected
        assert narratives[1].tags.tolist() == [GRASS, GRASS]


def test_maps_of_things_and_stuff_are_kept_as_they_are(coco: Path, tmp_path: Path) -> None:
    folder = coco / "stuffthingmaps" / "val2017"
    folder.mkdir(parents=True)
    theirs = np.full((HEIGHT, WIDTH), GRASS, np.uint8)
    theirs[1:5, 2:6] = PERSON  # their dog lies behind the person
    Image.fromarray(theirs).save(folder / "000000000007.png")
    prepare(coco, tmp_path / "data")
    made = tmp_path / "data/coco"
    assert np.array_equal(pixels(made / "labels/000000000007.png"), theirs)
    instances = pixels(made / "instances/000000000007.png")
    assert instances[2].tolist() == [0, 0, 2, 0, 0, 2, 0, 0]  # no instance where labels differ


def test_maps_of_another_size_have_the_instances_scaled_to_them() -> None:
    image = CocoImage(7, "7.jpg", HEIGHT, WIDTH, {}, INSTANCES["annotations"])
    assert np.array_equal(instance_map(image, 2 * HEIGHT, 2 * WIDTH)[::2, ::2], THINGS)
    labels = label_of_instances(np.array([[0, 1, 2]], np.int32), image)
    assert labels.tolist() == [[UNLABELED, DOG, PERSON]]


def test_an_attempt_that_stopped_goes_on(
    coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "data"
    content = (coco / "annotations/captions_val2017.json").read_bytes()
    (coco / "annotations/captions_val2017.json").write_text("{")
    with pytest.raises(InputError, match="not JSON"):
        prepare(coco, out)
    assert not out.exists()
    done = tmp_path / "data.part/coco/labels/000000000007.png"
    before = done.stat().st_mtime_ns
    (coco / "annotations/captions_val2017.json").write_bytes(content)
    prepare(coco, out)
    assert (out / "coco/labels/000000000007.png").stat().st_mtime_ns == before
    assert not (tmp_path / "data.part").exists()


def test_an_existing_folder_is_not_touched(coco: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists already"):
        prepare(coco, tmp_path)


def no_annotations(coco: Path) -> None:
    (coco / "annotations/instances_val2017.json").unlink()


def no_photos(coco: Path) -> None:
    (coco / "val2017").rename(coco / "elsewhere")


def no_photo(coco: Path) -> None:
    (coco / "val2017/000000000007.jpg").unlink()


def no_stuff(coco: Path) -> None:
    (coco / "annotations/stuff_val2017_pixelmaps").rename(coco / "elsewhere")


def foreign_json(coco: Path) -> None:
    write_json(coco / "annotations/instances_val2017.json", {"images": 3})


def foreign_category(coco: Path) -> None:
    annotation = {**INSTANCES["annotations"][0], "category_id": 300}
    changed = {**INSTANCES, "annotations": [annotation]}
    write_json(coco / "annotations/instances_val2017.json", changed)


def leading_out(coco: Path) -> None:
    image = {**INSTANCES["images"][0], "file_name": "../../etc/passwd"}
    write_json(coco / "annotations/instances_val2017.json", {**INSTANCES, "images": [image]})


def broken_polygon(coco: Path) -> None:
    annotation = {**INSTANCES["annotations"][0], "segmentation": {"counts": "\x00", "size": "x"}}
    changed = {**INSTANCES, "annotations": [annotation]}
    write_json(coco / "annotations/instances_val2017.json", changed)


def short_runs(coco: Path) -> None:
    outline = {"counts": [3, 1], "size": [HEIGHT, WIDTH]}
    annotation = {**INSTANCES["annotations"][0], "segmentation": outline}
    changed = {**INSTANCES, "annotations": [annotation]}
    write_json(coco / "annotations/instances_val2017.json", changed)


def colour_map(coco: Path) -> None:
    picture = Image.new("RGB", (WIDTH, HEIGHT), "red")
    picture.save(coco / "annotations/stuff_val2017_pixelmaps/000000000007.png")


def thing_in_pixelmap(coco: Path) -> None:
    picture = Image.new("L", (WIDTH, HEIGHT), 17)
    picture.save(coco / "annotations/stuff_val2017_pixelmaps/000000000007.png")


def truncated_map(coco: Path) -> None:
    path = coco / "annotations/stuff_val2017_pixelmaps/000000000007.png"
    path.write_bytes(path.read_bytes()[:50])


def another_shape(coco: Path) -> None:
    picture = Image.new("L", (WIDTH, WIDTH), 183)
    picture.save(coco / "annotations/stuff_val2017_pixelmaps/000000000007.png")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (no_annotations, "No COCO in"),
        (no_photos, "photos .* are missing"),
        (no_photo, "None of the 1 images"),
        (no_stuff, "stuff maps of val2017 are missing"),
        (foreign_json, "no COCO annotation file"),
        (foreign_category, "category that is not listed"),
        (leading_out, r"file_name \(no path that leads out"),
        (broken_polygon, "annotation .* of photo 7 cannot be used"),
        (short_runs, "do not add up"),
        (colour_map, "not a stuff pixel map"),
        (thing_in_pixelmap, "things and stuff together are"),
        (truncated_map, "cannot be read as a picture"),
        (another_shape, "belong to other photos"),
    ],
)
def test_bad_files_are_named(
    coco: Path, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(coco)
    with pytest.raises(InputError, match=message):
        prepare(coco, tmp_path / "data", strict=True)
    assert not (tmp_path / "data").exists()


def test_captions_of_another_format_are_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "captions.json", [1])
    with pytest.raises(InputError, match="not a captions_"):
        read_captions(tmp_path / "captions.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_instances(tmp_path / "missing.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_pixelmap(tmp_path / "missing.png")


@pytest.mark.real_data
def test_real_annotations(data_folder: Path, tmp_path: Path) -> None:
    """The photos, polygons and crowds of COCO itself, with label maps of things and stuff."""
    real = data_folder / "coco_mini"
    coco = tmp_path / "coco"
    for folder in ("annotations", "stuffthingmaps", "val2017"):
        (coco / folder).mkdir(parents=True)
    for path in sorted((real / "images").iterdir())[:60]:
        (coco / "val2017" / path.name).symlink_to(path)
    (coco / "stuffthingmaps/val2017").symlink_to(real / "labels")
    (coco / "annotations/instances_val2017.json").symlink_to(real / "instances.json")
    assert [split.name for split in find_splits(coco)] == ["val"]
    counts = prepare(coco, tmp_path / "data")
    assert (counts.photos, counts.without_photo) == (60, 384)
    photos = Dataset(tmp_path / "data").photos()
    assert len(photos) == 60
    listed = shown = 0
    described = {image.stem: image for image in Dataset(tmp_path / "data").coco_instances}
    for photo in photos:
        labels = photo.label_map()
        assert photo.instance_path is not None
        instances = pixels(photo.instance_path)
        assert instances.shape == labels.shape
        assert (labels[instances > 0] < 91).all()
        listed += len(described[photo.name].annotations)
        shown += len(np.unique(instances)) - 1
    assert shown / listed > 0.9  # the others are hidden behind what stands before them
