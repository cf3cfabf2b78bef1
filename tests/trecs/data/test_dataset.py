import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from trecs.data.dataset import ANNOTATED, EVERY_SET, Dataset, data_folder
from trecs.data.photo_masks import PhotoMasks
from trecs.data.pictures import load_pictures
from trecs.scenes.encoder_data import photo_pairs, training_scenes
from trecs.scenes.shape_data import polygon_silhouettes

PERSON, DOG, GRASS = 0, 17, 123


def write_photo(folder: Path, name: str, labels: NDArray[np.uint8] | None = None) -> None:
    """A photo with a label map: a dog of 60x60 pixels on the left of 200x100 pixels of grass."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    if labels is None:
        labels = np.full((100, 200), GRASS, np.uint8)
        labels[20:80, 10:70] = DOG
    Image.new("RGB", labels.shape[::-1]).save(folder / "images" / f"{name}.jpg")
    Image.fromarray(labels).save(folder / "labels" / f"{name}.png")


def write_narratives(folder: Path, split: str, *image_ids: int) -> None:
    (folder / "narratives").mkdir(exist_ok=True)
    record = {"annotator_id": 0, "words": ["a", "dog"], "tags": ["dog", "dog"]}
    lines = [json.dumps({"image_id": i, **record}) + "\n" for i in image_ids]
    (folder / "narratives" / f"{split}.jsonl").write_text("".join(lines))


def write_sources(folder: Path, *lines: str, columns: str = "") -> None:
    """`labels.csv`; `columns`: those after the three that every set has."""
    head = f"photo,source,expected_accuracy{columns}"
    (folder / "labels.csv").write_text("\n".join((head, *lines)) + "\n")


def write_halves(path: Path, label: int) -> None:
    """Annotations that divide what stands on the left of photo 7 into two things of a label."""
    halves = [
        {
            "id": left,
            "image_id": 7,
            "category_id": label + 1,
            "iscrowd": 0,
            "area": 1800,
            "bbox": [left, 20, 30, 60],
            "segmentation": [[left, 20, left + 30, 20, left + 30, 80, left, 80]],
        }
        for left in (10, 40)
    ]
    image = {"id": 7, "file_name": f"{7:012d}.jpg", "width": 200, "height": 100}
    record = {"images": [image], "annotations": halves, "categories": []}
    path.write_text(json.dumps(record))


def write_coco(folder: Path) -> None:
    """Photo 7, whose annotations divide its dog into two."""
    write_photo(folder, f"{7:012d}")
    write_halves(folder / "instances.json", DOG)


def write_people(folder: Path) -> None:
    """Photo 7 of people who touch, on the left, and two dogs; the people alone are annotated."""
    labels = np.full((100, 200), GRASS, np.uint8)
    labels[20:80, 10:70] = PERSON
    labels[20:80, 100:130] = labels[20:80, 150:180] = DOG
    write_photo(folder, f"{7:012d}", labels)
    write_halves(folder / "persons.json", PERSON)


def test_instances_of_a_map_stay_apart_whatever_their_numbers(tmp_path: Path) -> None:
    write_photo(tmp_path / "flickr", "a")
    instances = np.zeros((100, 200), np.uint16)
    instances[20:80, 10:40], instances[20:80, 40:70] = 1, 257
    (tmp_path / "flickr" / "instances").mkdir()
    Image.fromarray(instances).save(tmp_path / "flickr" / "instances" / "a.png")
    dataset = Dataset(tmp_path)
    assert len(PhotoMasks(dataset).of(dataset.photos()[0])[DOG]) == 2


@pytest.mark.parametrize("name", ["coco", "coco_mini"])
def test_every_training_sees_the_single_things_of_coco(tmp_path: Path, name: str) -> None:
    write_coco(tmp_path / name)
    write_narratives(tmp_path, "train", 7)
    dataset = Dataset(tmp_path)
    (photo,) = dataset.photos(held_back=False)
    assert photo.source == "coco"
    assert len(PhotoMasks(dataset).of(photo)[DOG]) == 2
    assert [s.mask.box for s in polygon_silhouettes(dataset, held_back=False)] == [
        pytest.approx((0.05, 0.2, 0.2, 0.8)),
        pytest.approx((0.2, 0.2, 0.35, 0.8)),
    ]
    (picture,) = load_pictures(dataset, [photo], 50)
    assert len(np.unique(picture.canvas.instance_map)) == 3  # two dogs and none
    (pair,) = photo_pairs(dataset, training_scenes(dataset))
    assert pair.scene.labels.tolist() == [DOG, DOG, GRASS]
    assert pair.words == ("a", "dog")


def test_a_prepared_coco_goes_before_the_small_one(tmp_path: Path) -> None:
    write_photo(tmp_path / "coco", f"{1:012d}")
    write_photo(tmp_path / "coco_mini", f"{2:012d}")
    assert [photo.name for photo in Dataset(tmp_path).photos()] == [f"{1:012d}"]


def test_what_is_held_back(tmp_path: Path) -> None:
    for i in (3, 4, 5, 8):
        write_photo(tmp_path / "coco_mini", f"{i:012d}")
    for split in ("train", "val", "test"):
        write_photo(tmp_path / "camvid" / split, split)
    for i in range(40):
        write_photo(tmp_path / "flickr", f"photo{i}")
    write_narratives(tmp_path, "dev", 3)
    write_narratives(tmp_path, "train", 4, 5, 99)
    dataset = Dataset(tmp_path)
    held = [(p.source, p.name) for p in dataset.photos(held_back=True) if p.source != "flickr"]
    # 3 is described in dev, 4 in train and divisible by four; 8 by nobody.
    assert held == [("coco", f"{3:012d}"), ("coco", f"{4:012d}"), ("camvid", "test")]
    assert [n.image_id for n in dataset.narratives("train")] == [5, 99]
    assert [n.image_id for n in dataset.narratives("held")] == [4, 3]
    flickr = [p.held_back for p in dataset.photos() if p.source == "flickr"]
    assert 0 < sum(flickr) < 10


def test_what_is_held_back_of_the_larger_sets(tmp_path: Path) -> None:
    more = tmp_path / "coco_more"
    for i in (3, 4, 5, 8, 12, 16):
        write_photo(more, f"{i:012d}")
    official = [f"{i:012d},official,1.000" for i in (5, 8, 12)]
    write_sources(more, *official, *(f"{i:012d},machine,0.6" for i in (3, 4, 16)))
    write_photo(tmp_path / "coco_mini", f"{20:012d}")
    for name in ("flickr_more", "msrc"):
        for i in range(40):
            write_photo(tmp_path / name, f"photo{i}")
    write_narratives(tmp_path, "dev", 3)
    write_narratives(tmp_path, "train", 4, 5, 8, 16, 20, 99)
    dataset = Dataset(tmp_path)
    held = dataset.photos(held_back=True, sets=EVERY_SET[4:])
    # 3 is described in dev; 8 and 12 are official and divisible by four, described or not.
    assert [(p.source, int(p.name)) for p in held] == [("coco_more", i) for i in (3, 8, 12)]
    assert [n.image_id for n in dataset.narratives("train")] == [4, 5, 16, 99]
    assert [n.image_id for n in dataset.narratives("held")] == [20]
    assert [n.image_id for n in dataset.narratives("all")] == [4, 5, 8, 16, 20, 99, 3]


def test_the_larger_sets_are_asked_for_by_name(tmp_path: Path) -> None:
    for name in ("flickr", "flickr_more", "msrc"):
        write_photo(tmp_path / name, name)
    for number, name in enumerate(("coco_mini", "coco_more", "coco_stuff_pairs")):
        write_photo(tmp_path / name, f"{number:012d}")
    write_photo(tmp_path / "camvid" / "train", "camvid")
    dataset = Dataset(tmp_path)
    assert [photo.source for photo in dataset.photos()] == list(ANNOTATED)
    assert [photo.source for photo in dataset.photos(sets=EVERY_SET)] == list(EVERY_SET)
    assert [p.source for p in dataset.photos(sets=("msrc", "coco"))] == ["msrc", "coco"]


def test_a_photo_tells_how_much_of_its_map_is_right(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_photo(tmp_path / "flickr_more", name)
    write_sources(tmp_path / "flickr_more", "b,machine,0.655", "a,official,1.000")
    a, b, c = Dataset(tmp_path).photos(sets=("flickr_more",))
    assert [photo.accuracy for photo in (a, b, c)] == [1, 0.655, 1]  # nothing is told of c
    assert [photo.machine_made for photo in (a, b, c)] == [False, True, False]
    sure = training_scenes(Dataset(tmp_path), ("flickr_more",), least_accuracy=0.7)
    assert [photo.name for photo, _ in sure] == ["a", "c"]


@pytest.mark.parametrize(
    ("aspect", "score", "taken", "size"),
    [
        (1.5, 0.9, 1.5, (336, 224)),
        (0.5, 0.51, 0.5, (224, 448)),
        (1.5, 0.5, 1.1, (246, 224)),
        (0.6, 0.1, 1.1, (246, 224)),
    ],
)
def test_squashed_photos_are_stretched_back(
    tmp_path: Path, aspect: float, score: float, taken: float, size: tuple[int, int]
) -> None:
    labels = np.full((224, 224), GRASS, np.uint8)
    labels[:, :112] = DOG
    write_photo(tmp_path / "flickr_more", "a", labels)
    line = f"a,machine,0.6,{aspect},{score}"
    write_sources(tmp_path / "flickr_more", line, columns=",aspect,aspect_score")
    (photo,) = Dataset(tmp_path).photos(sets=("flickr_more",))
    assert photo.aspect == taken
    assert photo.image().size == size
    stretched = photo.label_map()
    assert stretched.shape == size[::-1]
    assert (stretched[:, : size[0] // 2] == DOG).all()
    assert (stretched[:, size[0] // 2 :] == GRASS).all()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("b,machine,1.5,1.3,0.9", "expected_accuracy is not between 0 and 1"),
        ("b,machine,nan,1.3,0.9", "expected_accuracy is not between 0 and 1"),
        ("b,machine,good,1.3,0.9", "could not convert string to float: 'good'"),
        ("b,machine,0.6,9,0.9", "an aspect of 9.0"),
        ("b,machine,0.6,,0.9", "could not convert string to float: ''"),
        (",machine,0.6,1.3,0.9", "photo or source is empty"),
        ("b,machine", "NoneType"),
    ],
)
def test_a_line_that_tells_nothing_of_a_map_is_named(
    tmp_path: Path, line: str, problem: str
) -> None:
    folder = tmp_path / "flickr_more"
    write_photo(folder, "a")
    write_sources(folder, "a,machine,0.6,1.3,0.9", line, columns=",aspect,aspect_score")
    with pytest.raises(InputError) as error:
        Dataset(tmp_path).photos(sets=("flickr_more",))
    message = str(error.value)
    assert message.startswith(f"Line 3 of '{folder / 'labels.csv'}' cannot be used (")
    assert problem in message
    assert "expected the columns photo, source, expected_accuracy" in message


def test_labels_csv_needs_the_column_that_says_who_drew(tmp_path: Path) -> None:
    write_photo(tmp_path / "coco_more", f"{7:012d}")
    (tmp_path / "coco_more" / "labels.csv").write_text("photo,expected_accuracy\n7,0.6\n")
    with pytest.raises(InputError, match=r"Line 2 of .*\('source'\)"):
        Dataset(tmp_path).narratives("train")


def test_people_from_polygons_and_other_things_from_the_map(tmp_path: Path) -> None:
    write_people(tmp_path / "coco_more")
    dataset = Dataset(tmp_path)
    (photo,) = dataset.photos(sets=("coco_more",))
    things = dataset.things_of(photo)
    assert things is not None
    assert things.people_only
    masks = PhotoMasks(dataset, size=100).of(photo)
    lefts = {
        label: sorted(int(part.any(0).argmax()) for part in masks[label]) for label in (PERSON, DOG)
    }
    assert lefts == {PERSON: [5, 20], DOG: [50, 75]}
    ((_, scene),) = training_scenes(dataset)
    assert scene.labels.tolist() == [PERSON, PERSON, DOG, DOG, GRASS]
    (picture,) = load_pictures(dataset, [photo], 100)
    found = picture.canvas.instance_map[50, [20, 60, 110, 160, 190]]
    assert found[4] == 0
    assert len(set(found.tolist())) == 5
    assert len(np.unique(picture.canvas.instance_map)) == 5  # two people, two dogs and none


def test_polygons_of_all_things_go_before_those_of_people(tmp_path: Path) -> None:
    write_people(tmp_path / "coco_more")
    write_halves(tmp_path / "coco_more" / "instances.json", DOG)
    dataset = Dataset(tmp_path)
    (photo,) = dataset.photos(sets=("coco_more",))
    things = dataset.things_of(photo)
    assert things is not None
    assert not things.people_only
    assert [a["category_id"] for a in things.image.annotations] == [DOG + 1] * 2


def test_a_line_that_is_no_narrative_is_named(tmp_path: Path) -> None:
    write_narratives(tmp_path, "train", 5)
    path = tmp_path / "narratives" / "train.jsonl"
    path.write_text(path.read_text() + '{"words": ["a"], "tags": []}\n')
    with pytest.raises(InputError, match=r"Line 2 of .*1 words but 0 tags"):
        Dataset(tmp_path).narratives("train")


def test_the_folder_is_given_or_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRECS_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    monkeypatch.setenv("TRECS_DATA", f"~/{tmp_path.name}")
    assert data_folder() == tmp_path
    with pytest.raises(InputError, match="No training data in"):
        data_folder(tmp_path / "none")
