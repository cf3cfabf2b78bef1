"""What a text says of its picture, read by a small grammar whose rules are in `rules.txt`.

Reconstructed, not from the paper. `trecs.text.chunks` cuts the text; here each relation finds the
two noun phrases that it is between, and each place its noun phrase. English puts both behind what
they tell of ("a cat under the table", "a horse on the left") or in front of a whole clause ("under
the table there is a cat", "on the left a horse"); what stands first in its clause and has a noun
phrase that follows is of the second sort.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from segmentation.labels import NAMES, value_of
from trecs.text.chunks import Chunker
from trecs.text.naming import Naming
from trecs.text.nouns import Nouns
from trecs.text.rules import Rules
from trecs.text.said import UNNAMED, Relation, Said


def read(words: Sequence[str], nouns: Nouns, rules: Rules | None = None) -> Said:
    """Reads a text's words as typed, with their punctuation."""
    return _Reader(words, nouns, rules or Rules.read()).said()


class _Reader:
    """The state of one reading."""

    def __init__(self, words: Sequence[str], nouns: Nouns, rules: Rules) -> None:
        self.rules = rules
        self.chunker = Chunker(words, rules, nouns)
        self.chunks = self.chunker.chunks
        self.naming = Naming(self.chunks, rules)
        self.mentions, self.of_chunk = self.naming.mentions, self.naming.of_chunk
        self.relations: list[Relation] = []
        self.last_turned = -1  # the mention that the last pronoun's relation placed
        self.held: dict[int, int] = {}  # of mentions that something is "with", what that is
        self.acting: dict[int, int] = {}  # of mentions that something is done to, who does it

    def said(self) -> Said:
        """The whole reading."""
        grounds: dict[int, int] = {}  # mentions that something was said to be on or in, and what
        for i, chunk in enumerate(self.chunks):
            if chunk.kind in ("relation", "compared"):
                self._relate(i, grounds)
            elif chunk.kind == "turned":
                self._turn(i)
            elif chunk.kind == "sequence":
                self._order(i, chunk.meaning)
            elif chunk.kind == "verb" and chunk.meaning == "acts":
                self._act(i, grounds)
            elif chunk.kind == "place":
                self._put(i, chunk.meaning, grounds)
            elif chunk.kind == "size" and (before := self._before(i)) >= 0:
                self.mentions[before] = replace(self.mentions[before], size=chunk.size)
        asserted = {mention.label for mention in self.mentions}
        names = self.chunker.absent | self.naming.denied
        denied = frozenset(value_of(name) for name in names) - asserted
        return Said(
            tuple(self.mentions),
            tuple(self.relations),
            denied,
            tuple(self.naming.silent),
            bare=frozenset(self.chunker.bare),
        )

    def _relate(self, i: int, grounds: dict[int, int]) -> None:
        """A relation goes from the noun phrase before it, or the one after its ground."""
        chunk = self.chunks[i]
        ground = self._ground(i + 1)
        if ground < 0:
            self._without_ground(i, grounds)
            return
        second = self.of_chunk[ground]
        name = self._name_of(self.mentions[second].label)
        place = self.chunker.place_at(chunk.at) if self._surface(name) else ""
        if place and " " in chunk.word:
            self._put(i, place, grounds)  # "in the middle of the field"
            if chunk.meaning not in ("in", "on"):
                return
        first = self._fronted(i, ground) if chunk.meaning != "with" else -1
        firsts = [first] if first >= 0 else self._subjects(i, grounds)
        if chunk.meaning == "with" and chunk.word != "with":
            firsts = [grounds.get(f, f) for f in firsts]  # "a cat on a couch watching a bird"
        elif chunk.meaning in ("on", "in") and self._surface(name):
            firsts = [self.acting.get(f, f) for f in firsts]  # "a boy flies a kite on the beach"
        firsts = [f for f in dict.fromkeys(firsts) if f != second]
        third = -1
        if chunk.meaning == "between":
            third = self._third(ground)
        for number in firsts:
            if number != third:
                self.relations.append(Relation(chunk.meaning, number, second, third))
                if chunk.meaning in ("on", "in", "near"):
                    grounds[second] = number
                if chunk.word == "with":
                    self.held[second] = number
                if chunk.meaning == "with" and chunk.word != "with":
                    self.acting[second] = number

    def _act(self, i: int, grounds: dict[int, int]) -> None:
        """A verb between two noun phrases: "a boy flies a kite"."""
        second, first = self.of_chunk.get(i + 1, -1), self.of_chunk.get(i - 1, -1)
        if first >= 0 and second >= 0 and first != second:
            first = grounds.get(first, first)
            self.relations.append(Relation("with", first, second))
            self.acting[second] = first

    def _surface(self, name: str) -> bool:
        """Whether a label is a ground or upright."""
        return any(name in labels for labels in self.rules.surfaces.values())

    def _name_of(self, label: int) -> str:
        return NAMES[label] if label != UNNAMED else ""

    def _without_ground(self, i: int, grounds: dict[int, int]) -> None:
        """A relation to the picture itself is a place: "on the left of the image", "behind"."""
        chunk = self.chunks[i]
        place = self.chunker.place_at(chunk.at)
        if place:
            self._put(i, place, grounds)

    def _third(self, ground: int) -> int:
        """The other end of "between a bus and a truck"; of "between two dogs" none."""
        after = ground + 1
        if after < len(self.chunks) and self.chunks[after].kind == "joining":
            return self.of_chunk.get(after + 1, -1)
        return -1

    def _turn(self, i: int) -> None:
        """ "a house and flowers above it": the pronoun means what was said before."""
        after = self._next_noun(i + 1)
        first = self.of_chunk[after] if self._opens(i) and after >= 0 else self._before(i)
        chunk_of = {mention: number for number, mention in self.of_chunk.items()}
        known = [r for r in self.relations if r.second == first]
        if after < 0 and self._opens(i) and known:  # "a tree next to a house, on its right"
            self.relations.append(Relation(self.chunks[i].meaning, known[-1].first, first))
            return
        if first < 0:
            return
        until = min(chunk_of.get(first, i), i)
        second = self._before(until)
        turned = [r for r in self.relations if r.first == second]
        if self.last_turned == second and turned:
            second = turned[-1].second  # "a couch, a lamp on its left and a plant on its right"
        if second >= 0 and second != first:
            self.last_turned = first
            self.relations.append(Relation(self.chunks[i].meaning, first, second))

    def _order(self, i: int, meaning: str) -> None:
        """ "From left to right: a cat, a dog and a horse", in the one order or the other."""
        breaks = [n for n, chunk in enumerate(self.chunks) if chunk.kind == "break"]
        stop = next((n for n in breaks if n > i), len(self.chunks))
        start = max((n for n in breaks if n < i), default=0)
        listed = [self.of_chunk[n] for n in range(i, stop) if n in self.of_chunk]
        listed = listed or [self.of_chunk[n] for n in range(start, i) if n in self.of_chunk]
        self.relations += [Relation(meaning, a, b) for a, b in pairwise(listed) if a != b]

    def _put(self, i: int, meaning: str, grounds: dict[int, int]) -> None:
        """A place belongs to the noun phrase before it, or to the one that follows."""
        after = self._next_noun(self._behind_of(i + 1))
        if self._opens(i) and after >= 0:
            placed = [self.of_chunk[after]]
            joined = self._joined_after(after)
            placed += joined
        else:
            placed = self._subjects(i, grounds)
            placed = [self._lying(number, grounds) for number in placed]
        places = frozenset(meaning.split())
        for number in placed:
            mention = self.mentions[number]
            self.mentions[number] = replace(mention, places=mention.places | places)

    def _lying(self, number: int, grounds: dict[int, int]) -> int:
        """A horse "in the field on the left" is on the left, not the field."""
        surface = self._surface(self._name_of(self.mentions[number].label))
        return grounds.get(number, number) if surface else number

    def _behind_of(self, i: int) -> int:
        """Skips "of the room" behind a place."""
        if i + 1 < len(self.chunks) and self.chunks[i].kind == "of":
            return i + 2
        return i

    def _ground(self, i: int) -> int:
        """The noun phrase right behind a relation, by its chunk; -1 where there is none."""
        while i < len(self.chunks) and self.chunks[i].kind == "word":
            i += 1
        return i if i in self.of_chunk else -1

    def _next_noun(self, i: int) -> int:
        """The next noun phrase to be seen, before a break or another place; -1: none."""
        for number in range(i, len(self.chunks)):
            if number in self.of_chunk:
                return number
            if self.chunks[number].kind in ("break", "place", "turned", "relation", "denying"):
                if self.chunks[number].meaning != ".":
                    return -1
                if number != i:
                    return -1
        return -1

    def _opens(self, i: int) -> bool:
        """Whether a chunk stands first in its clause: nothing to be seen was named just before."""
        before = i - 1
        while before >= 0 and self.chunks[before].kind == "word":
            before -= 1
        if before < 0:
            return True
        kind = self.chunks[before].kind
        if kind == "verb":  # "there is in the middle a dog", but "a dog stands on the left"
            return self._clause_is_empty(before)
        return kind in ("break", "comma", "joining")

    def _clause_is_empty(self, i: int) -> bool:
        for number in range(i, -1, -1):
            if self.chunks[number].kind in ("break", "comma", "joining"):
                return True
            if number in self.of_chunk or self.chunks[number].kind == "noun":
                return False
        return True

    def _fronted(self, i: int, ground: int) -> int:
        """The mention of "a cat" in "under the table there is a cat"; -1 for another order."""
        if not self._opens(i):
            return -1
        after = ground + 1
        while after < len(self.chunks) and self.chunks[after].kind in ("verb", "word", "comma"):
            after += 1
        return self.of_chunk.get(after, -1)

    def _before(self, i: int) -> int:
        """The mention of the last noun phrase before a chunk; -1: none."""
        for number in range(i - 1, -1, -1):
            if number in self.of_chunk:
                return self.of_chunk[number]
            if self.chunks[number].kind == "noun" and self.chunks[number].denied:
                return -1
        return -1

    def _subjects(self, i: int, grounds: dict[int, int]) -> list[int]:
        """What a relation or place is said of: what stands before it, or before it and its verb.

        "A vase with flowers stands on the left": the vase.
        """
        found = self._joined_before(i)
        before = i - 1
        while before >= 0 and self.chunks[before].kind in ("verb", "word"):
            if self.chunks[before].word in ("who", "which", "that", "whose"):
                return found
            before -= 1
        if any(chunk.kind == "verb" for chunk in self.chunks[before + 1 : i]):
            held = {**grounds, **self.held}
            found = list(dict.fromkeys(held.get(number, number) for number in found))
        return found

    def _joined_before(self, i: int) -> list[int]:
        """The mentions before a chunk: the last one and those joined to it by "and"."""
        last = next(
            (
                n
                for n in range(i - 1, -1, -1)
                if self.chunks[n].kind in ("noun", "frame") or (n in self.of_chunk)
            ),
            -1,
        )
        if last not in self.of_chunk:
            return []
        found = [self.of_chunk[last]]
        while last >= 2 and self.chunks[last - 1].kind == "joining" and last - 2 in self.of_chunk:
            last -= 2
            found.append(self.of_chunk[last])
        return found

    def _joined_after(self, i: int) -> list[int]:
        """The mentions joined by "and" to a noun phrase, unless they have a place of their own."""
        found: list[int] = []
        while i + 2 in self.of_chunk and self.chunks[i + 1].kind == "joining":
            i += 2
            following = self.chunks[i + 1].kind if i + 1 < len(self.chunks) else "break"
            if following in ("place", "relation", "turned"):
                break
            found.append(self.of_chunk[i])
        return found
