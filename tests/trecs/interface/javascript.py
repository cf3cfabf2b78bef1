"""The string literals of JavaScript, found by a scanner that knows comments and patterns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

BEFORE_REGEX = re.compile(r"(?:^|[(,=:\[!&|?{};+]|\breturn|=>)\s*$")
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[\n])+/\w*")


@dataclass(frozen=True)
class Literal:
    """A string with the code `before` it; of a template, NULs for what is put in."""

    told: str
    before: str


def literals(source: str) -> Iterator[Literal]:
    """All of a script, those within templates too."""
    at = 0
    while at < len(source):
        if source.startswith("//", at):
            at = (source + "\n").index("\n", at)
        elif source.startswith("/*", at):
            at = source.index("*/", at) + 2
        elif source[at] == "/" and BEFORE_REGEX.search(source[max(at - 40, 0) : at]):
            found = REGEX.match(source, at)
            at = found.end() if found else at + 1
        elif source[at] in "\"'":
            end = at + 1
            while source[end] != source[at]:
                end += 2 if source[end] == "\\" else 1
            yield Literal(source[at + 1 : end], source[max(at - 60, 0) : at])
            at = end + 1
        elif source[at] == "`":
            told, inner, end = _template(source, at)
            yield Literal(told, source[max(at - 60, 0) : at])
            for code in inner:
                yield from literals(code)
            at = end
        else:
            at += 1


def _template(source: str, at: int) -> tuple[str, list[str], int]:
    """A template's text, the code in it, and where it ends."""
    told, inner, end = "", [], at + 1
    while source[end] != "`":
        if source.startswith("${", end):
            close = _closing(source, end + 2)
            inner.append(source[end + 2 : close])
            told, end = told + "\0", close + 1
        else:
            told, end = told + source[end], end + 1
    return told, inner, end + 1


def _closing(source: str, at: int) -> int:
    depth = 1
    while True:
        if source[at] == "`":
            *_, at = _template(source, at)
            continue
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        if not depth:
            return at
        at += 1


def spread(rest: str) -> set[str] | None:
    """The names in an object that follows as the last argument; None where they are not there."""
    if rest.startswith(")"):
        return set()
    if not (found := re.match(r",\s*\{", rest)):
        return None
    names, depth, word, value = set(), 0, "", False
    for letter in rest[found.end() :]:
        if not depth and letter in ",}":
            if word.startswith("..."):
                return None
            names |= {word} - {""}
            word, value = "", False
            if letter == "}":
                break
        elif not depth and letter == ":":
            value = True
        elif not depth and not value and not letter.isspace() and letter not in "([{":
            word += letter
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(letter, 0)
    return names
