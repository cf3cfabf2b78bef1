"""Colour words in a text, by the noun that they belong to: in front of it, or said of it.

Reconstructed, not from the paper. A phrase is one or more names ("red", "dark green", "black and
white"). In front of a noun it is part of the noun phrase ("a red and white bus"); behind a verb of
being, or called a colour, it is told of what stands before ("the car is blue", "a bus in red
colour"). By itself behind "in" it is that of what somebody wears ("a man in black"). Where nothing
of that is so the word stays what it was: "an orange".
"""

from dataclasses import dataclass

from trecs.text.chunk import ONES, OWNING
from trecs.text.phrases import FUNCTION_WORDS
from trecs.text.typed import Typed

MOST = 3  # colours of a phrase
BEING = frozenset("is are was were be been being looks look appears seems 's".split())
COUNTING = frozenset("one two three four five six some other others another".split())
"""Words that stand for a noun in front of its colours: "one red", "the others white"."""
HOW = frozenset(
    """
    very all mostly mainly completely entirely partly partially almost quite rather so really only
    just both also painted dyed totally fully slightly somewhat now either
    """.split()
)
NOT = frozenset("not never no nor neither hardly longer".split())
CALLED = frozenset("colour color colours colors coloured colored shade shades".split())
OF = frozenset("in of with has have having".split())
WEARING = frozenset("in wearing wears wear wore dressed clad all".split())
A = frozenset(("a", "an"))
JOINING = frozenset(", and or with".split())
ENDING = (
    *("relation", "turned", "compared", "place", "article", "number", "several", "denying"),
    *("gone", "sequence", "joining", "pronoun", "verb"),
)


@dataclass(frozen=True)
class Coloured:
    """Tokens [start, stop) that name colours; none where they begin a noun, "brown bear".

    `names`: as `rules.txt` has them, with their shade: "dark red"; none where they are denied.
    `told`: they are said of what stands before, and no part of a noun phrase that follows. `alone`:
    they stand for what is worn.
    """

    start: int
    stop: int
    names: tuple[str, ...]
    told: bool
    alone: bool = False


def coloured(typed: Typed) -> dict[int, Coloured]:
    """The colour phrases of a text by their first token."""
    reader, found, i = _Reader(typed), dict[int, Coloured](), 0
    while i < len(typed):
        phrases = reader.at(i)
        found |= {phrase.start: phrase for phrase in phrases}
        i = max([i + 1, *(phrase.stop for phrase in phrases)])
    return found


class _Reader:
    """Looks for phrases in one text."""

    def __init__(self, typed: Typed) -> None:
        self.typed, self.words = typed, typed.words
        self.refused = -1  # where the last colours end that are denied

    def at(self, i: int) -> list[Coloured]:
        """The phrase that begins at a token; two of "the car is red and white snow lies there"."""
        named = self._names(i)
        if not named:
            return []
        before, denied = self._before(i)
        being = before >= 0 and (self.words[before] in BEING or "n't" in self.words[before])
        being = being and self.words[max(before - 1, 0)] not in ("there", "here")
        instead = self.words[before] == "but" and before == self.refused  # "not blue but red"
        counted = before >= 0 and self.words[before] in COUNTING
        names, stop = [name for name, _ in named][:MOST], named[-1][1]
        describes = self._describes(i, stop)
        told = being or instead or (counted and not describes)
        if stop < len(self.words) and self.words[stop] in CALLED:
            if self._describes(i, stop + 1):
                return [Coloured(i, stop + 1, tuple(names), told=False)]
            start = i - 1 if i and self.words[i - 1] in OF else i
            if told or start < i:
                return [Coloured(start, stop + 1, () if denied else tuple(names), told=True)]
        if describes:
            if told and len(named) > 1 and self.words[before] != OWNING:
                heads, end = () if denied else tuple(names[:-1]), named[-2][1]
                last = Coloured(self._joined(end), stop, (names[-1],), told=False)
                return [Coloured(i, end, heads, told=True), last]
            longer = self.typed.noun(i)
            within = longer is not None and longer.length > stop - i
            return [Coloured(i, i if within else stop, tuple(names), told=False)]
        if told and self._ends(stop):
            self.refused = stop if denied else -1
            stop += 2 * (self.words[stop : stop + 1] == ["in"] and self._called(stop + 1))
            return [Coloured(i, stop, () if denied else tuple(names), told=True)]
        if i and self.words[i - 1] in WEARING and self._ends(stop):
            return [Coloured(i, stop, tuple(names), told=False, alone=True)]
        return []

    def _names(self, i: int) -> list[tuple[str, int]]:
        """The colours from a token on, joined to one another, each with where it ends."""
        found: list[tuple[str, int]] = []
        while name := self._name(i):
            found.append(name)
            i = self._joined(name[1])
        return found

    def _joined(self, at: int) -> int:
        """The token behind an "and"."""
        while at < len(self.words) and self.words[at] in JOINING:
            at += 1
        return at

    def _name(self, at: int) -> tuple[str, int] | None:
        """The colour at a token with its shade, and where it ends."""
        match = self.typed.rule(at, ("colour", "shade", "light"))
        if match is None:
            return None
        if match.kind == "colour":
            return match.meaning, at + match.length
        end = at + match.length
        if following := self.typed.rule(end, ("colour",)):
            return f"{match.meaning} {following.meaning}", end + following.length
        return (match.meaning, end) if match.kind == "shade" else None

    def _before(self, i: int) -> tuple[int, bool]:
        """The token before a phrase that is no adverb, and whether the colours are denied."""
        at, denied = i - 1, False
        while at >= 0 and (self.words[at] in HOW or self.words[at] in NOT):
            denied |= self.words[at] in NOT
            at -= 1
        return at, denied or (at >= 0 and "n't" in self.words[at])

    def _describes(self, i: int, stop: int) -> bool:
        """Whether a noun follows that the colours from token `i` to `stop` can be part of.

        A word that is a noun, too, is a colour in front of one that is known: "an orange cat".
        """
        parts = self.typed.numbers[stop - 1 : stop + 1]
        if len(parts) == 2 and parts[0] == parts[1] and self._ends_noun(stop):
            return False  # "a red-haired woman"
        noun = self.typed.noun(i)
        if noun is None and self._shared(i, stop):
            return True
        if not ONES.isdisjoint(self.words[stop : stop + 1]) and self._ends(stop + 1):
            return True  # "a white one"
        if noun is not None and noun.length >= stop - i and self.typed.rule(i, ("colour",)):
            alone = self.typed.named(self.words[i]) is not None
            if noun.length > stop - i:
                return not alone  # "brown bear", but not "orange juice"
            return any(self._is_noun(at) for at in (stop, stop + 1))
        return not self._ends(stop)

    def _shared(self, i: int, stop: int) -> bool:
        """Whether the noun is that of a phrase joined to it: "a brown and a white horse"."""
        between = [*self.words[max(i - 1, 0) : i], *self.words[stop : stop + 2]]
        joined = len(between) == 3 and between[1] == "and" and {between[0], between[2]} <= A
        return joined and self._name(stop + 2) is not None

    def _is_noun(self, at: int) -> bool:
        if self.typed.rule(at, ("worn",)):
            return True
        return self.typed.noun(at) is not None

    def _ends_noun(self, at: int) -> bool:
        """Whether a word such as "haired" follows: the colour is that of a part."""
        return self.words[at].endswith("ed") and self.words[at] not in CALLED

    def _ends(self, at: int) -> bool:
        """Whether no noun phrase goes on at a token."""
        if at >= len(self.words) or self.words[at] in ",.:":
            return True
        return self.words[at] in FUNCTION_WORDS or bool(self.typed.rule(at, ENDING))

    def _called(self, at: int) -> bool:
        return at < len(self.words) and self.words[at] in CALLED
