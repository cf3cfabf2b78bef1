from dataclasses import fields
from pathlib import Path

import pytest

from tests.trecs.data.captioned import captioned
from tests.trecs.learning.tiny_trainings import _narratives
from trecs.cli import main
from trecs.commands.trainable import Stages, Trainable, _found
from trecs.commands.trainings import TRAININGS

EACH = [stage for one in TRAININGS for stage in (one.stages if isinstance(one, Stages) else (one,))]


@pytest.mark.parametrize("training", EACH, ids=lambda one: one.train)
def test_what_the_table_names_is_there(training: Trainable) -> None:
    numbers = _found(training.numbers)
    assert training.steps == numbers().steps
    own = {field.name for field in fields(numbers)}
    others = {option.key for option in training.options} - own
    assert others | {"seed", "minutes"} <= set(_found(training.train).__annotations__)


def test_a_tagger_that_is_stopped_early_tells_the_folder_of_the_model_in_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _narratives(tmp_path / "data").folder
    out = tmp_path / "run"
    command = ["train", "tagger", "--data", str(data), "--out", str(out)]
    main([*command, "--tiny", "--minutes", "0.000001"])
    assert capsys.readouterr().out == f"{out / 'teacher0' / 'model'}\n"
    main([*command, "--tiny"])
    assert capsys.readouterr().out == f"{out / 'model'}\n"


def test_a_training_that_has_no_model_yet_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captioned(tmp_path / "data")
    out = tmp_path / "run"
    command = ["train", "ppgn", "--data", str(tmp_path / "data"), "--out", str(out), "--tiny"]
    assert main([*command, "--minutes", "0.000001"]) == 2
    assert f"'{out}' has no model yet" in capsys.readouterr().err
    assert main(command) == 0
    assert capsys.readouterr().out == f"{out / 'model'}\n"
