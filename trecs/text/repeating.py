"""What phrases without a noun of their own repeat: "another", "a white one", "the one on the left".

Reconstructed, not from the paper.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from trecs.text.chunk import Chunk
from trecs.text.garments import PERSON
from trecs.text.said import Mention

PREPOSITIONS = frozenset("at by from for to into through across over around".split())
"""Of them those that may be no relation of the rules."""
SEVERAL = 2  # things, where nothing but a plural says how many


class Repeating:
    """Looks among the mentions that a text's chunks have made so far.

    `wearers`: numbers of chunks for those who wear something. `rest`: the mention of several things
    of which single ones were told.
    """

    def __init__(
        self,
        chunks: Sequence[Chunk],
        mentions: Sequence[Mention],
        of_chunk: dict[int, int],
        wearers: Collection[int],
    ) -> None:
        self.chunks, self.mentions, self.of_chunk = chunks, mentions, of_chunk
        self.wearers = wearers
        self.rest: int | None = None

    def shared(self, i: int) -> Chunk | None:
        """The noun phrase whose noun one before it has, too: "a brown and a white horse"."""
        following = self.chunks[i + 1 : i + 3]
        joined = [one.kind for one in following] == ["joining", "noun"]
        return following[1] if joined and following[1].article == "new" else None

    def several(self, i: int, chunk: Chunk, count: int) -> tuple[int, Mention | None]:
        """The several things of which a phrase means some; their rest, where others were told."""
        if self.rest is not None and not differ(rest := self.mentions[self.rest], chunk):
            return self.rest, rest
        joined = self.chunks[i - 1].kind == "joining" and bool(chunk.noun)
        apart = self.of_chunk.get(i - 2) if joined else None  # "two dogs and a white one"
        found: list[int] = []
        for number, mention in enumerate(self.mentions):
            least = SEVERAL if self._divides(i, mention, chunk) else count + 1
            if number != apart and mention.count >= least and not differ(mention, chunk):
                found.append(number)
        if not found:
            return -1, None
        mention = self.mentions[some := max(found, key=lambda number: self._likeness(i, number))]
        if self._divides(i, mention, chunk):
            mention = replace(mention, count=max(mention.count, count + SEVERAL))
        return some, mention

    def _divides(self, i: int, mention: Mention, chunk: Chunk) -> bool:
        """Whether some are told from others: "cows, some brown and some white"."""
        following = self.chunks[i + 1 : i + 2]
        told = chunk.noun or any(one.kind == "word" and one.colours for one in following)
        return bool(mention.guessed and chunk.several and told)

    def meant(self, i: int) -> int:
        """The mention whose noun a phrase without one repeats.

        A person, if it wears something; one of which a colour or size is told where one is told of
        it, or "one" before "another"; one that stands where it does, behind a preposition or not;
        of those the last.
        """
        return max(range(len(self.mentions)), key=lambda number: self._likeness(i, number))

    def _likeness(self, i: int, number: int) -> tuple[bool, bool, bool, int]:
        """How well a mention fits a phrase without a noun, to be compared."""
        mention, chunk = self.mentions[number], self.chunks[i]
        first = next((at for at, one in self.of_chunk.items() if one == number), 0)
        counted = chunk.meaning == "another" and self.chunks[first].number == 1
        told = counted or (chunk.colours and mention.colours) or (chunk.size and mention.size)
        worn = i in self.wearers and mention.label == PERSON
        return worn, bool(told), self._is_ground(first) == self._is_ground(i), number

    def again(self, chunk: Chunk) -> int | None:
        """The mention of which all that is told that is told of "the white one"."""
        if not (chunk.colours or chunk.places or chunk.size):
            return None
        for number in range(len(self.mentions) - 1, -1, -1):
            mention = self.mentions[number]
            alike = chunk.places <= mention.places and chunk.size in (0, mention.size)
            if alike and {*chunk.colours} <= {*mention.colours}:
                return number
        return None

    def differs(self, i: int, chunk: Chunk, meant: int) -> bool:
        """Whether "the one on the left" is another than what was named with its noun."""
        mention = self.mentions[meant]
        if sum(other.noun == mention.noun for other in self.mentions) > 1:
            return False
        placed = self._is_placed(i)
        at = [number for number, one in self.of_chunk.items() if one == meant]
        return differ(mention, chunk) or (placed and any(self._is_placed(n) for n in at))

    def _is_ground(self, i: int) -> bool:
        """Whether a preposition stands before a chunk."""
        before = self.chunks[i - 1] if i else self.chunks[0]
        return before.kind in ("relation", "of") or before.meaning in PREPOSITIONS

    def _is_placed(self, i: int) -> bool:
        """Whether a place follows a noun phrase, or leads it."""
        following = self.chunks[i + 1 : i + 2]
        return bool(self.chunks[i].places) or any(one.kind == "place" for one in following)


def differ(mention: Mention, chunk: Chunk) -> bool:
    """Whether what is told of two cannot be of one thing."""
    colours = {*mention.colours}, {*chunk.colours}
    places = mention.places, chunk.places
    apart = any(a and b and not a & b for a, b in (colours, places))
    return apart or mention.size * chunk.size < 0
