import json
import sys
from pathlib import Path

import pytest

from files.errors import InputError
from tests.conftest import ROOT
from tests.trecs.data.captioned import captioned
from trecs import cli
from trecs.commands.train import models
from trecs.commands.train_queue import Entry, read_queue

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="no tomllib before Python 3.11")
TRAINING = '[[training]]\nmodel = "aligndraw"\nminutes = 3\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "queue.toml"
    path.write_text(text)
    return path


def test_the_committed_queue_trains_systems() -> None:
    out, entries = read_queue(ROOT / "systems.toml", models())
    assert out == Path("runs/systems")
    assert {"aligndraw", "gan_int_cls"} <= {entry.model for entry in entries}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("out = 3", "is no queue"),
        ('out = "x"\n[[training]]\nmodel = "dalle3"\nminutes = 3', "trains 'dalle3'; expected"),
        (f'out = "x"\n{TRAINING}{TRAINING}', "aligndraw twice"),
        (f'out = "x"\n{TRAINING.replace("3", "0")}', "minutes \\(more than 0\\)"),
        (f'out = "x"\n{TRAINING}steps = 3', "'steps': 3"),
        ("out =", "is not TOML"),
    ],
)
def test_what_is_no_queue_is_told(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=complaint):
        read_queue(written(tmp_path, text), models())


def test_arguments_are_given_on(tmp_path: Path) -> None:
    text = f'out = "x"\n{TRAINING}arguments = ["--batch", "5"]'
    (entry,) = read_queue(written(tmp_path, text), models())[1]
    assert entry == Entry("aligndraw", 3.0, ("--batch", "5"))


def test_a_queue_trains_once_and_tells_what_failed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The second has no data to learn from; asked again, the first has had its time."""
    captioned(tmp_path / "data")
    (tmp_path / "nothing").mkdir()
    given = {"aligndraw": tmp_path / "data", "gan_int_cls": tmp_path / "nothing"}
    text = f'out = "{(tmp_path / "out").as_posix()}"\n' + "".join(
        f'[[training]]\nmodel = "{model}"\nminutes = 5\n'
        f'arguments = ["--tiny", "--steps", "1", "--data", "{data.as_posix()}"]\n'
        for model, data in given.items()
    )
    queue = ["train", "--queue", str(written(tmp_path, text))]
    assert cli.main(queue) == 1
    told = capfd.readouterr()
    model = tmp_path / "out" / "aligndraw" / "model"
    assert told.out == f"{model}\n"
    assert "Not trained: gan_int_cls." in told.err
    assert json.loads((tmp_path / "out" / "queue.json").read_text()) == {"aligndraw": 5.0}
    before = (model / "model.safetensors").stat().st_mtime_ns
    assert cli.main(queue) == 1
    assert "aligndraw (1 of 2)" not in capfd.readouterr().err
    assert (model / "model.safetensors").stat().st_mtime_ns == before


def test_nothing_to_train_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train"]) == 2
    assert "Name what to train: tagger" in capsys.readouterr().err
