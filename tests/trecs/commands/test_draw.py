import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.labels import COUNT, NAMES, value_of
from tests.trecs.systems.cigan.tiny import install
from tests.trecs.test_narrative import spoken, timed
from trecs.cli import main

FILES = {"image.png", "label_map.png", "instance_map.png", "canvas.png", "result.json"}


@pytest.fixture
def told(tmp_path: Path) -> Path:
    path = tmp_path / "narrative.json"
    path.write_text(spoken())
    return path


def draw(told: Path, out: Path, *more: str) -> int:
    return main(["draw", str(told), "--out", str(out), *more])


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_writes_the_picture_and_every_intermediate(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert draw(told, out, "--seed", "5") == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert {path.name for path in out.iterdir()} >= FILES
    labels = pixels(out / "label_map.png")
    assert (labels.shape, labels.dtype) == ((256, 256), np.uint8)
    assert (labels < COUNT).all()
    assert pixels(out / "instance_map.png").shape == (256, 256)
    assert pixels(out / "image.png").shape == (256, 256, 3)
    with Image.open(out / "canvas.png") as canvas:
        assert canvas.mode == "P"
        assert np.array_equal(np.asarray(canvas), labels)
    result = json.loads((out / "result.json").read_text())
    assert result["seed"] == 5
    assert {"tags", "regions", "placements", "seconds", "versions"} <= result.keys()
    assert len(result["tags"]) == 4
    assert all(tag["label"] in NAMES for tag in result["tags"])


def test_three_dogs_are_three_instances(told: Path, tmp_path: Path) -> None:
    """Of one region, whose placement lists their masks."""
    corners = [(0.05, 0.55), (0.95, 0.55), (0.95, 0.85), (0.05, 0.85), (0.05, 0.55)]
    stroke = [{"x": x, "y": y, "t": 0.4 * i} for i, (x, y) in enumerate(corners)]
    words = [("three", 0, 1), ("dogs", 1, 2)]
    record = {"caption": "three dogs", "timed_caption": timed(*words), "traces": [stroke]}
    told.write_text(json.dumps(record))
    assert draw(told, tmp_path / "out", "--size", "128") == 0
    labels = pixels(tmp_path / "out" / "label_map.png")
    instances = pixels(tmp_path / "out" / "instance_map.png")
    assert np.unique(instances).tolist() == [0, 1, 2, 3]
    assert (labels[instances > 0] == value_of("dog")).all()
    centres = sorted(float(np.nonzero(instances == i)[1].mean()) / 128 for i in (1, 2, 3))
    assert centres == pytest.approx([0.2, 0.5, 0.8], abs=0.06)
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert len(result["regions"]) == len(result["placements"]) == 1
    assert len(result["placements"][0]["masks"]) == 3


def test_bindings_of_the_file_are_honoured(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    narrative = json.loads(told.read_text())
    count = len(narrative["traces"])
    narrative["trecs_bindings"] = [{"stroke": i, "word": 0} for i in range(count)]
    told.write_text(json.dumps(narrative))
    assert draw(told, tmp_path / "out", "--size", "64") == 0
    regions = json.loads((tmp_path / "out" / "result.json").read_text())["regions"]
    assert regions[0]["words"][0] == 0
    assert regions[0]["strokes"] == list(range(count))
    narrative["trecs_bindings"] = [{"stroke": count, "word": 0}]
    told.write_text(json.dumps(narrative))
    assert draw(told, tmp_path / "again", "--size", "64") == 2
    assert f"Stroke {count} is bound to word 0" in capsys.readouterr().err


def test_a_picture_is_drawn_again(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    assert draw(told, first, "--size", "64", "--seed", "5") == 0
    assert draw(first / "image.png", again, "--size", "64") == 0
    for name in ("image.png", "label_map.png", "instance_map.png"):
        assert np.array_equal(pixels(again / name), pixels(first / name))
    assert json.loads((again / "result.json").read_text())["seeds"] == {"canvas": 5, "picture": 5}
    assert draw(first / "image.png", other, "--size", "64", "--system", "retrieval") == 0
    capsys.readouterr()
    assert draw(first / "canvas.png", other) == 2
    assert "canvas.png' carries no narrative. Give one that" in capsys.readouterr().err


def test_colours_are_drawn_as_they_were_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "bus.json"
    told.write_text(json.dumps({"caption": "a red bus on a road"}))
    given = ("--colour", "bus=#1e8c3a", "--colour", "5=")
    assert draw(told, tmp_path / "green", "--size", "64", *given) == 0
    assert draw(told, tmp_path / "red", "--size", "64") == 0
    colours = []
    for name in ("green", "red"):
        regions = json.loads((tmp_path / name / "result.json").read_text())["regions"]
        colours.append({region["label"]: region["colours"] for region in regions})
    assert colours[0] == {"bus": ["#1e8c3a"], "road": []}
    labels = pixels(tmp_path / "green" / "label_map.png")
    assert np.array_equal(labels, pixels(tmp_path / "red" / "label_map.png"))
    bus = labels == value_of("bus")
    green, red = (
        pixels(tmp_path / name / "image.png")[bus].astype(int).mean(0) for name in ("green", "red")
    )
    assert green[1] > green[0] + 20
    assert red[0] > red[1] + 20
    assert draw(tmp_path / "green" / "image.png", tmp_path / "again", "--size", "64") == 0
    again = pixels(tmp_path / "again" / "image.png")
    assert np.array_equal(again, pixels(tmp_path / "green" / "image.png"))
    for wrong, message in (("bus", "is not WORD=COLOUR"), ("cow=red", "No word is 'cow'")):
        assert draw(told, tmp_path / "wrong", "--colour", wrong) == 2
        assert message in capsys.readouterr().err


def test_a_region_has_a_seed_of_its_own_and_the_picture_remembers_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "bus.json"
    told.write_text(json.dumps({"caption": "a bus on a road"}))
    drawn = {}
    for name, given in (("plain", ()), ("other", ("--region-seed", "bus=9"))):
        assert draw(told, tmp_path / name, "--size", "128", *given) == 0
        drawn[name] = pixels(tmp_path / name / "image.png").astype(int)
    bus = pixels(tmp_path / "plain" / "label_map.png") == value_of("bus")
    changed = np.abs(drawn["plain"] - drawn["other"]).mean(2)
    assert changed[bus].mean() > 5 * changed[~bus].mean() > 0
    regions = json.loads((tmp_path / "other" / "result.json").read_text())["regions"]
    assert {region["label"]: region["seed"] for region in regions} == {"bus": 9, "road": None}

    picture = tmp_path / "other" / "image.png"
    assert draw(picture, tmp_path / "again", "--size", "128") == 0
    assert np.array_equal(pixels(tmp_path / "again" / "image.png"), drawn["other"])
    assert draw(picture, tmp_path / "back", "--size", "128", "--region-seed", "1=") == 0
    assert np.array_equal(pixels(tmp_path / "back" / "image.png"), drawn["plain"])
    capsys.readouterr()
    assert draw(picture, tmp_path / "gan", "--size", "64", "--system", "attngan") == 0
    assert "attngan draws no region apart" in capsys.readouterr().err
    for wrong, message in (("bus", "is not WORD=SEED"), ("bus=x", "no whole number")):
        assert draw(told, tmp_path / "wrong", "--region-seed", wrong) == 2
        assert message in capsys.readouterr().err


def test_the_seed_decides(told: Path, tmp_path: Path) -> None:
    pictures = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert draw(told, tmp_path / name, "--size", "64", "--seed", seed) == 0
        pictures.append(pixels(tmp_path / name / "image.png"))
    assert pictures[0].shape == (64, 64, 3)
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], pictures[2])


def test_no_trace_leaves_the_trace_to_the_predictor(told: Path, tmp_path: Path) -> None:
    assert draw(told, tmp_path / "out", "--size", "64", "--no-trace") == 0
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["regions"]
    assert all(region["predicted"] for region in result["regions"])


def test_another_system_writes_what_it_has(told: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert draw(told, out, "--size", "64", "--system", "retrieval", "--seed", "2") == 0
    assert {path.name for path in out.iterdir()} == FILES
    result = json.loads((out / "result.json").read_text())
    assert (result["system"], result["seed"]) == ("retrieval", 2)
    assert result["seeds"] == {"canvas": 2, "picture": 2}
    assert result["painted"] == 0
    assert result["labels"]
    assert pixels(out / "image.png").shape == (64, 64, 3)


def test_a_picture_is_edited_by_the_words(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way there is shown from what the picture's own code is drawn as."""
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    install(tmp_path / "weights" / "cigan")
    told.write_text(json.dumps({"caption": "a red dog", "timed_caption": [], "traces": []}))
    photo, out = tmp_path / "photo.png", tmp_path / "out"
    for colour in ("orange", "navy"):
        Image.new("RGB", (90, 70), colour).save(photo)
        bare = ("--checkpoint", str(tmp_path), "--system", "cigan")
        assert draw(told, out / colour, "--size", "64", "--edit", str(photo), *bare) == 0
    assert {path.name for path in (out / "navy").iterdir()} == {
        *("image.png", "growing.gif", "result.json")
    }
    result = json.loads((out / "navy" / "result.json").read_text())
    assert (result["system"], result["edited"]) == ("cigan", "photo.png")
    orange, navy = (pixels(out / colour / "image.png") for colour in ("orange", "navy"))
    assert orange.shape == (64, 64, 3)
    assert not np.array_equal(orange, navy)


@pytest.mark.parametrize("content", [None, b"", b"no picture", Path()], ids=repr)
def test_what_is_no_picture_is_not_edited(
    told: Path, tmp_path: Path, content: bytes | Path | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is missing, empty or of text, and a folder."""
    photo = tmp_path / "photo.png"
    if isinstance(content, Path):
        photo.mkdir()
    elif content is not None:
        photo.write_bytes(content)
    assert draw(told, tmp_path / "out", "--edit", str(photo), "--system", "cigan") == 2
    error = capsys.readouterr().err
    assert error.startswith("trecs: ")
    assert "photo.png" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_who_edits_nothing_says_who_does(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (64, 64)).save(photo)
    assert draw(told, tmp_path / "out", "--edit", str(photo), "--system", "retrieval") == 2
    assert "retrieval does not; expected cigan." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_usual_system_is_trecs(told: Path, tmp_path: Path) -> None:
    assert draw(told, tmp_path / "a", "--size", "64") == 0
    assert draw(told, tmp_path / "b", "--size", "64", "--system", "traced") == 0
    for name in FILES - {"result.json"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    told_alone = json.loads((tmp_path / "a" / "result.json").read_text())
    assert told_alone["regions"]


def test_other_files_in_the_folder_stay(told: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    (out / "image.png").write_text("old")
    assert draw(told, out, "--size", "64") == 0
    assert (out / "notes.txt").read_text() == "mine"
    assert pixels(out / "image.png").shape == (64, 64, 3)
    assert {path.name for path in tmp_path.iterdir()} == {"narrative.json", "out"}


def test_a_place_that_cannot_be_written_is_refused_before_any_work(
    told: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert draw(told, told / "out", "--checkpoint", "nowhere") == 2
    assert "is a file" in capsys.readouterr().err
