import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from files.errors import InputError
from segmentation.canvas import (
    Canvas,
    instance_png,
    instances_of,
    label_png,
    palette_png,
    read_instance_map,
    read_label_map,
)
from segmentation.labels import UNLABELED, palette, value_of

DOG, GRASS, PERSON = value_of("dog"), value_of("grass"), value_of("person")


@pytest.fixture
def canvas() -> Canvas:
    labels = np.array([[GRASS, PERSON, GRASS, DOG], [GRASS, PERSON, GRASS, UNLABELED]], np.uint8)
    instances = np.array([[0, 1, 0, 300], [0, 1, 0, 0]], np.int32)
    return Canvas(labels, instances)


def png(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def test_labels_are_listed_by_area(canvas: Canvas) -> None:
    assert canvas.labels == [GRASS, PERSON, DOG]


def test_files_give_back_what_was_written(canvas: Canvas) -> None:
    assert np.array_equal(read_label_map(label_png(canvas.label_map)), canvas.label_map)
    assert np.array_equal(read_label_map(palette_png(canvas)), canvas.label_map)
    read = read_instance_map(instance_png(canvas.instance_map), (2, 4))
    assert np.array_equal(read, canvas.instance_map)


def test_the_palette_png_shows_the_picture(canvas: Canvas) -> None:
    shown = np.asarray(Image.open(io.BytesIO(palette_png(canvas))).convert("RGB"))
    assert np.array_equal(shown, canvas.picture())
    assert shown[0, 0].tolist() == palette()[GRASS].tolist()


def test_resizing_keeps_labels_and_instances_together(canvas: Canvas) -> None:
    twice = canvas.resized(4, 8)
    assert np.array_equal(twice.label_map[::2, ::2], canvas.label_map)
    assert np.array_equal(twice.instance_map[1::2, 1::2], canvas.instance_map)
    assert np.array_equal(twice.resized(2, 4).label_map, canvas.label_map)


def test_each_connected_part_of_a_thing_is_an_instance() -> None:
    labels = np.array(
        [
            [PERSON, GRASS, GRASS, DOG, DOG],
            [GRASS, PERSON, GRASS, PERSON, GRASS],
            [UNLABELED, GRASS, GRASS, PERSON, DOG],
        ],
        np.uint8,
    )
    # In the order of labels, then of rows; corners that touch connect.
    assert instances_of(labels).tolist() == [
        [1, 0, 0, 3, 3],
        [0, 1, 0, 2, 0],
        [0, 0, 0, 2, 4],
    ]


@given(
    st.lists(
        st.lists(st.sampled_from([PERSON, DOG, GRASS, UNLABELED]), min_size=4, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_instances_count_from_one_and_keep_to_one_label(rows: list[list[int]]) -> None:
    labels = np.array(rows, np.uint8)
    instances = instances_of(labels)
    assert np.array_equal(instances > 0, labels <= 90)
    numbers = [int(i) for i in np.unique(instances) if i]
    assert numbers == list(range(1, len(numbers) + 1))
    for i in numbers:
        assert len(np.unique(labels[instances == i])) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read as a picture"),
        (b"GIF89a", "cannot be read as a picture"),
        (png(np.zeros((4, 4), np.uint8))[:40], "cannot be read as a picture"),
        (png(np.zeros((4, 4, 3), np.uint8)), "has mode RGB"),
        (png(np.zeros((4, 4), np.uint16)), "has mode I;16"),
        (png(np.full((4, 4), 182, np.uint8)), "values 182, which are no labels"),
        (png(np.zeros((1, 3000), np.uint8)), "is 3000x1; at most 2048x2048"),
        (bytes(50_000_000), "has 48 MB; at most 16 MB"),
    ],
)
def test_unusable_label_maps_are_refused(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_label_map(content)
    (tmp_path / "map.png").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_label_map(tmp_path / "map.png")


@given(st.binary(max_size=200))
def test_bytes_that_are_no_picture_are_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        read_label_map(b"\x89PNG\r\n\x1a\n" + content)
