from pathlib import Path

import pytest

from tests.trecs.data.captioned import captioned
from trecs import cli


def test_a_missing_matching_model_is_a_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captioned(tmp_path / "data")
    arguments = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "run")]
    code = cli.main(["train", "attngan", "--tiny", *arguments, "--damsm", str(tmp_path / "none")])
    assert code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "trecs train damsm" in error
    assert not (tmp_path / "run").exists()


def test_missing_data_are_a_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    arguments = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "run")]
    assert cli.main(["train", "damsm", "--tiny", *arguments]) == 2
    assert "has a caption or a narrative" in capsys.readouterr().err
