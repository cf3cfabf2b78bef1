"""The tokens of a text, and what rules and nouns fit at each."""

import re
from collections.abc import Sequence

from retrieval.families import FAMILIES
from segmentation.garments import Part
from segmentation.labels import NAMES
from trecs.text.chunk import tokens_of
from trecs.text.garments import PERSON, noun_at
from trecs.text.nouns import Named, Nouns
from trecs.text.phrases import FUNCTION_WORDS, VERBS_IN_S
from trecs.text.rules import Match, Rules
from trecs.text.said import UNNAMED

KINDS = tuple(
    """
    gone denying sequence relation turned compared place number several piece article absent size
    joining pronoun verb
    """.split()
)
"""Of the rules, the first of which counts where two phrases are as long."""
ANIMALS = FAMILIES["animal"]
ADULTS = frozenset("man woman boy girl lady guy gentleman".split())
PEOPLE = ADULTS | {"person", "child", "kid", "toddler"}
"""Nouns in the singular that begin no longer one, though nothing stands between: "a man, horse"."""
SIDES = frozenset(("left", "right"))
"""Places in front of a noun ("the left car") that are none by themselves."""


class Typed:
    """Words as typed, as tokens: `words`, and of each the number of the word it is part of."""

    def __init__(self, typed: Sequence[str], rules: Rules, nouns: Nouns) -> None:
        tokens = tokens_of(typed, rules.spelled)
        self.words = [token for token, _ in tokens]
        self.numbers = [number for _, number in tokens]
        self._rules, self._nouns = rules, nouns
        self._surfaces = frozenset[str]().union(*rules.surfaces.values())
        self._text = "".join(f"{token} " for token in self.words)
        self._offsets = [0]
        for token in self.words:
            self._offsets.append(self._offsets[-1] + len(token) + 1)

    def __len__(self) -> int:
        return len(self.words)

    def text(self, start: int, stop: int) -> str:
        """Tokens [start, stop), with spaces between them."""
        return self._text[self._offsets[start] : self._offsets[stop] - 1]

    def starts(self, pattern: re.Pattern[str], at: int) -> bool:
        """Whether the text from a token on begins as a pattern has it."""
        return pattern.match(self._text, self._offsets[at]) is not None

    def rule(self, at: int, kinds: Sequence[str]) -> Match | None:
        """The longest phrase of these kinds that begins at a token; none behind the last one."""
        if at >= len(self.words):
            return None
        return self._rules.phrases.at(self._text, self._offsets[at], kinds)

    def noun(self, at: int) -> Named | None:
        """The longest noun that begins at a token; none behind the last one."""
        return self._nouns.at(self._text, self._offsets[at]) if at < len(self.words) else None

    def named(self, word: str) -> Named | None:
        """The noun that a word is by itself."""
        return self._nouns.at(f"{word} ", 0)

    def noun_or_worn(self, at: int) -> tuple[Named | None, Part | None]:
        """The longest noun or garment there, and the part of the body that a garment covers."""
        if at >= len(self.words):
            return None, None
        return noun_at(self._rules, self._nouns, self._text, self._offsets[at])

    def shade(self, at: int) -> int:
        """How many tokens a noun at a token and "coloured" behind it are, in front of a noun."""
        noun = self.noun(at)
        stop = at + (noun.length if noun else 0)
        coloured = self.words[stop : stop + 1] in (["coloured"], ["colored"])
        return stop + 1 - at if noun and coloured and self.seen(stop + 1) else 0

    def seen(self, at: int) -> bool:
        """Whether what a label or a garment has is named at a token."""
        named, part = self.noun_or_worn(at)
        return part is not None or (named is not None and named.label != UNNAMED)

    def seen_soon(self, at: int) -> bool:
        """The same of a token or those that follow it in its phrase."""
        while at < len(self.words) and self.words[at] not in (*",.:", *FUNCTION_WORDS):
            if self.seen(at):
                return True
            at += 1
        return False

    def acts(self, at: int, doer: Named) -> bool:
        """Whether what could be a noun is a verb behind one: "a couple watches a film"."""
        alive = doer.label != UNNAMED and NAMES[doer.label] in {"person", *ANIMALS}
        verb = alive and not doer.plural and self.words[at] in VERBS_IN_S
        return verb or self.rule(at, ("verb or noun",)) is not None

    def apart(self, first: Named, second: Named, at: int) -> bool:
        """Whether two nouns in a row, the second at a token, name two things.

        "A boy skateboards", "man horse beach"; but not "a boy skater", "a spider-man toy" or "a
        horse toy".
        """
        hyphenated = at > 1 and self.numbers[at - 1] == self.numbers[at - 2]
        if first.plural or hyphenated:
            return False
        if first.noun not in PEOPLE:
            animal = first.label != UNNAMED and NAMES[first.label] in ANIMALS
            return animal and second.label != UNNAMED and NAMES[second.label] in self._surfaces
        return second.label != PERSON or {first.noun, second.noun} <= ADULTS

    def leading(self, at: int, found: Match | None) -> Match | None:
        """A place in front of the noun that it tells of: "the left car", "the leftmost one".

        `found`: the rule that fits there.
        """
        side = self.words[at]
        place = Match("place", side, 1) if found is None and side in SIDES else found
        if place is None or place.kind != "place":
            return None
        after = at + place.length
        one = self.words[after : after + 1] in (["one"], ["ones"])
        return place if one or self.seen(after) else None

    def owned(self, at: int) -> bool:
        """Whether the token behind "'s" begins what is owned, and "'s" is no "is"."""
        if at >= len(self.words) or self.words[at] in ",.:" or self.words[at].endswith("ing"):
            return False
        found = self.rule(at, KINDS)
        return found is None or found.kind in ("number", "size", "several")
