"""What the README says in Python runs as it stands there."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_the_snippets_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    snippets = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "trecs").symlink_to(ROOT / "trecs")  # its examples are read from there
    monkeypatch.chdir(tmp_path)
    exec("".join(code for code in snippets if "gradio_client" not in code), {})
    for drawing in ("drawing", "decided"):
        assert (tmp_path / drawing / "image.png").is_file()
