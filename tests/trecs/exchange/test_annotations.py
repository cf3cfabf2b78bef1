"""COCO's annotations and panoptic segments, by hand and by pycocotools."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED, value_of
from tests.trecs.exchange.drawings import (
    CAT,
    DOG,
    DOG_BOX,
    GRASS,
    HORSE,
    SKY,
    canvas,
    drawn,
    image,
    narrative,
)
from trecs.exchange import Drawn, coco, panoptic, read_layers, read_layers_in


def record() -> dict[str, Any]:
    return json.loads(coco.write(drawn()))


def read(told: Any, name: str = "a.json") -> Canvas:
    return read_layers_in({name: json.dumps(told).encode()})


def two_by_three() -> dict[str, Any]:
    """A cat on the middle column of a picture of 3x2 pixels, as run lengths by hand.

    Down the columns: two pixels of nothing, two of the cat, two of nothing. COCO's code has the
    first three runs as they are, from the fourth on less the one before the last: 2, 2, 2 are the
    letters of 48 + 2.
    """
    segmentation = {"size": [2, 3], "counts": "222"}
    return {
        "images": [{"id": 7, "width": 3, "height": 2}],
        "annotations": [
            {"id": 5, "image_id": 7, "category_id": 17, "segmentation": segmentation, "iscrowd": 0}
        ],
        "categories": [{"id": 17, "name": "cat"}],
    }


def test_run_lengths_are_those_worked_out_by_hand() -> None:
    label_map = np.full((2, 3), GRASS, np.uint8)
    label_map[:, 1] = CAT
    instances = (label_map == CAT) * np.int32(5)
    picture = np.zeros((2, 3, 3), np.uint8)
    told = json.loads(coco.write(Drawn(narrative(), Canvas(label_map, instances), picture)))
    cat = next(one for one in told["annotations"] if one["category_id"] == 17)
    assert cat["segmentation"] == {"size": [2, 3], "counts": "222"}
    assert (cat["id"], cat["bbox"], cat["area"]) == (5, [1, 0, 1, 2], 2)
    grass = next(one for one in told["annotations"] if one["category_id"] == GRASS + 1)
    assert grass["segmentation"]["counts"] == "0220"  # runs 0, 2, 2, 2; the last is 2 - 2


def test_run_lengths_are_read_by_hand() -> None:
    found = read(two_by_three())
    assert found.label_map.tolist() == [[255, CAT, 255]] * 2
    assert found.instance_map.tolist() == [[0, 5, 0]] * 2
    told = two_by_three()
    told["annotations"][0]["segmentation"]["counts"] = [2, 2, 2]  # not compressed
    assert read(told).equals(found)
    told["annotations"][0]["segmentation"] = [[1, 0, 2, 0, 2, 2, 1, 2]]  # an outline
    assert read(told).equals(found)


def test_pycocotools_reads_what_we_write(tmp_path: Path) -> None:
    path = tmp_path / "regions.json"
    path.write_bytes(coco.write(drawn()))
    theirs = COCO(str(path))
    expected = canvas()
    for one in theirs.loadAnns(theirs.getAnnIds()):
        mask = theirs.annToMask(one).astype(bool)
        assert (expected.label_map[mask] == one["category_id"] - 1).all()
        assert mask.sum() == one["area"] == coco_mask.area(one["segmentation"])
        assert coco_mask.toBbox(one["segmentation"]).tolist() == one["bbox"]
    names = {one["id"]: one["name"] for one in theirs.loadCats(theirs.getCatIds())}
    assert names == {18: "dog", 19: "horse", GRASS + 1: "grass", SKY + 1: "sky-other"}
    assert read_layers(path).equals(expected)


def test_things_lie_before_stuff_and_later_ones_before_earlier() -> None:
    told = two_by_three()
    whole = {"size": [2, 3], "counts": [0, 6]}
    told["categories"] += [{"id": 1, "name": "Dog"}, {"id": 2, "name": "grass-merged"}]
    for number, category in ((6, 1), (8, 2)):
        more = {"id": number, "image_id": 7, "category_id": category, "segmentation": whole}
        told["annotations"].append(more)
    found = read(told)
    assert (found.label_map == DOG).all()
    assert (found.instance_map == 6).all()


def test_odd_ids_become_numbers_of_their_own() -> None:
    for odd in (-5, 0, 900_100_002, None, "x"):
        told = two_by_three()
        told["annotations"][0]["id"] = odd
        assert read(told).instance_map.tolist() == [[0, 1, 0]] * 2


def test_without_categories_ids_are_those_of_coco() -> None:
    told = two_by_three()
    del told["categories"]
    assert read(told).label_map[0, 1] == CAT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"categories": [{"id": 17, "name": "unicorn"}]},
            "name no label: 'unicorn'",
        ),
        ({"categories": [{"id": 3, "name": "cat"}]}, "uses the category 17"),
        ({"annotations": []}, "expected 1 to 1,000"),
        ({"annotations": 3}, "no list 'annotations'"),
        ({"annotations": [{"image_id": 1}, {"image_id": 2}]}, "annotates 2 pictures"),
        ({"images": [{"id": 7, "width": 3000, "height": 2}]}, "is 3000x2 pixels"),
        ({"images": [{"id": 7, "width": 4, "height": 2}]}, "Annotation 1 of"),
        ({"images": [{"id": 7}]}, "does not say how large"),
    ],
)
def test_what_cannot_be_used_is_told(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(two_by_three() | change)


def test_damaged_files_are_told() -> None:
    content = coco.write(drawn())
    with pytest.raises(InputError, match="cut off or no JSON"):
        read_layers_in({"a.json": content[:-20]})
    with pytest.raises(InputError, match="of no format that is read here"):
        read_layers_in({"a.json": b"\0\1\2"})
    with pytest.raises(InputError, match="cut off or no JSON"):
        read_layers_in({"a.json": b"{" + b'"a":{' * 100_000})


def test_panoptic_ids_are_those_worked_out_by_hand() -> None:
    """Instances keep their numbers, 1 and 3; stuff follows, by area: sky 4, grass 5."""
    picture, text = panoptic.write(drawn(), "a.png")
    with Image.open(io.BytesIO(picture)) as opened:
        assert opened.mode == "RGB"
        pixels = np.asarray(opened)
    assert pixels[4, 2].tolist() == [1, 0, 0]
    assert pixels[6, 6].tolist() == [3, 0, 0]
    assert pixels[0, 0].tolist() == [5, 0, 0] or pixels[0, 0].tolist() == [4, 0, 0]
    (one,) = json.loads(text)["annotations"]
    ids = {info["id"]: info for info in one["segments_info"]}
    assert {number: info["category_id"] - 1 for number, info in ids.items()} == {
        1: HORSE,
        3: DOG,
        4: SKY,
        5: GRASS,
    }
    assert ids[3]["bbox"] == [6, 6, 6, 5]
    assert (ids[3]["area"], ids[3]["iscrowd"]) == (30, 0)
    assert one["file_name"] == "a.png"


def test_large_ids_have_all_three_channels() -> None:
    instances = canvas().instance_map.copy()
    instances[DOG_BOX] = 300  # 44 + 256; stuff follows
    picture, text = panoptic.write(
        Drawn(narrative(), Canvas(canvas().label_map, instances), image()), "a.png"
    )
    assert np.asarray(Image.open(io.BytesIO(picture)))[6, 6].tolist() == [44, 1, 0]
    pixels = np.zeros((1, 2, 3), np.uint8)
    pixels[0, 1] = (1, 2, 3)  # 1 + 512 + 196608
    told = json.loads(text)
    info = {"id": 197_121, "category_id": 18}
    told["annotations"][0]["segments_info"] = [info]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    found = read_layers_in({"a.png": buffer.getvalue(), "a.json": json.dumps(told).encode()})
    assert found.label_map.tolist() == [[UNLABELED, DOG]]
    assert found.instance_map.tolist() == [[0, 1]]  # no instance map holds so large a number


def test_the_canvas_comes_back_from_the_png_the_json_or_both(tmp_path: Path) -> None:
    picture, text = panoptic.write(drawn(), "segments.png")
    assert read_layers_in({"any.png": picture}).equals(canvas())
    bare = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(bare, "PNG")  # as other tools write it
    both = {"segments.png": bare.getvalue(), "segments.json": text}
    assert read_layers_in(both).equals(canvas())
    with pytest.raises(InputError, match=r"needs its PNG 'segments\.png'"):
        read_layers_in({"segments.json": text})
    with pytest.raises(InputError, match="PNG without segments"):
        read_layers_in({"segments.png": bare.getvalue()})
    for name, content in both.items():
        (tmp_path / name).write_bytes(content)
    assert read_layers(tmp_path / "segments.png").equals(canvas())
    assert read_layers(tmp_path / "segments.json").equals(canvas())
    (tmp_path / "segments").mkdir()  # the panopticapi's own way
    (tmp_path / "segments.png").rename(tmp_path / "segments" / "segments.png")
    assert read_layers(tmp_path / "segments.json").equals(canvas())


def test_a_png_of_another_picture_is_told() -> None:
    _, text = panoptic.write(drawn(), "a.png")
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (9, 9, 9)).save(buffer, "PNG")
    with pytest.raises(InputError, match=r"1 segments, such as 592137, which its JSON"):
        read_layers_in({"a.png": buffer.getvalue(), "a.json": text})
    grey = io.BytesIO()
    Image.new("L", (4, 4)).save(grey, "PNG")
    with pytest.raises(InputError, match="has mode L"):
        read_layers_in({"a.png": grey.getvalue(), "a.json": text})


def test_names_of_panoptic_categories_are_known() -> None:
    from trecs.exchange.names import label_named

    for name, label in {
        "sky-other-merged": "sky-other",
        "grass-merged": "grass",
        "ceiling-merged": "ceiling-other",
        "Traffic light": "traffic-light",
    }.items():
        assert label_named(name) == value_of(label)
    assert label_named("wall") is None


def test_a_number_that_two_labels_share_is_the_first_ones() -> None:
    shared = np.where(canvas().instance_map > 0, np.int32(1), np.int32(0))
    both = Drawn(narrative(), Canvas(canvas().label_map, shared), image())
    ids = [one["id"] for one in json.loads(coco.write(both))["annotations"]]
    assert sorted(ids) == [1, 2, 3, 4]
    picture, text = panoptic.write(both, "a.png")
    read_back = read_layers_in({"a.png": picture, "a.json": text})
    np.testing.assert_array_equal(read_back.label_map, canvas().label_map)


def test_a_polygon_that_would_fill_the_memory_is_refused() -> None:
    told = two_by_three()
    to_and_fro = [-9_000, 0, 19_000, 0] * 200  # pycocotools would take 400 MB
    told["annotations"][0]["segmentation"] = [[0, 0, 2, 0, 2, 2], to_and_fro]
    with pytest.raises(InputError, match="to and fro"):
        read(told)
    told["annotations"][0]["segmentation"] = [to_and_fro[:40]] * 100
    with pytest.raises(InputError, match="to and fro"):
        read(told)


def test_more_segments_than_are_read_are_refused() -> None:
    picture, text = panoptic.write(drawn(), "a.png")
    told = json.loads(text)
    told["annotations"][0]["segments_info"] *= 400
    with pytest.raises(InputError, match="1,600 segments"):
        read_layers_in({"a.png": picture, "a.json": json.dumps(told).encode()})
    told["annotations"][0]["segments_info"] = [*told["annotations"][0]["segments_info"][:4], {}]
    with pytest.raises(InputError, match=r"expected \{id, category_id, \.\.\.\} for"):
        read_layers_in({"a.png": picture, "a.json": json.dumps(told).encode()})
