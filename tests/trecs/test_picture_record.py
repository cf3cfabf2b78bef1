"""A picture gives back what it was drawn from."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from files.png_text import text_in, with_text
from segmentation.labels import value_of
from tests.trecs.finished import canvas_of, image_of
from trecs import Result, TReCS
from trecs.narrative import Narrative, dumps, from_text
from trecs.picture_record import KEY, MOST_TEXT, png, read_picture_record

STROKE = np.array([[0.2, 0.2, 0.0], [0.6, 0.3, 0.4], [0.4, 0.8, 0.9], [0.2, 0.2, 1.4]])


@pytest.fixture(scope="module")
def studio(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


@pytest.fixture(scope="module")
def drawn(studio: TReCS) -> Result:
    told = replace(from_text("a dog runs on the beach"), strokes=(STROKE,)).bound({0: 1})
    return studio(told, 9, picture_seed=4, size=64)


def same(first: Result, second: Result) -> bool:
    return all(
        np.array_equal(*pair)
        for pair in (
            (image_of(first), image_of(second)),
            (canvas_of(first).label_map, canvas_of(second).label_map),
            (canvas_of(first).instance_map, canvas_of(second).instance_map),
        )
    )


def test_everything_is_back(studio: TReCS, drawn: Result) -> None:
    record = read_picture_record(drawn.picture_png())
    assert dumps(record.narrative) == dumps(drawn.narrative)
    assert (record.seed, record.picture_seed) == (9, 4)
    again = studio.redrawn(record)
    assert same(again, drawn)
    assert again.to_json()["regions"] == drawn.to_json()["regions"]
    assert again.painted == 0


def test_what_was_painted_is_back(studio: TReCS, drawn: Result) -> None:
    label_map = canvas_of(drawn).label_map.copy()
    label_map[:20] = value_of("sky-other")
    painted = drawn.repainted(label_map)
    assert painted.canvas
    image = studio.synthesize(painted.canvas, 5)
    painted = replace(painted, image=image, picture_seed=5)
    again = studio.redrawn(read_picture_record(painted.picture_png()))
    assert same(again, painted)
    assert again.painted == painted.painted > 0


def test_a_canvas_without_words_is_back(studio: TReCS, drawn: Result) -> None:
    painted = Result(Narrative(())).repainted(canvas_of(drawn).label_map)
    assert painted.canvas
    painted = replace(painted, image=studio.synthesize(painted.canvas, 3), picture_seed=3)
    record = read_picture_record(painted.picture_png())
    assert record.seed is None
    assert same(studio.redrawn(record), painted)


def test_other_seed_and_size(studio: TReCS, drawn: Result) -> None:
    record = read_picture_record(drawn.picture_png())
    other = studio.redrawn(record, picture_seed=8)
    assert np.array_equal(canvas_of(other).label_map, canvas_of(drawn).label_map)
    assert not np.array_equal(image_of(other), image_of(drawn))
    assert image_of(studio.redrawn(record, size=128)).shape == (128, 128, 3)


def test_a_trace_that_is_too_long_leaves_the_canvas(drawn: Result) -> None:
    times = np.linspace(0, 900, 90_000)
    stroke = np.stack([np.sin(times) / 3 + 0.5, np.cos(times) / 3 + 0.5, times], axis=1)
    long = replace(drawn, narrative=replace(drawn.narrative, strokes=(stroke,)))
    assert len(dumps(long.narrative)) > MOST_TEXT
    record = read_picture_record(long.picture_png())
    assert record.narrative.strokes == ()
    assert np.array_equal(record.canvas.label_map, canvas_of(drawn).label_map)


def changed(content: bytes, **values: object) -> bytes:
    record = json.loads(text_in(content, KEY, 2**24) or "")
    plain = png(np.zeros((4, 4, 3), np.uint8))
    return with_text(plain, KEY, json.dumps({**record, **values}))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"format": 2}, "of format 2"),
        ({"seeds": {"canvas": 1}}, "'picture'"),
        ({"seeds": {"canvas": 1, "picture": -1}}, "with the seeds 1 and -1"),
        ({"seeds": {"canvas": None, "picture": 1}}, "with the seeds None and 1"),
        ({"label_map": "AAAA"}, "cannot be read as a picture"),
        ({"instance_map": 7}, "bytes-like"),
        ({"narrative": {"caption": 5}}, "caption"),
    ],
)
def test_what_cannot_be_used_is_told(drawn: Result, values: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told) as raised:
        read_picture_record(changed(drawn.picture_png(), **values))
    assert "Give one that the studio drew" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_other_pictures_remember_nothing(drawn: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="carries no narrative"):
        read_picture_record(png(image_of(drawn)))
    with pytest.raises(InputError, match="it is no PNG"):
        read_picture_record(b"\xff\xd8\xff")
    with pytest.raises(InputError, match="damaged or truncated"):
        read_picture_record(drawn.picture_png()[:300])
    with pytest.raises(InputError, match=r"nothing\.png' cannot be read \(No such file"):
        read_picture_record(tmp_path / "nothing.png")
