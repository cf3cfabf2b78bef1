"""The card of a system: what is known of it without loading it, and how it is loaded.

A system is a folder with a `card.md`: front matter (YAML) between two lines of `---`, then a short
text for people. Its keys, without default but where one stands:

    title     the name of its row in tables
    short     its name on the page and above columns (default: the title)
    paper     who published it, as what, and where
    year      when
    sees      what it draws by: some of words, trace, labels
    sizes     the sides of its pictures in pixels, or `any`: the one that is asked for
    licence   of its weights, or of the code that it follows where it has none
    system    its class (trecs.systems.interface.System), as module:Class within the folder
    train     module:object within the folder, the declaration of its training (default: none)
    import    `function` (module:function within the folder, which takes the paths of the authors'
              released files and the folder to write), `files` (which ones) and an `example` of
              paths, for `trecs weights import` (default: none)
    noise     false where it has none, so that every seed gives the same picture (default: true)
    control   true for the one that every evaluation draws, too (default: false)
    page      `own`, the page's own picture is its; `beside`, the page draws it to compare; or
              `absent` (default: beside)
    order     its place among the rows of tables, then the year counts (default: 50)
    name      what commands call it (default: the folder's name)
    variants  the same system in other ways, by their names, each with the keys in which it differs;
              nothing is trained or imported for them
"""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

import trecs.systems
from files.errors import InputError

if TYPE_CHECKING:
    from trecs.systems.interface import Home, System

SEES = ("words", "trace", "labels")
PAGE = ("own", "beside", "absent")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_REFERENCE = re.compile(r"[\w.]+:\w+")


@dataclass(frozen=True)
class Import:
    """How the authors' released files are brought in, see `import` above."""

    function: str
    files: str
    example: str


@dataclass(frozen=True)
class Card:
    """What is known of a system without loading it; the fields are the keys above."""

    name: str
    folder: Path
    text: str  # below the front matter
    title: str
    short: str
    paper: str
    year: int
    sees: tuple[str, ...]
    sizes: tuple[int, ...]  # none: any
    licence: str
    system: str
    train: str | None
    released: Import | None  # `import`
    noise: bool
    control: bool
    page: str
    order: int

    @property
    def offers(self) -> tuple[str, ...]:
        """Of "train" and "import", what it has."""
        having = {"train": self.train, "import": self.released}
        return tuple(offer for offer, there in having.items() if there)

    @property
    def ways(self) -> tuple[str, ...]:
        """What a user can do to have it, in the imperative."""
        told = {
            "import": f"bring in the authors' with `trecs weights import {self.name}`",
            "train": f"train one with `trecs train {self.name}`",
        }
        return tuple(way for offer, way in told.items() if offer in self.offers)

    def parts(self, home: "Home") -> tuple[Path, ...]:
        """What its drawings depend on, as `System.parts`."""
        return self._installed(lambda system: system.parts(home))

    def load(self, home: "Home", device: str | None = None) -> "System":
        """The system, on the best device if none is named; raises InputError where it cannot."""
        from trecs.device import best_device

        return self._installed(lambda system: system.load(home, device or best_device()))

    def installed(self, home: "Home") -> bool:
        """Whether its own parts are there."""
        from trecs.systems.interface import NotInstalled

        try:
            self.parts(home)
        except NotInstalled:
            return False
        return True

    def named(self, reference: str) -> Any:
        """An object of its folder, by module:object; raises InputError where there is none."""
        module, _, name = reference.partition(":")
        full = f"{trecs.systems.__name__}.{self.folder.name}.{module}"
        try:
            found = getattr(importlib.import_module(full), name, None)
        except ModuleNotFoundError as error:
            if not full.startswith(str(error.name)):  # but another one that it imports
                raise
            found = None
        if found is None:
            raise wrong(self.folder, f"there is no {reference} in its folder")
        return found

    def _installed(self, use: "Callable[[type[System]], Any]") -> Any:
        """Uses the system's class; what is not installed is told with what helps."""
        from trecs.systems.interface import NotInstalled

        try:
            return use(self.named(self.system))
        except NotInstalled as error:
            if not self.ways:
                raise
            raise NotInstalled(
                f"{error} To have one, {', '.join(self.ways)}, or give its folder to --checkpoint."
            ) from error


def read(folder: Path) -> Iterator[Card]:
    """A folder's system and its variants; raises InputError where the card is unusable."""
    try:
        text = (folder / "card.md").read_text("utf-8")
        match = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
        front = match and yaml.load(match[1], getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise wrong(folder, f"it cannot be read ({' '.join(str(error).split())})") from error
    if not match or not isinstance(front, dict):
        raise wrong(folder, "it does not begin with front matter, keys between two lines of ---")
    variants, text = front.pop("variants", {}), match[2].strip()
    if not isinstance(variants, dict) or not all(isinstance(v, dict) for v in variants.values()):
        raise wrong(folder, "'variants' is not a name with keys of its own for each of them")
    yield _card(folder, front, text)
    shared = {key: value for key, value in front.items() if key not in ("train", "import")}
    for name, differences in variants.items():
        yield _card(folder, {**shared, "name": name, **differences}, text)


def _card(folder: Path, front: Mapping[str, Any], text: str) -> Card:
    given = {"name": folder.name, **DEFAULTS, **front}
    for key in (*front, *EXPECTED):
        if key not in EXPECTED:
            raise wrong(folder, f"it has '{key}', which is no key of a card")
        if key not in given:
            raise wrong(folder, f"it lacks '{key}'")
        fits, expected = EXPECTED[key]
        if not fits(given[key]):
            raise wrong(folder, f"'{key}' is {str(given[key])[:60]!r}; expected {expected}")
    released, sizes = given.pop("import"), given.pop("sizes")
    return Card(
        **{**given, "short": given["short"] or given["title"], "sees": tuple(given["sees"])},
        folder=folder,
        text=text,
        sizes=() if sizes == "any" else tuple(sizes),
        released=released and Import(**released),
    )


def wrong(folder: Path, what: str) -> InputError:
    """The error of a card that cannot be used."""
    return InputError(f"The card of a system, '{folder / 'card.md'}', cannot be used: {what}.")


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _reference(value: Any) -> bool:
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def _import(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"function", "files", "example"}
        and _reference(value["function"])
        and all(map(_text, value.values()))
    )


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _some(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(map(fits, value))


DEFAULTS: Mapping[str, Any] = {
    "short": None, "train": None, "import": None, "noise": True, "control": False,
    "page": "beside", "order": 50,
}  # fmt: skip
EXPECTED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda v: isinstance(v, str) and _NAME.fullmatch(v) is not None, "letters a to z"),
    "title": (_text, "text"),
    "short": (lambda v: v is None or _text(v), "text"),
    "paper": (_text, "text"),
    "year": (_number, "a year"),
    "sees": (lambda v: _some(v, SEES.__contains__), f"some of {', '.join(SEES)}"),
    "sizes": (lambda v: v == "any" or _some(v, _number), "some numbers of pixels, or any"),
    "licence": (_text, "text"),
    "system": (_reference, "module:Class"),
    "train": (lambda v: v is None or _reference(v), "module:object"),
    "import": (lambda v: v is None or _import(v), "function (module:function), files, example"),
    "noise": (lambda v: isinstance(v, bool), "true or false"),
    "control": (lambda v: isinstance(v, bool), "true or false"),
    "page": (PAGE.__contains__, f"one of {', '.join(PAGE)}"),
    "order": (_number, "a whole number"),
}
