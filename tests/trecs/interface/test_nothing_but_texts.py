"""Whatever the pages show is a text of `texts.toml`: the sources are searched for what is not."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.trecs.interface.javascript import Literal, literals, spread
from trecs.interface.assets import FOLDER
from trecs.interface.texts import ENGLISH, MARKER, placeholders

PYTHON = sorted(FOLDER.rglob("*.py"))
SCRIPTS = sorted(FOLDER.rglob("*.js"))
# What these say goes to programs over HTTP, or to who starts the studio.
PROGRAMS = {"api.py", "bodies.py", "component.py", "gate.py", "serving.py"}
NOT_SHOWN = {*PROGRAMS, "look.py", "texts.py"}  # which names fonts, and what is wrong with texts
TOLD_PROGRAMS = {
    "Only files that were uploaded here can be used.",
    "'\0' takes \0 values (\0); \0 were given.",
}
CLASSES = {"pot empty", "run guessed", "tc-skip tool"}
WORDS = re.compile(r"[A-Za-z]{2,}[,.;:!?]* [A-Za-z]{2,}")
CODE = re.compile(r"[=#]|^[.(]|sans-serif")  # JavaScript, CSS and selectors
READ = {"text", "escaped", "markup", "listed"}
SINKS = {
    *("InputError", "refusal", "Error", "Info", "Warning", "empty", "html", "HTML"),
    *("Button", "UploadButton", "DownloadButton", "Textbox", "Number", "CheckboxGroup", "Blocks"),
}
NAMED = {"label", "title", "info", "placeholder", "note", "unit", "what", "told"}
ATTRIBUTES = re.compile(r'\b(?:title|aria-label|alt|placeholder)="([^"]*)"')


# ---- Python ----


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def string(node: ast.AST) -> str | None:
    """A literal's text, with a NUL for what is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.Constant) else "\0" for one in node.values]
        return "".join(map(str, parts))
    return None


def docstrings(module: ast.Module) -> set[ast.AST]:
    """Strings that stand alone, and what tells programs of a value."""
    alone = {node.value for node in ast.walk(module) if isinstance(node, ast.Expr)}
    told = [node for node in ast.walk(module) if isinstance(node, ast.Assign)]
    names = ("DESCRIPTION", "EXAMPLE")
    return alone | {one.value for one in told if ast.unparse(one.targets[0]) in names}


def python_uses(path: Path) -> Iterator[tuple[str, set[str] | None]]:
    """Each key that is read with the names of its values; None where these come by `**`."""
    alone = docstrings(tree(path))
    for node in ast.walk(tree(path)):
        if path.name == "texts.py" or node in alone:
            continue
        if isinstance(node, ast.Call) and name_of(node) in READ:
            key = string(node.args[0])
            assert key is not None, f"{path}:{node.lineno}: the key is no literal"
            names = {one.arg for one in node.keywords}
            if name_of(node) == "listed":
                names = {"first", "second"}
            yield key, None if None in names else {name for name in names if name}
        told = string(node)
        for key in MARKER.findall(told or ""):
            yield key, set()


def python_literals(module: ast.Module) -> Iterator[str]:
    """What would be shown and is no text."""
    skipped = docstrings(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if name_of(node) in READ or called.startswith("log."):
                skipped.update(one for part in node.args for one in ast.walk(part))
            if name_of(node) in SINKS and node.args and node.args[0] not in skipped:
                yield from shown(string(node.args[0]) or "", sink=True)
            for given in node.keywords:
                if given.arg in NAMED:
                    yield from shown(string(given.value) or "", sink=True)
        if isinstance(node, ast.JoinedStr):
            skipped.update(node.values)
        if isinstance(node, ast.Dict):
            skipped.update(key for key in node.keys if key is not None)
        told = string(node)
        if told and node not in skipped and told not in TOLD_PROGRAMS | CLASSES:
            yield from shown(told)


def shown(told: str, *, sink: bool = False) -> Iterator[str]:
    """What a person would read of a literal, as text or as HTML."""
    if "<" in told or ATTRIBUTES.search(told):
        plain = re.sub(r"<[^>]*(>|$)|^[^<>]*>", "\0", told)
        plain = plain if "<" in told else ""
        parts = [re.sub(r"&\w+;", "", plain), *ATTRIBUTES.findall(told)]
        bare = [re.sub(r"\{[\w.]+\}", "", part) for part in parts]
        yield from (part for part in bare if re.search(r"[A-Za-z]", part))
    elif (sink and re.search("[A-Za-z]", told)) or (WORDS.search(told) and not CODE.search(told)):
        yield told


# ---- JavaScript ----

JS_SINK = re.compile(
    r"\b(textContent|innerText|title|placeholder|ariaLabel|alt|label)\s*[=:]\s*$"
    r"|setAttribute\(\"(aria-label|title|placeholder|alt)\",\s*$"
    r"|\b(say|tell|fillText|Error|swap|append|replaceChildren|row)\($"
)
CAUGHT = {"too large", "empty", "no label map"}  # of Errors whose message nobody sees
ONE_WORD = re.compile(r"[A-Z][a-z]+[.?!:]?")
KEYS = {"Backspace", "Delete", "Enter", "Escape", "Files"}  # and what a drag carries


def js_uses(path: Path) -> Iterator[tuple[str, set[str] | None]]:
    source = path.read_text("utf-8")
    for found in re.finditer(r'\btext(?:s|Parts)\(\s*("?)([\w.]*)', source):
        if path.name == "texts.js" or source[: found.start()].endswith("function "):
            continue
        assert found[1], f"{path}: {found[0]}...: the key is no literal"
        yield found[2], spread(source[found.end() + 1 :])


def js_literals(source: str) -> list[str]:
    return [one.told for one in literals(source) if is_shown(one)]


def is_shown(one: Literal) -> bool:
    told = re.sub(r"\\(u\w{4}|.)", "", one.told)
    if told in CAUGHT | CLASSES | KEYS or not re.search(r"[A-Za-z]", told):
        return False
    if JS_SINK.search(one.before) or ONE_WORD.fullmatch(told):
        return True
    return bool(WORDS.search(told)) and not CODE.search(told)


# ---- the tests ----


def uses() -> Iterator[tuple[str, set[str] | None, str]]:
    for path in PYTHON:
        yield from ((*use, path.name) for use in python_uses(path))
    for path in SCRIPTS:
        yield from ((*use, path.name) for use in js_uses(path))


def test_every_text_is_used_and_every_use_has_its_text() -> None:
    used = {key for key, _, _ in uses()}
    assert used == set(ENGLISH.entries)


def test_placeholders_are_those_that_are_given() -> None:
    wrong = []
    for key, given, where in uses():
        entry = ENGLISH.entries[key]
        needed = placeholders(entry) | ({"count"} if not isinstance(entry, str) else set())
        if given is not None and given != needed:
            wrong.append((where, key, given, needed))
    assert not wrong


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(FOLDER)))
def test_python_shows_nothing_but_texts(path: Path) -> None:
    assert path.name in NOT_SHOWN or list(python_literals(tree(path))) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_scripts_show_nothing_but_texts(path: Path) -> None:
    assert path.name == "texts.js" or js_literals(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.css")), ids=lambda path: path.name)
def test_style_sheets_show_no_words(path: Path) -> None:
    for content in re.findall(r"(?<![-\w])content:\s*([^;]*)", path.read_text("utf-8")):
        assert not re.search(r"[A-Za-z]{2}", re.sub(r"\\[0-9a-f]+", "", content))


@pytest.mark.parametrize(
    "source",
    [
        'gr.Button("Clear")',
        'gr.Number(0, label="Seed")',
        'raise InputError(f"No {name}.")',
        'page.show(result, note="Done.")',
        'told = "Compose first"',
        "told = f'<p>{name} and</p>'",
        """told = f'<b title="Undo">{name}</b>'""",
        """told = f'<b title="{undo} (Ctrl-Z)">{name}</b>'""",
        """_TEMPLATE = '<button aria-label="{trace.undo}">Undo</button>'""",
    ],
)
def test_the_search_would_find_a_literal_in_python(source: str) -> None:
    assert list(python_literals(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        'item.textContent = "clear";',
        'item.textContent = on ? "Stop" : "Play";',
        'item.setAttribute("aria-label", `stroke ${number}`);',
        "// it's a comment\nconst told = 'no picture yet';",
        "if (/[/'\"]/.test(x)) say(`${1 + `${number}`.length} words`);",
        'button("\\u2715", "Delete it");',
    ],
)
def test_the_search_would_find_a_literal_in_javascript(source: str) -> None:
    assert js_literals(source)
