"""`trecs draw --layers`, and `trecs render` of what was edited."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from segmentation.canvas import read_instance_map, read_label_map
from segmentation.labels import value_of
from tests.trecs.test_narrative import spoken
from trecs import read_layers
from trecs.cli import main

SMALL = ("--size", "64")


@pytest.fixture
def told(tmp_path: Path) -> Path:
    path = tmp_path / "narrative.json"
    path.write_text(spoken())
    return path


def test_layers_are_drawn_edited_and_rendered(told: Path, tmp_path: Path) -> None:
    names = ("a.psd", "a.ora", "coco.json", "a.png", "a.svg")
    asked = [part for name in names for part in ("--layers", str(tmp_path / name))]
    assert main(["draw", str(told), "--out", str(tmp_path / "out"), *SMALL, *asked]) == 0
    label_map = read_label_map(tmp_path / "out" / "label_map.png")
    instances = read_instance_map(tmp_path / "out" / "instance_map.png", label_map.shape)
    for name in (*names[:4], "a.json"):
        found = read_layers(tmp_path / name)
        assert np.array_equal(found.label_map, label_map)
        assert np.array_equal(found.instance_map, instances)
    assert (tmp_path / "a.svg").read_text().count("<polyline") == len(
        json.loads(told.read_text())["traces"]
    )
    out = tmp_path / "again.png"
    assert main(["render", str(tmp_path / "a.ora"), "--out", str(out)]) == 0
    maps = tmp_path / "out"
    asked = ["--instances", str(maps / "instance_map.png"), "--out", str(tmp_path / "maps.png")]
    assert main(["render", str(maps / "label_map.png"), *asked]) == 0
    drawn = np.asarray(Image.open(tmp_path / "maps.png"))
    assert np.array_equal(np.asarray(Image.open(out)), drawn)

    psd = PSDImage.open(tmp_path / "a.psd")
    (dog,) = (one for one in psd.descendants() if one.name.startswith("dog"))
    dog.name = "cow"
    psd.save(tmp_path / "edited.psd")
    assert value_of("cow") in read_layers(tmp_path / "edited.psd").label_map
    assert main(["render", str(tmp_path / "edited.psd"), "--out", str(out)]) == 0
    assert not np.array_equal(np.asarray(Image.open(out)), drawn)


def test_bad_layers_are_told_before_anything_is_drawn(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["draw", str(told), "--out", str(out), "--layers", str(tmp_path / "a.xcf")]) == 2
    assert "none of the formats for layers" in capsys.readouterr().err
    assert not out.exists()
    asked = ["--layers", str(tmp_path / "a.json"), "--layers", str(tmp_path / "a.png")]
    assert main(["draw", str(told), "--out", str(out), *SMALL, *asked]) == 2
    assert "Two of --layers would write" in capsys.readouterr().err
    assert not out.exists()
    (tmp_path / "broken.psd").write_bytes(b"8BPS\0\1")
    assert main(["render", str(tmp_path / "broken.psd"), "--out", str(tmp_path / "b.png")]) == 2
    assert "'broken.psd' is cut off or damaged" in capsys.readouterr().err


def test_a_system_without_a_canvas_has_no_layers(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--system", "attngan", "--layers", str(tmp_path / "a.psd")]
    assert main(["draw", str(told), "--out", str(tmp_path / "out"), *SMALL, *asked]) == 2
    refusal = capsys.readouterr().err
    assert "attngan does not; expected retrieval or collage or diffusers or traced" in refusal
    asked = ["--edit", str(tmp_path / "any.png"), "--layers", str(tmp_path / "a.psd")]
    assert main(["draw", str(told), "--out", str(tmp_path / "out"), *asked]) == 2
    assert "--layers wants a canvas, and --edit makes none" in capsys.readouterr().err
    assert not (tmp_path / "a.psd").exists()
    assert not (tmp_path / "out").exists()
