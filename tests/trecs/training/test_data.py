import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.errors import InputError
from trecs.training.data import Dataset, data_folder
from trecs.training.encoder_data import photo_pairs, training_scenes
from trecs.training.photo_masks import PhotoMasks
from trecs.training.pictures import load_pictures
from trecs.training.shape_data import polygon_silhouettes

DOG, GRASS = 17, 123


def write_photo(folder: Path, name: str) -> None:
    """A dog of 60x60 pixels on the left of 200x100 pixels of grass."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    labels = np.full((100, 200), GRASS, np.uint8)
    labels[20:80, 10:70] = DOG
    Image.new("RGB", (200, 100)).save(folder / "images" / f"{name}.jpg")
    Image.fromarray(labels).save(folder / "labels" / f"{name}.png")


def write_narratives(folder: Path, split: str, *image_ids: int) -> None:
    (folder / "narratives").mkdir(exist_ok=True)
    record = {"annotator_id": 0, "words": ["a", "dog"], "tags": ["dog", "dog"]}
    lines = [json.dumps({"image_id": i, **record}) + "\n" for i in image_ids]
    (folder / "narratives" / f"{split}.jsonl").write_text("".join(lines))


def write_coco(folder: Path) -> None:
    """Photo 7, whose annotations divide its dog into two."""
    write_photo(folder, f"{7:012d}")
    halves = [
        {
            "id": left,
            "image_id": 7,
            "category_id": DOG + 1,
            "iscrowd": 0,
            "area": 1800,
            "bbox": [left, 20, 30, 60],
            "segmentation": [[left, 20, left + 30, 20, left + 30, 80, left, 80]],
        }
        for left in (10, 40)
    ]
    image = {"id": 7, "file_name": f"{7:012d}.jpg", "width": 200, "height": 100}
    record = {"images": [image], "annotations": halves, "categories": []}
    (folder / "instances.json").write_text(json.dumps(record))


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
    with pytest.raises(InputError, match="No training data in"):
        data_folder(tmp_path / "none")
