import re

import pytest

from tests.conftest import ROOT
from trecs.cli import main


def test_the_page_leads_to_what_is_there() -> None:
    page = ROOT / "docs" / "systems.md"
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / link).exists(), link


def test_the_table_in_docs_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["systems"]) == 0
    there = (ROOT / "docs" / "systems.md").read_text("utf-8")
    assert capsys.readouterr().out == there, "run `trecs systems > docs/systems.md`"
