"""`--generator collage` of the commands that render."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from files.weights import BUNDLED
from retrieval.encoder import DualEncoder
from tests.trecs.synthesis.collage.scenes import DOG, GRASS, RED, labels, write
from trecs.cli import main


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return write(tmp_path / "library", DualEncoder.load(BUNDLED / "encoder")).folder


@pytest.fixture
def label_map(tmp_path: Path) -> Path:
    path = tmp_path / "label_map.png"
    Image.fromarray(labels(20, 50)).save(path)
    return path


def render(label_map: Path, *more: str) -> int:
    out = label_map.with_name("image.png")
    return main(["render", str(label_map), "--out", str(out), "--generator", "collage", *more])


def test_render_pastes_a_librarys_photos(label_map: Path, library: Path) -> None:
    assert render(label_map, "--library", str(library)) == 0
    image = np.asarray(Image.open(label_map.with_name("image.png"))).astype(int)
    assert image.shape == (256, 256, 3)
    dog = image[120:180, 70:120]
    assert (np.abs(dog - RED).max(-1) < 90).mean() > 0.8


def test_render_takes_ones_own_library_where_the_bundled_one_has_no_photos(
    label_map: Path, library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    assert library == tmp_path / "library"
    assert render(label_map) == 0


def test_no_photos_are_told_in_a_line(
    label_map: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "none"))
    assert render(label_map) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert "`trecs library build --photos DIR`" in complaint
    assert not label_map.with_name("image.png").exists()


def test_draw_makes_a_collage_of_the_masks_that_it_chose(library: Path, tmp_path: Path) -> None:
    narrative = tmp_path / "narrative.json"
    narrative.write_text(
        '{"caption": "a dog on the grass", "timed_caption": [], "traces": []}', "utf-8"
    )
    out = tmp_path / "drawing"
    given = ("--library", str(library), "--generator", "collage")
    assert main(["draw", str(narrative), "--out", str(out), *given]) == 0
    image = np.asarray(Image.open(out / "image.png")).astype(int)
    painted = np.asarray(Image.open(out / "label_map.png"))
    assert {DOG, GRASS} <= set(np.unique(painted).tolist())
    assert (np.abs(image[painted == DOG] - RED).max(-1) < 90).mean() > 0.6
