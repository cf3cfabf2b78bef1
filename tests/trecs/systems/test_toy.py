"""A system written into a folder of its own appears everywhere, without any other change."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import trecs.systems
from tests.trecs.evaluation.tiny_run import SIZE, write_data
from tests.trecs.interface.pages import laid_out, panel
from tests.trecs.test_narrative import spoken
from trecs.cli import main
from trecs.evaluation.systems import chosen
from trecs.interface.panels.comparison.comparison import beside
from trecs.interface.panels.comparison.panel import Comparison
from trecs.narrative import from_text
from trecs.systems import registry
from trecs.systems.interface import Home

CARD = """\
---
title: Toy
paper: "Nobody: Toys (Nowhere 1999)"
year: 1999
sees: [words]
sizes: [8]
licence: mit
system: system:Toy
train:
  function: training:train_toy
  numbers: training:ToyTraining
  steps: 10
  help: a toy
  description: Trains a toy.
  example: --blocks 3
  options: {blocks: {number: how many}, brush: {folder: what paints}}
import:
  function: released:bring
  files: a file of any kind
  example: toy.pth
---
One colour by the seed.
"""
SYSTEM = """
import numpy as np
from trecs.systems.interface import Drawing, System, WordAttention

class Toy(System):
    @classmethod
    def parts(cls, home):
        return (home.part("toy", "Toy"),)

    @classmethod
    def load(cls, home, device):
        cls.parts(home)
        return cls()

    def draw(self, narrative, seed, take=0):
        words = tuple(word.text for word in narrative.words)
        maps = np.random.default_rng(seed).random((len(words), 2, 2), np.float32)
        attention = WordAttention(words, {"layer 1": maps})
        picture = np.full((8, 8, 3), seed % 256, np.uint8)
        return Drawing(picture, attention=attention, notes=("It forgot the rest.",))
"""
RELEASED = """
import numpy as np
from files.weights import save_weights
from trecs.systems.toy.config import ToyConfig

def bring(paths, out):
    import torch
    save_weights(out, "toy", ToyConfig(), {"weight": torch.zeros(len(paths))})
"""
CONFIG = """
from dataclasses import dataclass

@dataclass
class ToyConfig:
    colours: int = 256
"""
TRAINING = """
from dataclasses import asdict, dataclass

@dataclass(frozen=True)
class ToyTraining:
    steps: int = 10
    blocks: int = 1

    @staticmethod
    def tiny():
        return ToyTraining(2)

def train_toy(numbers, dataset, folder, *, seed, minutes, brush=None):
    (folder / "model").mkdir(parents=True)
    (folder / "model" / "told").write_text(f"{asdict(numbers)} {seed} {minutes} {brush}")
"""


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The folder of a toy system among the systems, and a home with its weights."""
    folder = tmp_path / "systems" / "toy"
    folder.mkdir(parents=True)
    files = {"card.md": CARD, "system.py": SYSTEM, "released.py": RELEASED}
    files |= {"config.py": CONFIG, "training.py": TRAINING}
    for name, text in files.items():
        (folder / name).write_text(text)
    places = [*trecs.systems.__path__, str(folder.parent)]
    monkeypatch.setattr(trecs.systems, "__path__", places)
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    (tmp_path / "toy.pth").touch()
    assert main(["weights", "import", "toy", str(tmp_path / "toy.pth")]) == 0
    yield
    for name in [name for name in sys.modules if name.startswith("trecs.systems.toy")]:
        del sys.modules[name]
    vars(trecs.systems).pop("toy", None)


@pytest.fixture
def told(tmp_path: Path) -> Path:
    (tmp_path / "narrative.json").write_text(spoken())
    return tmp_path / "narrative.json"


def test_it_has_its_place_by_its_year() -> None:
    names = registry.names()
    assert names.index("photo") < names.index("toy") < names.index("attngan")
    assert registry.card("toy").offers == ("train", "import")


def test_draw_writes_what_it_has(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["draw", str(told), "--system", "toy", "--out", str(out), "--seed", "7"]
    assert main([*arguments, "--size", "64"]) == 0
    assert capsys.readouterr().err == "trecs: It forgot the rest.\n"
    files = {path.name for path in out.iterdir()}
    assert files == {"image.png", "result.json", "attention"}
    assert (np.asarray(Image.open(out / "image.png")) == 7).all()
    assert Image.open(out / "image.png").size == (64, 64)
    record = json.loads((out / "result.json").read_text())
    assert (record["system"], record["seed"]) == ("toy", 7)
    assert record["notes"] == ["It forgot the rest."]
    overlays = sorted(path.name for path in (out / "attention").iterdir())
    assert overlays[0].startswith("layer1_01_")
    assert overlays[-1] == "sheet.png"


def test_a_system_that_is_not_installed_is_one_line_and_writes_nothing(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "nowhere"))
    out = tmp_path / "out"
    assert main(["draw", str(told), "--system", "toy", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert "No Toy in" in error
    assert "`trecs weights import toy`" in error
    assert "`trecs train toy`" in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_evaluate_draws_with_it(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = write_data(tmp_path / "data", 1), tmp_path / "run"
    arguments = ["--data", str(data), "--out", str(out), "--size", str(SIZE)]
    assert main(["evaluate", *arguments, "--systems", "toy", "--shard", "1/1"]) == 0
    (picture,) = (out / "pictures" / "toy").iterdir()
    assert Image.open(picture).size == (SIZE, SIZE)
    assert "toy" in json.loads((out / "run.json").read_text())["models"]
    assert "toy" in chosen(None, replace(home, data=data))
    with pytest.raises(SystemExit):
        main(["evaluate", "--help"])
    assert "toy (Toy)" in capsys.readouterr().out


def test_train_trains_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = write_data(tmp_path / "data", 1), tmp_path / "run"
    arguments = ["--data", str(data), "--out", str(out), "--tiny", "--seed", "4"]
    assert main(["train", "toy", *arguments, "--blocks", "3", "--brush", "here"]) == 0
    assert capsys.readouterr().out == f"{out / 'model'}\n"
    told = (out / "model" / "told").read_text()
    assert told == "{'steps': 2, 'blocks': 3} 4 None here"


def test_weights_lists_what_it_brought(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "list"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("toy ")]
    assert row.split()[:3] == ["toy", "toy", "1"]


def test_the_page_shows_it(home: Home, tmp_path: Path) -> None:
    studio = home.pipeline("cpu")
    comparison = panel(laid_out(studio, tmp_path), Comparison)
    words = studio(from_text("a dog on the grass"))
    (*_, shown) = comparison.compared(words, 3, ("toy", "retrieval"))
    for name in ("TReCS", "Toy", "Best retrieved scene"):
        assert f'data-system="{name}"' in shown
    assert "Where Toy attends" in shown
    assert "<span>saw words, 8 px</span>" in shown
    assert beside()[0].name == "toy"  # the oldest


def test_the_table_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["systems"]) == 0
    row = "| `toy` | [Toy](../trecs/systems/toy/card.md) | Nobody: Toys (Nowhere 1999) | 1999 | "
    assert row + "words | 8 | train, import | mit |" in capsys.readouterr().out
