"""Imports point one way, through every folder, from the first line below to the last.

    files <- segmentation <- retrieval <- trecs <- app

and inside `trecs`, where a room may also use the rooms of its own line that stand before it:

    text <- narrative, hub, installed, device, speech <- trunks <- learning <- data
         <- tagging <- alignment <- prediction <- scenes <- synthesis       (the paper's stages)
         <- picture_record, exchange, retrieved, arrays, result, recomposing,
            painting, pipeline                                             (its figure 2)
         <- systems <- evaluation <- interface <- commands <- cli

Within a room a folder may be used by what stands beside it or by itself use it, not both; nothing
that `systems/parts` holds knows a system, no system knows another, and whoever else wants one asks
the registry. The spine's other use of `trecs` itself is its version.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

LAYERS = ("files", "segmentation", "retrieval", "trecs", "app")
ROOMS = (
    *("text", "narrative", "hub", "installed", "device", "speech", "trunks", "learning", "data"),
    *("tagging", "alignment", "prediction", "scenes", "synthesis"),
    *(
        "picture_record",
        "exchange",
        "retrieved",
        "arrays",
        "result",
        "recomposing",
        "painting",
        "pipeline",
        "systems",
        "evaluation",
        "interface",
        "commands",
        "cli",
        "__main__",
    ),
)
SOURCES = [
    path
    for layer in LAYERS[:-1]
    for path in sorted((ROOT / layer).rglob("*.py"))
    if "__pycache__" not in path.parts
]
WRITTEN = [
    *(ROOT / name for name in ("app.py", "Makefile")),
    *(
        path
        for folder in (*LAYERS[:-1], "benchmarks", "scripts", "tests")
        for kind in ("py", "js", "css", "sh")
        for path in sorted((ROOT / folder).rglob(f"*.{kind}"))
    ),
]
LONG = {
    "tests/trecs/data/test_prepare.py": "tells one download and what comes of each of its files",
    "tests/trecs/synthesis/painter/test_latent_making.py": "asks everything of the same two passes",
}
"""The files of over 300 lines, each with its reason."""
each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def name_of(path: Path) -> str:
    """A module's full name; a folder's for its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path) for path in SOURCES}


@cache
def imported(path: Path) -> frozenset[str]:
    """The full names of all modules that a file imports, also within functions."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module or ""


@each_source
def test_a_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    above = {name for name in imported(path) if name.split(".")[0] in LAYERS[layer + 1 :]}
    assert not above


def test_every_room_has_its_place() -> None:
    there = {path.stem for path in (ROOT / "trecs").iterdir() if path.suffix in ("", ".py")}
    assert there - {"__init__", "__pycache__"} == set(ROOMS)


@each_source
def test_no_arrow_points_up_inside_trecs(path: Path) -> None:
    name = name_of(path)
    if not name.startswith("trecs."):
        return
    room = ROOMS.index(name.split(".")[1])
    above = {
        other
        for other in imported(path)
        if other.startswith("trecs.") and other.split(".")[1] in ROOMS[room + 1 :]
    }
    assert not above


def test_no_folders_use_each_other() -> None:
    """Each folder, with what is in it, beside the files and folders that stand where it stands."""
    arrows = {
        (name_of(path), other) for path in SOURCES for other in imported(path) if other in MODULES
    }
    between: dict[tuple[str, str], tuple[str, str]] = {}
    for user, used in arrows:
        a, b = user.split("."), used.split(".")
        shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
        if shared is None:
            continue  # a folder's `__init__` and what is in it
        ends = ".".join(a[: shared + 1]), ".".join(b[: shared + 1])
        if any((ROOT / end.replace(".", "/")).is_dir() for end in ends):
            between[ends] = user, used
    both = [(between[a, b], between[b, a]) for a, b in between if a < b and (b, a) in between]
    assert not both


@each_source
def test_no_system_knows_another(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if parts[:2] != ("trecs", "systems") or len(parts) < 4:
        return
    others = {name.split(".")[2] for name in imported(path) if name.startswith("trecs.systems.")}
    shared = {"interface"} if parts[2] == "parts" else {"interface", "parts"}
    assert others <= {parts[2], *shared}


@each_source
def test_only_commands_of_its_own_name_a_system(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    if parts[:2] == ("trecs", "systems"):
        return
    named = {name.split(".")[2] for name in imported(path) if name.startswith("trecs.systems.")}
    own = {path.stem.removeprefix("train_")} if parts[:2] == ("trecs", "commands") else set()
    assert named <= {"interface", "registry", "card", "parts", *own}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_over_300_lines_without_a_reason(path: Path) -> None:
    over = len(path.read_text("utf-8").splitlines()) > 300
    assert over == (str(path.relative_to(ROOT)) in LONG)


def test_segmentation_knows_nothing_of_networks() -> None:
    for path in (ROOT / "segmentation").glob("*.py"):
        assert not {n.split(".")[0] for n in imported(path)} & {"torch", "faiss", "gradio"}, path
