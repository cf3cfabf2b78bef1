"""`--generator diffusers` of the commands that render."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.canvas import label_png
from segmentation.labels import value_of
from tests.trecs.synthesis.diffusion.tiny import save_pair
from trecs.cli import main
from trecs.narrative import dumps, from_text


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    model, controlnet = save_pair(tmp_path_factory.mktemp("pair"))
    named = ("--model", model, "--controlnet", controlnet)
    return ("--generator", "diffusers", *named, "--steps", "2")


@pytest.fixture
def label_map(tmp_path: Path) -> Path:
    path = tmp_path / "labels.png"
    path.write_bytes(label_png(np.full((64, 64), value_of("grass"), np.uint8)))
    return path


@pytest.fixture
def narrative(tmp_path: Path) -> Path:
    path = tmp_path / "told.json"
    path.write_text(dumps(from_text("a bus on the road")))
    return path


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_render_draws_a_label_map(label_map: Path, given: tuple[str, ...], tmp_path: Path) -> None:
    def rendered(name: str, *more: str) -> np.ndarray:
        out = tmp_path / f"{name}.png"
        assert main(["render", str(label_map), "--out", str(out), *given, *more]) == 0
        return pixels(out)

    one, again, other = rendered("1"), rendered("2"), rendered("3", "--seed", "1")
    assert one.shape == (256, 256, 3)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, rendered("4", "--strength", "0.5"))
    assert not np.array_equal(one, rendered("5", "--guidance", "3"))


def test_draw_paints_the_canvas_that_it_composed(
    narrative: Path, given: tuple[str, ...], tmp_path: Path
) -> None:
    def drawn(name: str, *more: str) -> Path:
        out = tmp_path / name
        size = ("--size", "64")
        assert main(["draw", str(narrative), "--out", str(out), *size, *given, *more]) == 0
        return out

    one, ours = drawn("1"), drawn("2", "--generator", "generator")
    assert np.array_equal(pixels(one / "label_map.png"), pixels(ours / "label_map.png"))
    assert not np.array_equal(pixels(one / "image.png"), pixels(ours / "image.png"))
    system = drawn("3", "--system", "diffusers", "--generator", "generator")
    assert np.array_equal(pixels(one / "image.png"), pixels(system / "image.png"))
    seeded = json.loads((drawn("4", "--region-seed", "bus=3") / "result.json").read_text())
    assert "draws no region apart" in " ".join(seeded["notes"])


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--model", "/not/there"), "no folder '/not/there' for --model"),
        (("--strength", "2"), "strength 2.0 is not above 0"),
        (("--strength", "0.2"), "expected more steps, or a strength of at least 0.5"),
        (("--steps", "0"), "not a whole number from 1"),
    ],
)
def test_bad_input_is_told_in_one_line(
    more: tuple[str, ...],
    told: str,
    label_map: Path,
    given: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.png"
    try:
        code = main(["render", str(label_map), "--out", str(out), *given, *more])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    assert code == 2
    assert told in capsys.readouterr().err
    assert not out.exists()
