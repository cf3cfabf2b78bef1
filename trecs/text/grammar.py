"""What a text says of its picture, read by a small grammar whose rules are in `rules.txt`.

Reconstructed, not from the paper. `trecs.text.chunks` cuts the text; here each relation finds the
two noun phrases that it is between, and each place its noun phrase. English puts both behind what
they tell of ("a cat under the table", "a horse on the left") or in front of a whole clause ("under
the table there is a cat", "on the left a horse"); what stands first in its clause and has a noun
phrase that follows is of the second sort.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from segmentation.labels import NAMES, value_of
from trecs.text.chunks import Chunker
from trecs.text.clauses import Clauses
from trecs.text.garments import PERSON, dressed
from trecs.text.naming import Naming, painted
from trecs.text.nouns import Nouns
from trecs.text.rules import Rules
from trecs.text.said import UNNAMED, Garment, Relation, Said

OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


def read(words: Sequence[str], nouns: Nouns, rules: Rules | None = None) -> Said:
    """Reads a text's words as typed, with their punctuation."""
    return _Reader(words, nouns, rules or Rules.read()).said()


class _Reader:
    """The state of one reading."""

    def __init__(self, words: Sequence[str], nouns: Nouns, rules: Rules) -> None:
        self.rules = rules
        self.chunker = Chunker(words, rules, nouns)
        chunks, self.worn = dressed(self.chunker.chunks)
        self.naming = Naming(chunks, rules, {i for _, by in self.worn for i in by})
        self.chunks = self.naming.chunks
        self.mentions, self.of_chunk = self.naming.mentions, self.naming.of_chunk
        self.clauses = Clauses(self.chunks, self.of_chunk)
        self.relations: list[Relation] = []
        self.opposite = "right"  # of the last side that was named
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
            elif chunk.kind == "word" and chunk.colours:
                for number in self._subjects(i, grounds):
                    self.mentions[number] = painted(self.mentions[number], chunk.colours)
            elif chunk.kind == "size" and i not in self.of_chunk:
                self._resize(i, chunk.size)
        asserted = {mention.label for mention in self.mentions}
        names = self.chunker.absent | self.naming.denied
        denied = frozenset(value_of(name) for name in names)
        return Said(
            tuple(self.mentions),
            tuple(self.relations),
            denied - asserted,
            tuple(self.naming.silent),
            refused=tuple(self.naming.refused),
            only=self.chunker.closed,
            bare=frozenset(self.chunker.bare),
            telling=frozenset(self.chunker.telling),
            garments=tuple(self._garments()),
        )

    def _garments(self) -> Iterator[Garment]:
        """What those wear who are to be seen."""
        for worn, by in self.worn:
            mentions = dict.fromkeys(self.of_chunk[i] for i in by if i in self.of_chunk)
            wearers = tuple(
                self.mentions[number].head
                for number in mentions
                if self.mentions[number].label in (PERSON, UNNAMED)
            )
            if wearers and worn.part is not None:
                span = worn.start, worn.stop, worn.head
                colours = tuple(dict.fromkeys(worn.colours))
                yield Garment(worn.part, *span, wearers, colours, worn.noun)

    def _relate(self, i: int, grounds: dict[int, int]) -> None:
        """A relation goes from the noun phrase before it, or the one after its ground."""
        chunk = self.chunks[i]
        ground = self.clauses.ground(i + 1)
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
        firsts = self.clauses.fronted(i, ground) if chunk.meaning != "with" else []
        firsts = firsts or self._subjects(i, grounds)
        if chunk.meaning == "with" and chunk.word != "with":
            firsts = [grounds.get(f, f) for f in firsts]  # "a cat on a couch watching a bird"
        elif chunk.meaning in ("on", "in") and self._surface(name):
            firsts = [self.acting.get(f, f) for f in firsts]  # "a boy flies a kite on the beach"
        firsts = [f for f in dict.fromkeys(firsts) if f != second]
        meaning = chunk.meaning
        if meaning == "around" and (" " in chunk.word or self._several(firsts)):
            self._surround(second, firsts)
            return
        meaning = "near" if meaning == "around" else meaning  # "a fence around a house"
        third = self.clauses.third(ground) if meaning == "between" else -1
        for number in firsts:
            if number != third:
                self.relations.append(Relation(meaning, number, second, third))
                if meaning in ("on", "in", "near"):
                    grounds[second] = number
                if chunk.word == "with":
                    self.held[second] = number
                if chunk.meaning == "with" and chunk.word != "with":
                    self.acting[second] = number

    def _resize(self, i: int, size: int) -> None:
        """ "The dog is big"."""
        if (before := self.clauses.before(i)) >= 0:
            self.mentions[before] = replace(self.mentions[before], size=size)

    def _several(self, numbers: Sequence[int]) -> bool:
        """Whether mentions are several things."""
        return sum(self.mentions[number].count for number in numbers) > 1

    def _surround(self, middle: int, sides: Sequence[int]) -> None:
        """ "Trees on either side of a house": the house is between them, and they are two."""
        if len(sides) == 1 and self.mentions[sides[0]].count == 1:
            self.mentions[sides[0]] = replace(self.mentions[sides[0]], count=2)
        if sides:
            third = sides[1] if len(sides) > 1 else -1
            self.relations.append(Relation("between", middle, sides[0], third))

    def _act(self, i: int, grounds: dict[int, int]) -> None:
        """A verb between two noun phrases: "a boy flies a kite"."""
        second, first = self.of_chunk.get(i + 1, -1), self.of_chunk.get(i - 1, -1)
        if any((one.first, one.second) == (second, first) for one in self.relations):
            return  # "next to the house stand two cows"
        first = grounds.get(first, first)
        if first >= 0 and second >= 0 and first != second:
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

    def _turn(self, i: int) -> None:
        """ "a house and flowers above it": the pronoun means what was said before."""
        after = self.clauses.next_noun(i + 1)
        if after >= 0 and self.chunks[i].word.endswith(("which", "whom")):  # "under which is a cat"
            first, second = self.of_chunk[after], self.clauses.before(i)
            if second >= 0:
                self.relations.append(Relation(self.chunks[i].meaning, first, second))
            return
        if i and self.chunks[i - 1].is_unknown:
            return  # "a table with gizmos on it"
        first = (
            self.of_chunk[after] if self.clauses.opens(i) and after >= 0 else self.clauses.before(i)
        )
        chunk_of = {mention: number for number, mention in self.of_chunk.items()}
        known = [r for r in self.relations if r.second == first]
        if after < 0 and self.clauses.opens(i) and known:  # "a tree next to a house, on its right"
            self.relations.append(Relation(self.chunks[i].meaning, known[-1].first, first))
            return
        if first < 0:
            return
        until = min(chunk_of.get(first, i), i)
        second = self.clauses.before(until)
        turned = [r for r in self.relations if r.first == second]
        if self.last_turned == second and turned:
            second = turned[-1].second  # "a couch, a lamp on its left and a plant on its right"
        if second >= 0 and second != first:
            if self.chunks[i].meaning == "around":
                self._surround(second, [first])
                return
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
        behind = self.clauses.behind_of(i + 1)
        while behind < len(self.chunks) and self.chunks[behind].kind == "place":
            behind = self.clauses.behind_of(behind + 1)  # "far off on the horizon a ship"
        after = self.clauses.next_noun(behind)
        if self.clauses.opens(i) and after >= 0:
            placed = [self.of_chunk[after]]
            joined = self.clauses.joined_after(after)
            placed += joined
        else:
            placed = self._subjects(i, grounds)
            placed = [self._lying(number, grounds) for number in placed]
        if meaning == "opposite":
            meaning = self.opposite
        elif meaning in OPPOSITE:
            self.opposite = OPPOSITE[meaning]
        places = frozenset(meaning.split())
        for number in placed:
            mention = self.mentions[number]
            self.mentions[number] = replace(mention, places=mention.places | places)

    def _lying(self, number: int, grounds: dict[int, int]) -> int:
        """A horse "in the field on the left" is on the left, not the field."""
        surface = self._surface(self._name_of(self.mentions[number].label))
        return grounds.get(number, number) if surface else number

    def _subjects(self, i: int, grounds: dict[int, int]) -> list[int]:
        """What a relation or place is said of: what stands before it, or before it and its verb.

        "A vase with flowers stands on the left": the vase.
        """
        found = self.clauses.joined_before(i)
        before = i - 1
        while before >= 0 and self.chunks[before].kind in ("verb", "word"):
            if self.chunks[before].word in ("who", "which", "that", "whose"):
                return found
            before -= 1
        if any(chunk.kind == "verb" for chunk in self.chunks[before + 1 : i]):
            held = {**grounds, **self.held}
            found = list(dict.fromkeys(held.get(number, number) for number in found))
        return found
