import pytest

from tests.conftest import ROOT
from trecs.cli import main


def test_the_table_in_docs_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["systems"]) == 0
    there = (ROOT / "docs" / "systems.md").read_text("utf-8")
    assert capsys.readouterr().out == there, "run `trecs systems > docs/systems.md`"
