import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from files.errors import InputError
from retrieval.coco_files import CocoInstances, read_instances
from retrieval.silhouettes import silhouette
from segmentation.labels import NAMES, NEVER_IN_COCO, value_of
from segmentation.masks import encode
from tests.exports import CAT, CATEGORIES, DOG, HEIGHT, SQUARE, WIDTH, annotation, export, image

GOOD = annotation(id=9)


def read(tmp_path: Path, *, strict: bool = False, **content: Any) -> CocoInstances:
    path = export(tmp_path / "instances.json", **content)
    return read_instances(path, synonyms={"puppy": DOG, "mobile phone": 76}, strict=strict)


def labels(found: CocoInstances) -> list[int]:
    return [a["category_id"] - 1 for i in found.images for a in i.annotations]


def runs(counts: Any, size: Any = (HEIGHT, WIDTH)) -> dict[str, Any]:
    return {"counts": counts, "size": list(size)}


@pytest.mark.parametrize(
    ("category", "name", "label"),
    [
        (18, "dog", "dog"),
        (1, "dog", "dog"),  # numbered in an order of their own
        (0, "Dog ", "dog"),
        (16, "dog", "dog"),  # 0-79
        (3, "Traffic_Light", "traffic-light"),
        (3, "trafficLight", "traffic-light"),
        (2, "tvmonitor", "tv"),
        (2, "puppy", "dog"),
        (2, "Mobile-Phone", "cell-phone"),
        ("5", "cat", "cat"),
        (5.0, "cat", "cat"),
    ],
)
def test_categories_are_told_by_their_names(
    tmp_path: Path, category: Any, name: str, label: str
) -> None:
    found = read(
        tmp_path,
        annotations=[annotation(category_id=category)],
        categories=[{"id": category, "name": name}],
    )
    assert [NAMES[value] for value in labels(found)] == [label]


def test_categories_that_differ_from_coco_are_told(tmp_path: Path) -> None:
    categories = [{"id": 1, "name": "dog"}, {"id": 2, "name": "puppy"}, {"id": 17, "name": "cat"}]
    report = read(tmp_path, annotations=[annotation(category_id=1)], categories=categories).report()
    assert len(report) == 2
    assert "1 is 'dog' (person in COCO), 2 is 'puppy' (bicycle in COCO)" in report[0]
    assert "'cat'" not in report[0]
    assert "'puppy' as dog" in report[1]
    assert read(tmp_path).report() == []


@pytest.mark.parametrize("categories", [None, [{"id": 18}], [{"id": 18, "name": ""}]])
def test_without_names_the_numbers_are_cocos(tmp_path: Path, categories: Any) -> None:
    assert labels(read(tmp_path, categories=categories)) == [DOG]


@pytest.mark.parametrize(
    ("name", "why"), [("crack", "'crack', which is no label"), ("Grass", "is stuff")]
)
def test_annotations_of_unknown_names_are_left_out(tmp_path: Path, name: str, why: str) -> None:
    categories = [*CATEGORIES, {"id": 1, "name": name}]
    odd = [annotation(id=n, category_id=1) for n in range(1, 6)]
    found = read(tmp_path, annotations=[*odd, GOOD], categories=categories)
    assert labels(found) == [DOG]
    (line,) = found.left_out.lines()
    assert line.startswith("left out 5 of 6 annotations: 5 of")
    assert why in line
    assert (
        "(annotation 1 of photo 1, annotation 2 of photo 1, annotation 3 of photo 1, ...)" in line
    )


def test_a_file_of_unknown_categories_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"2 of 2 annotations: 1 of 'crack'.* 1 of 'weld'"):
        read(
            tmp_path,
            annotations=[annotation(category_id=1), annotation(category_id=2)],
            categories=[{"id": 1, "name": "crack"}, {"id": 2, "name": "weld"}],
        )


def test_one_id_of_two_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both 'cat' and 'dog'"):
        read(tmp_path, categories=[{"id": 1, "name": "cat"}, {"id": 1, "name": "dog"}])


def test_a_key_that_comes_twice_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path / "instances.json")
    path.write_text(path.read_text()[:-1] + ', "annotations": []}')
    with pytest.raises(InputError, match="the key 'annotations' comes twice"):
        read_instances(path)


UNUSABLE: list[Any] = [[], [1, 2, 3, 4], [*SQUARE, 9], [*SQUARE, 1e999, 1], ["a"] * 6, {}, None]
BAD: list[Any] = [
    3,
    annotation(image_id=2),
    annotation(image_id=None),
    annotation(category_id=99),
    annotation(category_id=True),
    annotation(category_id=18.5),
    annotation(segmentation=[]),
    annotation(segmentation=None),
    {"id": 1, "image_id": 1, "category_id": 18},
    *(annotation(segmentation=[polygon]) for polygon in UNUSABLE),
    annotation(segmentation=[SQUARE, [1, 2, 3, 4]]),
    annotation(segmentation="polygon"),
    *(
        annotation(segmentation=shape)
        for shape in (
            runs([1, 2]),
            runs([HEIGHT * WIDTH], (5, 5)),
            runs([-1, HEIGHT * WIDTH + 1]),
            runs([2**62] * 4 + [HEIGHT * WIDTH]),  # in 64 bits their sum is the photo's pixels
            runs([0.4, HEIGHT * WIDTH - 0.4]),
            runs([float("nan"), HEIGHT * WIDTH]),
            runs("zzz"),
            runs("ö"),
            runs(None),
            runs([10, HEIGHT * WIDTH - 10], "x"),
            {"counts": [HEIGHT * WIDTH]},
        )
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: json.dumps(bad)[:80])
def test_one_bad_annotation_is_left_out(tmp_path: Path, bad: Any) -> None:
    found = read(tmp_path, annotations=[bad, GOOD])
    assert [a["id"] for a in found.images[0].annotations] == [9]
    assert len(found.left_out) == 1
    with pytest.raises(InputError, match="leave --strict away"):
        read(tmp_path, annotations=[bad, GOOD], strict=True)


@pytest.mark.parametrize(
    "shape",
    [
        [SQUARE],
        SQUARE,
        [[list(point) for point in zip(SQUARE[::2], SQUARE[1::2], strict=True)]],
        [[str(number) for number in SQUARE]],
        [[float(number) for number in SQUARE]],
    ],
    ids=["polygon", "flat", "pairs", "texts", "floats"],
)
def test_outlines_are_read_as_they_are_meant(tmp_path: Path, shape: Any) -> None:
    (found,) = read(tmp_path, annotations=[annotation(segmentation=shape)]).images
    region = silhouette(found.annotations[0], HEIGHT, WIDTH)
    assert region.sum() == 600
    assert region[10:30, 10:40].all()
    assert np.asarray(found.annotations[0]["segmentation"], np.float64).tolist() == [SQUARE]


def test_run_lengths_are_read(tmp_path: Path) -> None:
    region = np.zeros((HEIGHT, WIDTH), bool)
    region[5:9, 3:30] = True
    changes = np.flatnonzero(np.diff(region.T.ravel())) + 1
    plain = [int(b - a) for a, b in pairwise([0, *changes, region.size])]
    texts = [f"{length}.0" for length in plain]
    shapes = (
        *(runs(plain), runs(texts), runs(encode(region).decode())),
        runs(plain, (48.0, "64")),
    )
    annotations = [annotation(segmentation=shape) for shape in shapes]
    (found,) = read(tmp_path, annotations=annotations).images
    for given in found.annotations:
        assert np.array_equal(silhouette(given, HEIGHT, WIDTH), region)


@pytest.mark.parametrize(
    ("given", "crowd"),
    [(0, 0), (1, 1), ("0", 0), ("1", 1), (False, 0), (True, 1), (None, 0), ("true", 1)],
)
def test_crowds_are_read_as_they_are_meant(tmp_path: Path, given: Any, crowd: int) -> None:
    (found,) = read(tmp_path, annotations=[annotation(iscrowd=given)]).images
    assert found.annotations[0]["iscrowd"] == crowd


@pytest.mark.parametrize(
    ("number", "told", "expected"),
    [(7, "7", 7), ("7", 7, 7), (7.0, 7, 7), ("000000000007", 7, 7), (0, 0, 0), ("7.0", 7, 7)],
)
def test_ids_and_sizes_are_read_as_numbers(
    tmp_path: Path, number: Any, told: Any, expected: int
) -> None:
    found = read(
        tmp_path,
        images=[image(number, width="64", height=48.0)],
        annotations=[annotation(image_id=told)],
    )
    (one,) = found.images
    assert (one.id, one.width, one.height) == (expected, WIDTH, HEIGHT)
    assert one.annotations[0]["image_id"] == expected


def test_ids_that_are_texts_are_told_apart(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        images=[image("x1"), image("x2", "b.jpg"), image(2, "c.jpg")],
        annotations=[annotation(image_id="x2"), annotation(image_id=2, category_id=17)],
    )
    assert [[a["category_id"] - 1 for a in i.annotations] for i in found.images] == [
        [],
        [DOG],
        [CAT],
    ]
    assert len({i.id for i in found.images}) == 3


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 64.5, "64.5", True, None, 0, -1, [64]]
)
@pytest.mark.parametrize("key", ["width", "height"])
def test_sizes_that_are_no_whole_numbers_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    with pytest.raises(InputError, match="whole pixels"):
        read(tmp_path, images=[image(**{key: value})])


@pytest.mark.parametrize("number", [float("nan"), 64.5, True, None, -1, "", [1]])
def test_ids_that_are_no_numbers_are_refused(tmp_path: Path, number: Any) -> None:
    with pytest.raises(InputError, match="a number of at least 0"):
        read(tmp_path, images=[image(number)])


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("train2017/a.jpg", "a"),
        ("images\\a.jpg", "a"),
        ("C:\\My Photos\\a.JPG", "a"),
        ("/data/upload/1/a.png", "a"),
        ("./a.jpg", "a"),
        ("https://example.org/photos/a.jpg", "a"),
        ("a.v2.jpg", "a.v2"),
        ("frame.0001", "frame.0001"),
        ("a b #1 50%.jpg", "a b #1 50%"),
    ],
)
def test_names_with_folders_are_read(tmp_path: Path, name: str, stem: str) -> None:
    (found,) = read(tmp_path, images=[image(1, name)]).images
    assert found.stem == stem
    assert not Path(found.file_name).is_absolute()


@pytest.mark.parametrize(
    "name", ["../a.jpg", "..\\..\\a.jpg", "x/../../a.jpg", "", "/", 3, "a\x00b"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: Any) -> None:
    with pytest.raises(InputError, match="no path that leads out"):
        read(tmp_path, images=[image(1, name)])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (image(1, "a.jpg"), image(2, "a.png")),
        (image(1, "x/a.jpg"), image(2, "y/a.jpg")),
        (image(1, "x\\a.jpg"), image(2, "a.jpg")),
        (image(1, "a.jpg"), image(1, "b.jpg")),
        (image(1, "a.jpg"), image("1", "b.jpg")),
        (image(1, "a.jpg"), image(1, "a.jpg")),
    ],
)
def test_two_images_that_would_be_one_are_refused(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any]
) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, images=[first, second])
    for one in (first, second):
        assert one["file_name"].replace("\\", "/") in str(refused.value)


def test_coco_knows_its_own_names(tmp_path: Path) -> None:
    names = [name for label, name in enumerate(NAMES[:91]) if label not in NEVER_IN_COCO]
    categories = [{"id": value_of(n) + 1, "name": n.replace("-", " ")} for n in names]
    annotations = [annotation(category_id=category["id"]) for category in categories]
    found = read(tmp_path, annotations=annotations, categories=categories)
    assert [NAMES[label] for label in labels(found)] == names
    assert len(names) == 80
    assert found.report() == []
