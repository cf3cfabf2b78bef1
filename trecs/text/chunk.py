"""A piece of a text, and the words of which it is made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from retrieval.words import normalise
from segmentation.garments import Part
from trecs.text.nouns import Named
from trecs.text.said import UNNAMED

Tokens = list[tuple[str, int]]


@dataclass(frozen=True)
class Chunk:
    """A piece of the text: `kind` is "noun", or one of the rules' kinds, "of" or "break".

    `start`, `stop`: its words. Of nouns: `noun` in the singular, `label`, `head` (its last word),
    `number` that is named or 0, whether `plural`, `article` ("new", "known" or "") and `word`, the
    article itself, `size`, and `denied`. `colours`: of nouns, and of what is told of one. `part`:
    of the body that what it names is worn on, see `trecs.text.garments`. `at`: where its first
    token is in the text.
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
    colours: tuple[str, ...] = ()
    part: Part | None = None


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
    colours: tuple[str, ...] = ()
    part: Part | None = None


def tokens_of(words: Sequence[str], spelled: Mapping[str, str] = MappingProxyType({})) -> Tokens:
    """Each word's parts with the word's number, and ",", ":" or "." where a pause is typed.

    `spelled`: words by what may be typed for them. The end is a pause, too.
    """
    tokens: Tokens = []
    for number, word in enumerate(words):
        if word in ("&", "+"):
            tokens.append(("and", number))
            continue
        if word[:1] in "([" and tokens:
            tokens.append((",", number))
        for part in re.split(r"[-/–—]", word):
            if plain := normalise(part):
                tokens.append((spelled.get(plain, plain), number))
        last = word.rstrip("\"'”’»")[-1:] or word[-1:]
        if last in ".!?;…":
            tokens.append((".", number))
        elif last == ":":
            tokens.append((":", number))
        elif last in ",–—-)]":
            tokens.append((",", number))
    if tokens and tokens[-1][0] not in ",.:":
        tokens.append((".", len(words) - 1))
    return tokens
