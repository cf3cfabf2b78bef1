"""The notebook of the docs runs from top to bottom as it stands there."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs" / "trecs.ipynb"


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(NOTEBOOK.read_text("utf-8"))
    return read


def test_it_is_one_that_jupyter_opens_with_nothing_of_a_machine_in_it(notebook: dict[str, Any]):
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)
    for cell in notebook["cells"]:
        keys = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            keys |= {"outputs", "execution_count"}
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
        assert cell.keys() == keys
        assert cell["metadata"] == {}
    assert not re.search(r"(/home/|/root|/work|/Users/|[A-Z]:\\)", NOTEBOOK.read_text("utf-8"))


def test_it_runs(
    notebook: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)

    assert names["said"].image.shape == names["image"].shape == (256, 256, 3)
    assert names["probabilities"].shape == (8, 182)
    assert np.allclose(names["probabilities"].sum(1), 1, atol=1e-3)
    assert names["scene_maps"].shape == (5, 64, 64)
    result = names["result"]
    assert {names["NAMES"][label] for label in result.region_labels} >= {"dog", "grass"}
    assert names["masks"].shape == (len(result.regions), 256, 256)
    assert not np.array_equal(names["bound"].image, result.image)
    assert (names["changed"].canvas.label_map[:60, :100] == names["value_of"]("tree")).all()
    traced, alone = (names["measured"][name][0] for name in ("words and trace", "words alone"))
    assert traced > alone
    printed = capsys.readouterr().out
    for name, array in result.arrays().items():
        assert f"{name:18s} {array.dtype!s:8s} {array.shape}" in printed
    assert not list(tmp_path.iterdir())
