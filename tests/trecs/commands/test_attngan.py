from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trecs.systems.attngan.tiny import tiny_attngan, tiny_networks, write_released
from trecs.cli import main
from trecs.systems.parts.overlays import overlay


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A checkpoint folder with a tiny AttnGAN."""
    tiny_attngan().save(tmp_path / "checkpoint" / "attngan")
    return tmp_path / "checkpoint"


def draw(caption: str, out: Path, checkpoint: Path, *more: str) -> int:
    return main(["attngan", caption, "--out", str(out), "--checkpoint", str(checkpoint), *more])


def test_a_caption_is_drawn(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "image.png"
    assert draw("a red zebra", out, checkpoint, "--seed", "3") == 0
    expected = tiny_attngan().draw("a red", seed=3).picture
    assert np.array_equal(np.asarray(Image.open(out)), expected)
    assert capsys.readouterr() == (f"{out}\n", "trecs: unknown, not drawn: zebra\n")


def test_the_parts_own_folder_will_do(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "image.png"
    assert draw("the dog runs on the red grass", out, checkpoint / "attngan") == 0
    assert capsys.readouterr().err == "trecs: too many, not drawn: grass\n"


def test_attention_is_laid_over_the_picture(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "attention"
    assert draw("a dog", tmp_path / "image.png", checkpoint, "--attention", str(folder)) == 0
    names = [f"stage{s}_{n}.png" for s in (2, 3) for n in ("01_a", "02_dog")]
    assert sorted(path.name for path in folder.iterdir()) == ["sheet.png", *names]
    drawn = tiny_attngan().draw("a dog")
    expected = overlay(drawn.picture, drawn.attention[3][1])
    assert np.array_equal(np.asarray(Image.open(folder / "stage3_02_dog.png")), expected)
    assert Image.open(folder / "sheet.png").width > 5 * 256


def test_imported_weights_are_found(
    home: Path, checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    released = [str(path) for path in write_released(tmp_path / "released", tiny_networks())]
    assert main(["weights", "import", "attngan", *released]) == 0
    assert capsys.readouterr().out == f"{home / 'weights' / 'attngan'}\n"
    (tmp_path / "empty").mkdir()
    assert draw("a dog", tmp_path / "image.png", tmp_path / "empty") == 0
    picture = np.asarray(Image.open(tmp_path / "image.png"))
    assert np.array_equal(picture, tiny_attngan().draw("a dog").picture)
    capsys.readouterr()
    assert main(["weights", "list"]) == 0
    rows = [row.split() for row in capsys.readouterr().out.splitlines()]
    folder = str(home / "weights" / "attngan")
    [(name, kind, *_, licence, _)] = [row for row in rows if row[-1] == folder]
    assert (name, kind, licence) == ("attngan", "attngan", "mit")


def test_damaged_imports_are_one_line_and_leave_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    released = write_released(tmp_path / "released", tiny_networks())
    released[1].write_bytes(released[1].read_bytes()[:999])
    for model in ("attngan", "damsm"):
        assert main(["weights", "import", model, *map(str, released)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert not list(home.rglob("*.safetensors"))


def test_without_an_attngan_one_line_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert draw("a dog", tmp_path / "image.png", tmp_path) == 2
    error = capsys.readouterr().err
    assert error.startswith("trecs: No AttnGAN in")
    assert "trecs weights import attngan" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("caption", ["", "zebras\nonly", "\x1b[31m"])
def test_a_caption_without_a_known_word_is_one_line(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caption: str
) -> None:
    out, folder = tmp_path / "image.png", tmp_path / "attention"
    assert draw(caption, out, checkpoint, "--attention", str(folder)) == 2
    error = capsys.readouterr().err
    assert "knows no word" in error
    assert error.count("\n") == 1
    assert "\x1b" not in error
    assert not out.exists()
    assert not folder.exists()


def test_places_that_cannot_be_written_are_refused_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert draw("a dog", tmp_path, tmp_path / "nowhere") == 2
    assert "is a folder" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    more = ("--attention", str(tmp_path / "file"))
    assert draw("a dog", tmp_path / "image.png", tmp_path / "nowhere", *more) == 2
    assert "is a file" in capsys.readouterr().err
