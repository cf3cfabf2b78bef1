"""`prepare` on what people have: names, ids, categories and photos of all kinds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from tests.exports import CAT, DOG, GRASS, annotation, coco, grey_of, label_map
from trecs import narrative
from trecs.data.dataset import Dataset
from trecs.data.described import described_photos
from trecs.data.prepare import prepare


def greys(data: Path) -> dict[str, int]:
    """The grey of each photo, by its name."""
    return {p.name: round(np.asarray(p.image()).mean()) for p in Dataset(data).photos()}


def record(data: Path) -> Any:
    return json.loads((data / "coco" / "instances.json").read_text())


@pytest.mark.parametrize(
    ("names", "ids", "numbers"),
    [
        (("000000000008.jpg", "000000000007.jpg"), (7, 8), (7, 8)),
        (("kitchen.jpg", "garden 2 #1 50%.jpg"), (1, 2), (1, 2)),
        (("COCO_val2014_000000000009.jpg", "b.png"), (9, 12), (9, 12)),
        (("val2017/a.jpg", "images\\b.jpg"), ("3", 4.0), (3, 4)),
        (("a.jpg", "b.jpg"), ("x1", "x2"), None),
    ],
    ids=["swapped", "named", "of 2014", "in folders", "text ids"],
)
def test_everything_of_an_image_is_found_by_its_id(
    tmp_path: Path, names: tuple[str, ...], ids: tuple[Any, ...], numbers: tuple[int, ...] | None
) -> None:
    folder = coco(tmp_path / "coco", names, ids=ids, split="train")
    assert prepare(folder, tmp_path / "data").photos == 2
    data = Dataset(tmp_path / "data")
    listed = record(tmp_path / "data")["images"]
    of = [image["id"] for image in listed]
    assert numbers is None or tuple(of) == numbers
    assert [image["file_name"] for image in listed] == [f"{number:012d}.jpg" for number in of]
    assert greys(tmp_path / "data") == {f"{n:012d}": grey_of(i) for i, n in enumerate(of)}
    for number, photo in zip(sorted(of), data.photos(), strict=True):
        things = data.things_of(photo)
        assert things is not None
        assert [a["image_id"] for a in things.image.annotations] == [number]
    assert [told.image_id for told in data.narratives("all")] == of
    path = tmp_path / "data/narratives/localized_train.jsonl"
    told = [narrative.loads(line) for line in path.read_text().splitlines()]
    assert [int(one.image_id) for one in told] == of
    texts = {one.photo.name: one.texts for one in described_photos(data)}
    for position, number in enumerate(of):
        if number % 4:  # else it is held back
            assert texts[f"{number:012d}"] == (f"photo {ids[position]}", "a dog")


def test_categories_are_told_by_name_here_too(tmp_path: Path) -> None:
    folder = coco(
        tmp_path / "coco",
        annotations=[
            annotation(category_id=1),
            annotation(category_id=2),
            annotation(category_id=3),
            annotation(segmentation=[[1, 2, 3, 4]]),
        ],
        categories=[{"id": 1, "name": "pup"}, {"id": 2, "name": "Cat"}, {"id": 3, "name": "crack"}],
    )
    counts = prepare(folder, tmp_path / "data", synonyms={"pup": DOG})
    written = record(tmp_path / "data")
    assert [a["category_id"] - 1 for a in written["annotations"]] == [DOG, CAT]
    assert written["categories"] == [{"id": 17, "name": "cat"}, {"id": 18, "name": "dog"}]
    assert "1 is 'pup' (person in COCO), 2 is 'Cat' (bicycle in COCO)" in counts.notes[0]
    assert counts.notes[-1].startswith("left out 2 of 4 annotations: ")


def test_maps_of_another_numbering_are_read_in_theirs(tmp_path: Path) -> None:
    folder = coco(tmp_path / "coco")
    path = folder / "stuffthingmaps/val2017/000000000001.png"
    Image.fromarray(np.where(label_map() == DOG, 0, GRASS + 1).astype(np.uint8)).save(path)
    counts = prepare(folder, tmp_path / "data")
    (photo,) = Dataset(tmp_path / "data").photos()
    assert np.array_equal(photo.label_map(), label_map())
    assert "stuff pixel maps" in counts.notes[0]


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


def other_shape(path: Path) -> None:
    Image.new("RGB", (300, 100)).save(path)


@pytest.mark.parametrize(
    ("damage", "why"), [(truncated, "cannot be read"), (other_shape, "another shape")]
)
def test_photos_that_cannot_be_used_are_left_out(tmp_path: Path, damage: Any, why: str) -> None:
    folder = coco(tmp_path / "coco", ("000000000001.jpg", "000000000002.jpg"))
    bad = folder / "val2017" / "000000000001.jpg"
    damage(bad)
    with pytest.raises(InputError, match=f"{bad}.*leave --strict away"):
        prepare(folder, tmp_path / "data", strict=True)
    counts = prepare(folder, tmp_path / "data")
    assert (counts.photos, counts.narratives) == (1, 1)
    assert counts.notes[0].startswith("left out 1 of 2 photos: 1 that" if "read" in why else "left")
    assert why in counts.notes[0]
    assert str(bad) in counts.notes[0]
    assert list(greys(tmp_path / "data")) == ["000000000002"]
    assert {path.stem for path in (tmp_path / "data/coco").glob("*/*")} == {"000000000002"}
    damage(folder / "val2017" / "000000000002.jpg")
    with pytest.raises(InputError, match=r"None of the 2 images .* left out 2 of 2 photos"):
        prepare(folder, tmp_path / "again")


def test_an_attempt_of_other_files_is_not_gone_on_with(tmp_path: Path) -> None:
    """What another version left, under other names, and photos that are left out by now."""
    folder = coco(tmp_path / "coco", ("000000000008.jpg",), ids=(7,))
    left = tmp_path / "data.part" / "coco" / "labels" / "000000000007.png"
    left.parent.mkdir(parents=True)
    Image.fromarray(label_map(thing=CAT)).save(left)
    prepare(folder, tmp_path / "data")
    (photo,) = Dataset(tmp_path / "data").photos()
    assert np.array_equal(photo.label_map(), label_map())
    assert not (tmp_path / "data" / "made_from.json").exists()


def test_one_id_in_two_splits_is_refused(tmp_path: Path) -> None:
    folder = coco(tmp_path / "coco", ("a.jpg",), split="train")
    coco(folder, ("b.jpg",), split="val")
    with pytest.raises(InputError, match=r"id 1 .*'a\.jpg'.*'b\.jpg'"):
        prepare(folder, tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_photos_that_are_not_called_by_a_number_are_named(tmp_path: Path) -> None:
    """As a folder has them that was prepared before."""
    prepare(coco(tmp_path / "coco"), tmp_path / "data")
    images = tmp_path / "data" / "coco" / "images"
    (images / "000000000001.jpg").rename(images / "kitchen.jpg")
    with pytest.raises(InputError, match=r"kitchen\.jpg' is not called by its image's number"):
        Dataset(tmp_path / "data").narratives("train")


IDS = [(64, 64.0), ("64", "64.0"), ("a  b", "a b"), ("u" * 150, "u" * 150), (10**18, str(10**18))]


@pytest.mark.parametrize(("number", "told"), IDS, ids=str)
def test_a_narrative_is_that_of_its_image_however_its_id_is_written(
    tmp_path: Path, number: Any, told: Any
) -> None:
    folder = coco(tmp_path / "coco", ("a.jpg", "b.jpg"), ids=(number, 2))
    path = folder / "coco_val_localized_narratives.jsonl"
    first = json.loads(path.read_text().splitlines()[0])
    path.write_text(json.dumps({**first, "image_id": told}))
    counts = prepare(folder, tmp_path / "data")
    assert (counts.narratives, counts.narratives_of_others) == (1, 0)


def test_a_name_that_no_file_can_have_is_that_of_a_missing_photo(tmp_path: Path) -> None:
    folder = coco(tmp_path / "coco", ("a.jpg", "b.jpg"))
    path = folder / "annotations" / "instances_val2017.json"
    path.write_text(path.read_text().replace("b.jpg", "b" * 300 + ".jpg"))
    counts = prepare(folder, tmp_path / "data")
    assert (counts.photos, counts.without_photo) == (1, 1)


def test_captions_that_are_none_are_left_out(tmp_path: Path) -> None:
    folder = coco(tmp_path / "coco", ("a.jpg",))
    path = folder / "annotations" / "captions_val2017.json"
    odd = [{"image_id": 1, "caption": None}, {"image_id": 1}, None, {"caption": "a cat"}]
    good = {"image_id": "1", "caption": "a\ud800 dog\n"}
    path.write_text(json.dumps({"annotations": [*odd, good]}))
    notes = prepare(folder, tmp_path / "data").notes
    assert [note for note in notes if "captions" in note] == [
        "left out 4 of 5 captions: 2 without a text (caption no. 1, caption no. 2); "
        "2 without a usable image_id (caption no. 3, caption no. 4)"
    ]
    written = (tmp_path / "data" / "coco" / "captions.jsonl").read_text()
    assert written == '{"image_id": 1, "caption": "a dog"}\n'
    with pytest.raises(InputError, match="leave --strict away"):
        prepare(folder, tmp_path / "strict", strict=True)
    path.write_text(json.dumps({"annotations": odd}))
    with pytest.raises(InputError, match=r"No caption of .* can be used: left out 4 of 4"):
        prepare(folder, tmp_path / "none")
