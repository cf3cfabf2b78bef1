"""Every command that a message, a docstring or a page of the docs tells is one that there is."""

import argparse
import ast
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from files.errors import InputError
from files.weights import load_config
from tests.conftest import ROOT
from trecs.cli import _parser

FOLDERS = ("files", "segmentation", "retrieval", "trecs", "scripts", "benchmarks")
SOURCES = [
    ROOT / "app.py",
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))),
]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "checkpoints").rglob("README.md")),
    *sorted((ROOT / "trecs" / "systems").rglob("*.md")),
]
SCRIPTS = sorted((ROOT / "scripts").glob("*.sh"))
VALUE = "{}"  # what stands for a part of a message that is known only when it is told
QUOTED = re.compile(r"`trecs\s([^`]*)`")
EXAMPLE = re.compile(
    r"(?:^ {4}|example: |-m |behind )trecs ((?:[^\\\n]|\\(?:.|\n))*)", re.MULTILINE
)
ANY = re.compile(r"[A-Z.]|\.\.\.|.*[{$]")  # NAME, ..., {}, $DIR


def texts(path: Path) -> Iterator[str]:
    """The strings of a Python file, docstrings among them, with VALUE where one is put in."""
    inner: set[ast.AST] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            inner.update(node.values)
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inner:
            yield node.value


def commands(text: str) -> Iterator[str]:
    """What follows `trecs` in backticks, examples and blocks of code, each on one line."""
    for pattern in (QUOTED, EXAMPLE):
        for found in pattern.findall(text):
            yield " ".join(found.replace("\\\n", " ").replace("\\|", "|").split())


def options_below(parser: argparse.ArgumentParser) -> set[str]:
    """The options of a parser's sub-commands."""
    found = set[str]()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                found |= {name for a in below._actions for name in a.option_strings}
                found |= options_below(below)
    return found


def wrong(command: str) -> str | None:
    """What of a command there is not; None where all is there."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="<>;&")
    lexer.whitespace_split, lexer.commenters = True, ""
    parser, options, before = _parser(), set[str](), 0
    words = list(lexer)  # with quotes and redirections as a shell reads them
    while words:
        word = words.pop(0)
        actions = {name: a for a in parser._actions for name in a.option_strings}
        options |= actions.keys()
        if word[0] in "<>;&":
            break
        if word.startswith("-"):
            name = word.partition("=")[0]
            if name not in options:
                return name
            if name in actions and actions[name].nargs != 0 and "=" not in word and words:
                words.pop(0)
            continue
        places = [a for a in parser._actions if not a.option_strings]
        if before >= len(places) or places[before].choices is None:
            before += 1
            continue
        if ANY.match(word):  # any of the commands, and the options that one of them takes
            options |= options_below(parser)
            before += 1
            continue
        for name in word.split("|"):
            if name not in (places[before].choices or ()):
                return name
        if isinstance(places[before], argparse._SubParsersAction) and "|" not in word:
            parser, before = places[before].choices[word], 0  # type: ignore[index]
        else:
            before += 1
    return None


@pytest.mark.parametrize(
    "path", [*SOURCES, *PAGES, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_commands_that_are_told_are_there(path: Path) -> None:
    told = texts(path) if path.suffix == ".py" else [path.read_text("utf-8")]
    missing = {
        f"trecs {command}": part
        for text in told
        for command in commands(text)
        if (part := wrong(command)) is not None
    }
    assert not missing


def kinds(path: Path) -> Iterator[str]:
    """The kinds of parts that a Python file reads."""
    source = path.read_text("utf-8")
    yield from re.findall(r'\b(?:load_config|read_record)\([^,\n]+, "([^"]+)"', source)
    if re.search(r"\b(?:load_config|read_record)\([^,\n]+, KIND", source):
        yield from re.findall(r'^KIND = "([^"]+)"', source, re.MULTILINE)


@pytest.mark.parametrize("kind", sorted({kind for path in SOURCES for kind in kinds(path)}))
def test_a_part_that_cannot_be_read_is_made_by_a_training_that_there_is(
    kind: str, tmp_path: Path
) -> None:
    @dataclass(frozen=True)
    class Config:
        width: int

    for content in (
        None,
        "{",
        '{"kind": "something", "format": 1}',
        json.dumps({"kind": kind, "format": 1}),
    ):
        if content:
            (tmp_path / "config.json").write_text(content)
        with pytest.raises(InputError) as error:
            load_config(tmp_path, kind, Config)
        told = list(commands(str(error.value)))
        assert told or kind == "trecs" or "Give the folder" in str(error.value)
        assert [wrong(command) for command in told] == [None] * len(told)


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("draw NARRATIVE.json --out DIR", None),
        ("train layout", "layout"),
        ("train tagger|layout", "layout"),
        ("train {} --out x", None),
        ("draw n.json --hue red", "--hue"),
        ("weights import spaed FILE", "spaed"),
        ("train painter latents --composed $DIR && nothing", None),
        ("--debug tag < words.txt", None),
        ("paint", "paint"),
    ],
)
def test_what_is_not_there_is_found(command: str, part: str | None) -> None:
    assert wrong(command) == part
