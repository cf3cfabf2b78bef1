"""Hostile input from end to end: `trecs draw` and the pipeline, with the bundled models."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from files.errors import InputError
from segmentation.labels import COUNT
from tests.trecs.evaluation.tiny_run import write_data
from tests.trecs.test_narrative import BAD, loose_records, spoken, timed
from trecs import TReCS, narrative
from trecs.cli import main
from trecs.narrative import Narrative
from trecs.narrative.localized import MAX_POINTS
from trecs.result import Result

PARTS = ("tagger", "trace", "encoder", "generator")
WORDS = (
    "there is a dog beside the man on green grass under a blue sky with trees 三 👩‍🚀 <b>".split()
)


@pytest.fixture(scope="module")
def studio(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


def sound(result: Result) -> None:
    """What every result promises, however strange its narrative was."""
    told = result.narrative
    assert result.tags is not None
    assert result.canvas is not None
    assert result.image is not None
    assert len(result.tags.labels) == len(told.words)
    assert np.isfinite(result.tags.probabilities).all()
    assert result.regions
    for region in result.regions:
        assert 0 <= region.label < COUNT
        assert np.isfinite(region.hull).all()
    assert result.canvas.label_map.shape == (64, 64)
    assert (result.canvas.label_map < COUNT).all()  # fully covered
    assert (result.image.shape, result.image.dtype) == ((64, 64, 3), np.uint8)
    json.dumps(result.to_json(), allow_nan=False)


def draw(tmp_path: Path, text: str, *more: str) -> int:
    path = tmp_path / "narrative.json"
    path.write_text(text, errors="surrogatepass")
    return main(["draw", str(path), "--out", str(tmp_path / "out"), "--size", "64", *more])


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], code: int) -> str:
    """Checks for exit code 2, one line and no trace on disk; returns the line."""
    assert code == 2
    error = capsys.readouterr().err
    assert error.startswith("trecs: ")
    assert error.count("\n") == 1
    assert not [path for path in tmp_path.iterdir() if path.name.lstrip(".").startswith("out")]
    return error


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_unusable_narratives(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(tmp_path, capsys, draw(tmp_path, text))


@pytest.mark.parametrize(
    "words",
    [
        "👩‍🚀 🌋",
        "一只 狗",
        "<script>alert(1)</script>",
        "zzxqv",
        "../../etc/passwd",
        "\u202e\u200b",
    ],
)
def test_unknown_words_only(words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refused(tmp_path, capsys, draw(tmp_path, json.dumps({"caption": words})))
    assert "None of these words is known" in line


STRANGE = {
    "emoji, Chinese and HTML between": {
        "caption": "a 👩‍🚀 dog 三 <img src=x onerror=alert(1)> sky"
    },
    "control characters": {"caption": "a\x00dog\x1b[2Jon\x7fgrass\u202e\ud800"},
    "one word": {"caption": "dog"},
    "a thousand words": {"caption": "dog sky " * 500},
    "one point": {
        "timed_caption": timed(("dog", 0, 1)),
        "traces": [[{"x": 0.5, "y": 0.5, "t": 0.5}]],
    },
    "a trace alone": {"caption": "", "traces": [[{"x": 0.5, "y": 0.5, "t": 0.5}]]},
    "a line along the edge": {
        "caption": "",
        "traces": [[{"x": 0, "y": i / 9, "t": i} for i in range(10)]],
    },
    "all at one time": {
        "timed_caption": timed(("dog", 5, 5), ("sky", 5, 5)),
        "traces": [[{"x": 0.2, "y": 0.9, "t": 5}, {"x": 0.8, "y": 0.1, "t": 5}]],
    },
    "a trace long after the words": {
        "timed_caption": timed(("dog", 0, 1)),
        "traces": [[{"x": 0.2, "y": 0.9, "t": 80_000}, {"x": 0.8, "y": 0.1, "t": 86_400}]],
    },
    "half a picture outside": {
        "timed_caption": timed(("dog", 0, 1)),
        "traces": [[{"x": 1.4, "y": -0.4, "t": 0.2}, {"x": 1.5, "y": -0.5, "t": 0.4}]],
    },
    "a hundred strokes of a point": {
        "timed_caption": timed(("dog", 0, 50), ("sky", 50, 100)),
        "traces": [[{"x": i / 100, "y": 0.5, "t": i}] for i in range(100)],
    },
    "a path for an identifier": {"caption": "dog", "image_id": {"path": "/etc/passwd"}},
}


@pytest.mark.parametrize("record", STRANGE.values(), ids=STRANGE.keys())
def test_strange_narratives_become_pictures(record: dict[str, Any], studio: TReCS) -> None:
    sound(studio(narrative.loads(json.dumps(record)), size=64))


def test_a_hundred_thousand_points_become_a_picture(studio: TReCS) -> None:
    turn = np.linspace(0, 60, MAX_POINTS)
    stroke = np.stack([0.5 + 0.3 * np.cos(turn), 0.5 + 0.3 * np.sin(turn), turn / 30], 1)
    words = narrative.loads(json.dumps(STRANGE["all at one time"])).words
    sound(studio(Narrative(words, (stroke,)), size=64))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loose_records)
def test_any_record_becomes_a_picture_or_an_input_error(
    studio: TReCS, record: dict[str, Any]
) -> None:
    try:
        result = studio(narrative.loads(json.dumps(record)), size=64)
    except InputError:
        return
    sound(result)


@st.composite
def told(draw: st.DrawFn) -> Narrative:
    """Sound narratives with strange geometry and clocks."""
    clock = sorted(draw(st.lists(st.floats(0, 20), min_size=2, max_size=12)))
    words = draw(st.lists(st.sampled_from(WORDS), max_size=len(clock) - 1))
    spoken = timed(*zip(words, clock[:-1], clock[1:], strict=False))
    place = st.floats(-0.5, 1.5) | st.sampled_from([0.0, 0.5, 1.0])
    strokes = draw(st.lists(st.lists(st.tuples(place, place), min_size=1, max_size=6), max_size=4))
    traces = []
    for points in strokes:
        times = sorted(draw(st.lists(st.floats(0, 25), min_size=len(points), max_size=len(points))))
        traces.append([{"x": x, "y": y, "t": t} for (x, y), t in zip(points, times, strict=True)])
    if not spoken and not traces:
        spoken = timed(("dog", 0.0, 1.0))
    return narrative.loads(json.dumps({"timed_caption": spoken, "caption": "", "traces": traces}))


@settings(max_examples=40)
@given(told=told(), seed=st.integers(0, 2**32 - 1))
def test_any_geometry_and_clock_become_a_picture(studio: TReCS, told: Narrative, seed: int) -> None:
    try:
        result = studio(told, seed, size=64)
    except InputError:  # none of the words is known
        assert not {word.text for word in told.words} & {"dog", "man", "grass", "sky", "trees"}
        return
    sound(result)


def missing(part: Path) -> None:
    shutil.rmtree(part)


def truncated(part: Path) -> None:
    path = part / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty_weights(part: Path) -> None:
    (part / "model.safetensors").write_bytes(b"")


def no_weights(part: Path) -> None:
    (part / "model.safetensors").unlink()


def foreign(part: Path) -> None:
    (part / "config.json").write_text('{"model_type": "bert", "hidden_size": 768}')


def foreign_kind(part: Path) -> None:
    (part / "config.json").write_text('{"kind": "something", "format": 1}')


def strange_numbers(part: Path) -> None:
    record = json.loads((part / "config.json").read_text())
    (part / "config.json").write_text(json.dumps({**record, "unknown": 1}))


def no_json(part: Path) -> None:
    (part / "config.json").write_bytes(b"\x80\x04\x95pickle")


def a_file(part: Path) -> None:
    shutil.rmtree(part)
    part.write_text("")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "damage",
    [
        missing,
        truncated,
        empty_weights,
        no_weights,
        foreign,
        foreign_kind,
        strange_numbers,
        no_json,
        a_file,
    ],
)
def test_unusable_checkpoints(
    part: str,
    damage: Callable[[Path], None],
    checkpoints: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    for other in checkpoints.iterdir():
        if other.name != part:
            (folder / other.name).symlink_to(other)
    shutil.copytree(checkpoints / part, folder / part)
    damage(folder / part)
    code = draw(tmp_path, spoken(), "--checkpoint", str(folder))
    assert str(folder) in refused(tmp_path, capsys, code)


def test_a_photo_cut_off_ends_a_training_with_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_data(tmp_path / "data", 8)
    (data / "narratives" / "dev.jsonl").unlink()  # which would hold its photos back
    photo = data / "coco" / "images" / "000000000003.jpg"
    photo.write_bytes(photo.read_bytes()[:3000])
    out = str(tmp_path / "out")
    code = main(["train", "segmenter", "--tiny", "--data", str(data), "--out", out])
    assert f"The photo '{photo}' cannot be read" in refused(tmp_path, capsys, code)


@pytest.mark.parametrize("option", ["--checkpoint", "--library"])
def test_a_folder_that_is_none_or_something_else(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (tmp_path / "nowhere", tmp_path, Path(__file__)):
        code = draw(tmp_path, spoken(), option, str(folder))
        assert str(folder) in refused(tmp_path, capsys, code)


def test_another_generator_is_looked_for_in_the_checkpoint_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("nothing", "../generator", "/etc", ".."):
        line = refused(tmp_path, capsys, draw(tmp_path, spoken(), "--generator", name))
        assert f"No generator '{name}'" in line


def test_a_damaged_library_is_refused(
    checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every file of it in turn cut in half, emptied, replaced and removed."""
    whole = checkpoints / "library"
    for name in sorted(p.name for p in whole.iterdir() if p.name != "README.md"):
        content = (whole / name).read_bytes()
        for damaged in (content[: len(content) // 2], b"", b"\x80\x04\x95pickle", None):
            if damaged is None and name == "typical.npy":
                continue  # older libraries have none: their masks are judged when they are used
            folder = tmp_path / "library"
            folder.mkdir()
            for other in whole.iterdir():
                if other.name != name:
                    (folder / other.name).symlink_to(other)
            if damaged is not None:
                (folder / name).write_bytes(damaged)
            code = draw(tmp_path, spoken(), "--library", str(folder))
            assert str(folder) in refused(tmp_path, capsys, code), name
            shutil.rmtree(folder)
