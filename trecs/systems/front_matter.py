"""The front matter of cards, read and checked.

A system is a folder with a `card.md`: front matter (YAML) between two lines of `---`, then a short
text for people. Its keys, without default but where one stands:

    title     the name of its row in tables
    short     its name on the page and above columns (default: the title)
    paper     who published it, as what, and where
    year      when
    sees      what it draws by: some of words, trace, labels
    sizes     the sides of its pictures in pixels, or `any`: the one that is asked for
    published what its paper gives of the usual measures, on which data (default: none)
    licence   of its weights, or of the code that it follows where it has none
    system    its class (trecs.systems.interface.System), as module:Class within the folder
    train     for `trecs train` (default: none): `function` and `numbers`, module:name of the
              function that trains and of its dataclass, which `trecs.commands.trainable` tells
              how to call; how many `steps` it does; `help`, `description` and an `example` of
              arguments; `options` by name, each {KIND: help}, of the kinds in KINDS
    import    for `trecs weights import` (default: none): `function`, module:function that takes
              the paths of the authors' released files and the folder to write; `files`, which
              ones; an `example` of paths; `part`, the name of the folder to write, if they are a
              part alone, with which it cannot draw yet (default: none)
    noise     false where it has none, so that every seed gives the same picture (default: true)
    control   true for the one that every evaluation draws, too (default: false)
    page      `own`, the page's own picture is its; `beside`, the page draws it to compare, and
              `first`, also if nobody chose; or `absent` (default: beside)
    order     its place among the rows of tables, then the year counts (default: 50)
    name      what commands call it (default: the folder's name)
    variants  the same system in other ways, by their names, each with the keys in which it differs;
              `short`, `train` and `import` are never those of the system
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from files.errors import InputError
from files.text import read_text
from trecs.systems.card import Card, Import, Training, wrong

SEES = ("words", "trace", "labels")
PAGE = ("own", "first", "beside", "absent")
KINDS = ("number", "folder", "file", "precision")
_OWN = ("short", "train", "import")  # no variant has these of the system that it is one of
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PART = re.compile(r"[a-z][a-z0-9_-]*")
_REFERENCE = re.compile(r"[\w.]+:\w+")


def read(folder: Path) -> Iterator[Card]:
    """A folder's system and its variants; raises InputError where the card is unusable."""
    try:
        text = read_text(folder / "card.md", "the file")
        match = re.match(r"---\n(.*?)\n---\n(.*)", text.replace("\r\n", "\n"), re.DOTALL)
        front = match and yaml.load(match[1], getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (InputError, yaml.YAMLError) as error:
        raise wrong(folder, f"it cannot be read ({' '.join(str(error).split())})") from error
    if not match or not isinstance(front, dict):
        raise wrong(folder, "it does not begin with front matter, keys between two lines of ---")
    variants, text = front.pop("variants", {}), match[2].strip()
    if not isinstance(variants, dict) or not all(isinstance(v, dict) for v in variants.values()):
        raise wrong(folder, "'variants' is not a name with keys of its own for each of them")
    yield _card(folder, front, text)
    shared = {key: value for key, value in front.items() if key not in _OWN}
    for name, differences in variants.items():
        yield _card(folder, {**shared, "name": name, **differences}, text)


def _card(folder: Path, front: Mapping[str, Any], text: str) -> Card:
    given = {"name": folder.name, **DEFAULTS, **front}
    _check(folder, given, EXPECTED)
    train, released, sizes = given.pop("train"), given.pop("import"), given.pop("sizes")
    if train is not None:
        _check(folder, train, TRAIN, "train.")
        train = Training(**{**train, "options": _options(train["options"])})
    if released is not None:
        released = {"part": None, **released}
        _check(folder, released, IMPORT, "import.")
        released = Import(**released)
    return Card(
        **{**given, "short": given["short"] or given["title"], "sees": tuple(given["sees"])},
        folder=folder,
        text=text,
        sizes=() if sizes == "any" else tuple(sizes),
        train=train,
        released=released,
    )


def _check(
    folder: Path, given: Mapping[str, Any], expected: "Mapping[str, Expected]", within: str = ""
) -> None:
    """Raises InputError for the first key that is unknown, missing, or of another kind."""
    for key in (*given, *expected):
        if key not in expected:
            raise wrong(folder, f"it has '{within}{key}', which is no key of a card")
        if key not in given:
            raise wrong(folder, f"it lacks '{within}{key}'")
        fits, what = expected[key]
        if not fits(given[key]):
            shown = str(given[key])[:60]
            raise wrong(folder, f"'{within}{key}' is {shown!r}; expected {what}")


def _options(given: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    return {name: next(iter(option.items())) for name, option in given.items()}


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _reference(value: Any) -> bool:
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _switch(value: Any) -> bool:
    return isinstance(value, bool)


def _some(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(map(fits, value))


def _option(value: Any) -> bool:
    one = isinstance(value, dict) and len(value) == 1
    return one and value.keys() <= set(KINDS) and all(map(_text, value.values()))


Expected = tuple[Callable[[Any], bool], str]
DEFAULTS: Mapping[str, Any] = {
    "short": None, "train": None, "import": None, "published": None, "noise": True,
    "control": False, "page": "beside", "order": 50,
}  # fmt: skip
EXPECTED: Mapping[str, Expected] = {
    "name": (lambda v: isinstance(v, str) and _NAME.fullmatch(v) is not None, "letters a to z"),
    "title": (_text, "text"),
    "short": (lambda v: v is None or _text(v), "text"),
    "paper": (_text, "text"),
    "year": (_number, "a year"),
    "sees": (lambda v: _some(v, SEES.__contains__), f"some of {', '.join(SEES)}"),
    "sizes": (lambda v: v == "any" or _some(v, _number), "some numbers of pixels, or any"),
    "published": (lambda v: v is None or _text(v), "text"),
    "licence": (_text, "text"),
    "system": (_reference, "module:Class"),
    "train": (lambda v: v is None or isinstance(v, dict), "function, numbers, steps, ..."),
    "import": (lambda v: v is None or isinstance(v, dict), "function, files, example"),
    "noise": (_switch, "true or false"),
    "control": (_switch, "true or false"),
    "page": (PAGE.__contains__, f"one of {', '.join(PAGE)}"),
    "order": (_number, "a whole number"),
}
TRAIN: Mapping[str, Expected] = {
    "function": (_reference, "module:function"),
    "numbers": (_reference, "module:Class"),
    "steps": (_number, "a whole number"),
    "help": (_text, "text"),
    "description": (_text, "text"),
    "example": (_text, "text"),
    "options": (
        lambda v: isinstance(v, dict) and all(map(_option, v.values())),
        f"{{KIND: help}} by name, of the kinds {', '.join(KINDS)}",
    ),
}
IMPORT: Mapping[str, Expected] = {
    "function": (_reference, "module:function"),
    "files": (_text, "text"),
    "example": (_text, "text"),
    "part": (
        lambda v: v is None or (_text(v) and _PART.fullmatch(v) is not None),
        "letters, digits, - and _",
    ),
}
