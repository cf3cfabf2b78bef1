from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from retrieval.coco import build_library
from retrieval.library import SceneLibrary
from segmentation.labels import NEVER_IN_COCO, UNLABELED, palette, value_of
from tests.exports import CAT, DOG, GRASS, annotation, export, image, label_map

SKY = value_of("sky-other")
PERSON = value_of("person")


def values(thing: int = DOG) -> Any:
    pixels = label_map(thing=thing)
    pixels[:8] = SKY
    pixels[40:, 50:] = UNLABELED
    return pixels


def ids(pixels: Any) -> Any:
    return np.where(pixels == UNLABELED, 0, pixels + 1).astype(np.uint8)


def in_a_row(pixels: Any) -> Any:
    before = [sum(never < label for never in NEVER_IN_COCO) for label in range(182)]
    return np.where(pixels == UNLABELED, 255, pixels - np.array([*before, *[0] * 74])[pixels])


def pixelmap(pixels: Any, thing: int = 183) -> Any:
    return np.where(pixels == UNLABELED, 0, np.where(pixels < 91, thing, pixels + 1))


NUMBERED = {
    "values": lambda pixels: pixels,
    "ids": ids,
    "in a row": in_a_row,
    "pixel maps": pixelmap,
    "pixel maps without 183": lambda pixels: pixelmap(pixels, 0),
}


def built(folder: Path, pixels: Any, option: str, *, strict: bool = False, **more: Any) -> Any:
    (folder / "maps").mkdir()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(folder / "maps" / "a.png")
    path = export(folder / "instances.json", **more)
    maps: dict[str, Any] = {option: folder / "maps"}
    report = build_library(path, folder / "out", strict=strict, **maps)
    library = SceneLibrary.open(folder / "out")
    return sorted(library.labels.tolist()), report.notes


@pytest.mark.parametrize("option", ["stuff", "labels"])
@pytest.mark.parametrize("kind", NUMBERED)
def test_maps_are_read_in_the_numbering_that_fits(tmp_path: Path, kind: str, option: str) -> None:
    found, notes = built(tmp_path, NUMBERED[kind](values()), option)
    assert found == [DOG, GRASS, SKY]
    declared = kind == "values" if option == "labels" else kind.startswith("pixel maps")
    assert len(notes) == (not declared)
    assert declared or "100% of what is annotated agrees" in notes[0]


@pytest.mark.parametrize(
    ("kind", "message"),
    [("ids", "numbered as COCO-Stuff ids"), ("in a row", "numbered as the 171 labels in a row")],
)
def test_strictly_another_numbering_is_refused(tmp_path: Path, kind: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        built(tmp_path, NUMBERED[kind](values()), "labels", strict=True)


def test_labels_that_numberings_share_tell_nothing(tmp_path: Path) -> None:
    """A person is 0 in a row, too; the dog beside it tells which of the two it is."""
    both = values()
    both[10:30, 42:60] = PERSON
    beside = [42, 10, 60, 10, 60, 30, 42, 30]
    found, notes = built(
        tmp_path,
        in_a_row(both),
        "labels",
        annotations=[annotation(), annotation(category_id=1, segmentation=[beside])],
        categories=None,
    )
    assert found == [PERSON, DOG, GRASS, SKY]
    assert "171 labels in a row" in notes[-1]


def test_people_alone_keep_the_numbering_that_was_given(tmp_path: Path) -> None:
    pixels = values(PERSON)
    found, notes = built(
        tmp_path,
        pixels,
        "labels",
        annotations=[annotation(category_id=1)],
        categories=[{"id": 1, "name": "person"}],
    )
    assert found == [PERSON, GRASS, SKY]
    assert notes == ()


@pytest.mark.parametrize("numbers", [(127, 10), (UNLABELED, 0)], ids=["ADE20K", "a mask"])
def test_things_where_none_are_annotated_tell_a_foreign_numbering(
    tmp_path: Path, numbers: tuple[int, int]
) -> None:
    thing, stuff = numbers
    with pytest.raises(InputError, match="in a numbering that is not known here"):
        built(tmp_path, label_map(thing=thing, stuff=stuff), "labels")


def test_a_map_in_our_colours_is_read_by_them(tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    path = export(tmp_path / "instances.json", annotations=[])
    painted = Image.fromarray(palette()[values()])
    for picture in (painted, painted.quantize(4)):  # its palette is in another order
        picture.save(maps / "a.png")
        build_library(path, tmp_path / "out", labels=maps)
        assert set(SceneLibrary.open(tmp_path / "out").labels.tolist()) == {GRASS, SKY}


def test_a_map_that_was_resized_smoothly_is_refused_by_name(tmp_path: Path) -> None:
    smooth = Image.fromarray(values()).resize((200, 150), Image.Resampling.BILINEAR)
    with pytest.raises(InputError, match=r"maps/a\.png': The label map was resized with interpol"):
        built(tmp_path, np.asarray(smooth), "labels")


def test_stuff_alone_in_values_stays(tmp_path: Path) -> None:
    found, notes = built(tmp_path, label_map(thing=UNLABELED), "labels")
    assert found == [DOG, GRASS]
    assert notes == ()


def test_maps_of_other_things_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="show other things than the annotations"):
        built(tmp_path, label_map(thing=CAT + 40), "labels")


def test_the_map_of_a_photo_is_found_by_its_name_then_by_its_id(tmp_path: Path) -> None:
    names = ("COCO_val2014_000000000009.jpg", "000000000003.jpg", "x/b.jpg")
    images = [image(number, name) for number, name in zip((9, 4, 5), names, strict=True)]
    (tmp_path / "maps").mkdir()
    for name, stuff in (("000000000009", GRASS), ("000000000004", SKY), ("b", SKY)):
        Image.fromarray(label_map(stuff=stuff)).save(tmp_path / "maps" / f"{name}.png")
    path = export(
        tmp_path / "instances.json",
        images=images,
        annotations=[annotation(image_id=number) for number in (9, 4, 5)],
    )
    report = build_library(path, tmp_path / "out", labels=tmp_path / "maps")
    library = SceneLibrary.open(tmp_path / "out")
    assert library.labels.tolist() == [GRASS, DOG, DOG, SKY, DOG]
    assert report.without_stuff == 1  # another photo's number is no name of this one's map


def test_outlines_without_a_pixel_are_counted(tmp_path: Path) -> None:
    flat = annotation(segmentation=[[20.5, 30.3, 20.5, 30.3, 21.6, 30.3, 21.6, 30.3]])
    found, notes = built(tmp_path, values(), "labels", annotations=[annotation(), flat])
    assert found == [DOG, GRASS, SKY]
    assert notes == ("1 annotations cover no pixel of their photo",)
