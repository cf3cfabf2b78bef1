"""Imports point one way: segmentation <- retrieval <- trecs <- app."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LAYERS = ("segmentation", "retrieval", "trecs", "app")
SOURCES = [
    path
    for layer in LAYERS[:3]
    for path in sorted((ROOT / layer).rglob("*.py"))
    if "__pycache__" not in path.parts
]


def imported(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    above = {name for name in imported(path) if name.split(".")[0] in LAYERS[layer + 1 :]}
    assert not above


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_over_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_segmentation_knows_nothing_of_networks() -> None:
    for path in (ROOT / "segmentation").glob("*.py"):
        assert not {n.split(".")[0] for n in imported(path)} & {"torch", "faiss", "gradio"}, path
