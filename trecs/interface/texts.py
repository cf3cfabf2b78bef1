"""Every text that the pages show: read from `texts.toml`, or from another file of the same keys.

A text may hold placeholders, {name}. What is counted has two, `one` and `other`; a `count` chooses.
The file with the texts is one of a process: it is set before a page is built.
"""

import html
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from files.errors import InputError

if sys.version_info >= (3, 11):
    from tomllib import loads
else:
    from tomlkit import loads  # Gradio needs it

FILE = Path(__file__).with_name("texts.toml")
FORMS = {"one", "other"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
MARKER = re.compile(r"\{(\w+\.\w+)\}")  # {table.key} in a template
IN_SCRIPTS = re.compile(r'\btext(?:s|Parts)\("(\w+\.\w+)"')
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")  # all browsers take these
IN_TEMPLATES = {ord(mark): f"&#{ord(mark)};" for mark in "${`"}  # which Gradio would evaluate

Entry = str | Mapping[str, str]


@dataclass(frozen=True)
class Texts:
    """`entries`: by table.key a text, or {one, other}. `language`: a tag, such as en or pt-BR."""

    language: str
    entries: Mapping[str, Entry]

    def text(self, key: str, values: Mapping[str, object]) -> str:
        """A text with its placeholders filled; raises KeyError where one is missing or unknown."""
        entry = self.entries[key]
        if not isinstance(entry, str):
            entry = entry["one" if values["count"] == 1 else "other"]
        if unknown := values.keys() - placeholders(self.entries[key]) - {"count"}:
            raise KeyError(f"{key} has no {sorted(unknown)}")
        return PLACEHOLDER.sub(lambda found: str(values[found[1]]), entry)


def placeholders(entry: Entry) -> set[str]:
    """The names of those of a text, or of both."""
    told = [entry] if isinstance(entry, str) else entry.values()
    return {name for one in told for name in PLACEHOLDER.findall(one)}


def read(path: Path) -> Texts:
    """The texts in a file; raises InputError, in one line, for what is no such file."""
    try:
        record = loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"The texts '{path}' cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(f"The texts '{path}' are not TOML in UTF-8: {error}.") from error
    language = record.pop("language", "en")
    if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
        raise InputError(f"'language' of '{path}' is no tag of a language, such as 'de'.")
    entries: dict[str, Entry] = {}
    for table, texts in record.items():
        if not isinstance(texts, dict):
            raise InputError(f"'{table}' of '{path}' stands in no table; see {FILE.name}.")
        for name, entry in texts.items():
            if isinstance(entry, dict) and entry.keys() == FORMS:
                told = {str(form): one for form, one in entry.items()}
            else:
                told = {"": entry}
            if not all(isinstance(one, str) and one.strip() for one in told.values()):
                raise InputError(
                    f"'{table}.{name}' of '{path}' is neither a text nor {{one, other}} of texts."
                )
            entries[f"{table}.{name}"] = told.get("", told)
    return Texts(language, entries)


ENGLISH = read(FILE)
_shown = ENGLISH


def translated(path: Path) -> Texts:
    """The texts of another file of the same keys, in English where it lacks them.

    Raises InputError, in one line, for unknown keys and placeholders that do not fit.
    """
    given = read(path)
    if unknown := given.entries.keys() - ENGLISH.entries.keys():
        raise InputError(f"'{path}' has {_some(unknown)}, which {FILE.name} has not.")
    for key, entry in given.entries.items():
        own = ENGLISH.entries[key]
        if isinstance(entry, str) != isinstance(own, str):
            kind = "one text" if isinstance(own, str) else "{one, other}"
            raise InputError(f"'{key}' of '{path}' must be {kind}, as in {FILE.name}.")
        optional = set() if isinstance(own, str) else {"count"}
        needed = placeholders(own) - optional
        for told in [entry] if isinstance(entry, str) else entry.values():
            if not needed <= placeholders(told) <= needed | optional:
                names = ", ".join(f"{{{name}}}" for name in sorted(placeholders(own))) or "none"
                raise InputError(f"The placeholders of '{key}' in '{path}' must be: {names}.")
    return Texts(given.language, {**ENGLISH.entries, **given.entries})


def _some(keys: set[str]) -> str:
    first, *rest = sorted(keys)
    return f"'{first}'" + (f" and {len(rest)} more" if rest else "")


def speak(path: Path | None) -> None:
    """Shows the texts of another file from now on, None: those of `texts.toml`."""
    global _shown
    _shown = ENGLISH if path is None else translated(path)


def language() -> str:
    """The tag of the language that is shown."""
    return _shown.language


def text(key: str, **values: object) -> str:
    """A text; raises KeyError where there is none of this key, or its placeholders are others."""
    return _shown.text(key, values)


def listed(key: str, items: Iterable[str]) -> str:
    """Items in a row, by a text that puts a `second` after the `first`; empty for none."""
    some = list(items)
    return reduce(lambda first, second: text(key, first=first, second=second), some) if some else ""


def escaped(key: str, **values: object) -> str:
    """A text for HTML, also within quotes."""
    return html.escape(_shown.text(key, values))


def markup(key: str, **parts: str) -> str:
    """A text for HTML whose placeholders are HTML."""
    marks = {name: f"\0{name}\0" for name in parts}
    told = html.escape(_shown.text(key, marks))
    return re.sub("\0(\\w+)\0", lambda found: parts[found[1]], told)


def filled(template: str) -> str:
    """A template of HTML with the texts in place of its {table.key}."""
    return MARKER.sub(lambda found: escaped(found[1]).translate(IN_TEMPLATES), template)


def for_scripts(source: str) -> str:
    """JavaScript with the texts that a script names, and their language; see `texts.js`."""
    named: dict[str, Any] = {key: _shown.entries[key] for key in IN_SCRIPTS.findall(source)}
    return f"const LANGUAGE = {json.dumps(language())};\nconst TEXTS = {json.dumps(named)};"
