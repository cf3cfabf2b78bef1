"""A piece of a text, and the words of which it is made."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.words import normalise
from trecs.text.nouns import Named
from trecs.text.said import UNNAMED


@dataclass(frozen=True)
class Chunk:
    """A piece of the text: `kind` is "noun", or one of the rules' kinds, "of" or "break".

    `start`, `stop`: its words. Of nouns: `noun` in the singular, `label`, `head` (its last word),
    `number` that is named or 0, whether `plural`, `article` ("new", "known" or "") and `word`, the
    article itself, `size`, and `denied`. `at`: where its first token is in the text.
    """

    kind: str
    meaning: str
    start: int
    stop: int
    at: int = 0
    noun: str = ""
    label: int = UNNAMED
    head: int = 0
    number: int = 0
    several: int = 0
    plural: bool = False
    article: str = ""
    word: str = ""
    size: int = 0
    denied: bool = False


@dataclass
class OpenPhrase:
    """A noun phrase that is being read."""

    start: int
    at: int
    article: str = ""
    word: str = ""
    number: int = 0
    several: int = 0
    size: int = 0
    found: Named | None = None
    head: int = 0
    last: int = 0  # token after its noun
    others: tuple[tuple[str, int], ...] = ()


def tokens_of(words: Sequence[str]) -> list[tuple[str, int]]:
    """Each word's parts with the word's number, and "," or "." where a pause is typed."""
    tokens: list[tuple[str, int]] = []
    for number, word in enumerate(words):
        for part in re.split(r"[-/–—]", word):
            if plain := normalise(part):
                tokens.append((plain, number))
        if word[-1:] in ".!?;…":
            tokens.append((".", number))
        elif word[-1:] in ",:–—-" or word in ("-", "–", "—"):
            tokens.append((",", number))
    return tokens
