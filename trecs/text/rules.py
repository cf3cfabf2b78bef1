"""The rules of `rules.txt`: phrases by kind and meaning, found in a row of words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Match:
    """A phrase that was found: its kind, its meaning, and how many words it takes."""

    kind: str
    meaning: str
    length: int


@dataclass(frozen=True)
class Phrases:
    """Phrases by their first words, each with the pattern that finds it."""

    by_first: dict[str, list[tuple[str, str, re.Pattern[str]]]] = field(default_factory=dict)

    def add(self, kind: str, meaning: str, phrase: str) -> None:
        """Adds a phrase; `a|b` is either word, `a?` may be missing."""
        elements = phrase.split()
        pattern = re.compile("".join(_pattern(element) for element in elements))
        for element in elements:
            for first in element.rstrip("?").split("|"):
                self.by_first.setdefault(first, []).append((kind, meaning, pattern))
            if not element.endswith("?"):
                break

    def at(self, text: str, start: int, among: Sequence[str]) -> Match | None:
        """The longest phrase of some kinds in `text` from `start`; of equals the first kind's.

        Every word of the text is followed by a space.
        """
        first = text[start : text.index(" ", start)]
        best: tuple[int, int, Match] | None = None
        for kind, meaning, pattern in self.by_first.get(first, ()):
            if kind in among and (found := pattern.match(text, start)):
                length = found.group().count(" ")
                rank = (length, -among.index(kind))
                if best is None or rank > best[:2]:
                    best = (*rank, Match(kind, meaning, length))
        return best[2] if best else None


@dataclass(frozen=True)
class Rules:
    """The file's content: phrases, and the tables of names and of what a word denies.

    `names`: (label, nouns as in `plain_english.txt`) in the file's order. `absent`, `general`:
    names of labels by the word that denies them. `frame`: nouns of no thing. `several_names`: how
    many things a noun is by itself. `surfaces`: names of labels that are a "ground" or "upright".
    `spelled`: words by what is typed for them, too. `whole`: nouns that lists behind them explain.
    """

    phrases: Phrases
    names: tuple[tuple[str, str], ...]
    absent: dict[str, tuple[str, ...]]
    general: dict[str, tuple[str, ...]]
    frame: frozenset[str]
    several_names: dict[str, int]
    surfaces: dict[str, frozenset[str]]
    spelled: dict[str, str] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()

    @classmethod
    @cache
    def read(cls) -> "Rules":
        """Reads the file beside this module."""
        text = resources.files("trecs.text").joinpath("rules.txt").read_text("utf-8")
        return cls.of(text.splitlines())

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Rules":
        """The rules of a file's lines."""
        phrases, names = Phrases(), []
        words: dict[str, frozenset[str]] = {}
        spelled: dict[str, str] = {}
        tables: dict[str, dict[str, tuple[str, ...]]] = {"absent": {}, "general": {}}
        several: dict[str, int] = {}
        surfaces: dict[str, frozenset[str]] = {}
        kind = ""
        for line in lines:
            if line.startswith("["):
                kind = line.strip("[]")
                continue
            meaning, given, rest = line.partition(" = ")
            if not given or line.startswith("#"):
                continue
            entries = [entry.strip() for entry in rest.split(";")]
            if kind == "name":
                names.append((meaning, rest))
            elif kind in ("frame", "whole"):
                words[kind] = frozenset(entries)
            elif kind == "spelled":
                spelled |= dict.fromkeys(entries, meaning)
            elif kind == "surface":
                surfaces[meaning] = frozenset(rest.split())
            elif kind == "several names":
                several |= dict.fromkeys(entries, int(meaning))
            else:
                for entry in entries:
                    phrases.add(kind, meaning, entry)
                    if kind in tables:
                        tables[kind][entry] = tuple(meaning.split())
        return cls(
            phrases,
            tuple(names),
            **tables,
            frame=words.get("frame", frozenset()),
            several_names=several,
            surfaces=surfaces,
            spelled=spelled,
            whole=words.get("whole", frozenset()),
        )


def _pattern(element: str) -> str:
    """One element of a phrase as a regular expression of words that end in a space."""
    words = "|".join(map(re.escape, element.rstrip("?").split("|")))
    return f"(?:(?:{words}) )" + ("?" if element.endswith("?") else "")
