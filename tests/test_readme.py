"""What the README and docs/using.md say in Python runs as it stands there."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("told", "drawing"), [("README.md", "drawing"), ("docs/using.md", "decided")]
)
def test_the_snippets_run(
    told: str, drawing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snippets = re.findall(r"```python\n(.*?)```", (ROOT / told).read_text("utf-8"), re.DOTALL)
    (tmp_path / "trecs").symlink_to(ROOT / "trecs")  # its examples are read from there
    monkeypatch.chdir(tmp_path)
    exec("".join(code for code in snippets if "gradio_client" not in code), {})
    assert (tmp_path / drawing / "image.png").is_file()
