"""Where a chunk stands in its clause: what noun phrases are before it, behind it, joined to it."""

from collections.abc import Mapping, Sequence

from trecs.text.chunk import Chunk


class Clauses:
    """Looks round in the chunks of a text; `of_chunk`: the mention of each noun phrase."""

    def __init__(self, chunks: Sequence[Chunk], of_chunk: Mapping[int, int]) -> None:
        self.chunks, self.of_chunk = chunks, of_chunk

    def third(self, ground: int) -> int:
        """The other end of "between a bus and a truck"; of "between two dogs" none."""
        after = ground + 1
        if after < len(self.chunks) and self.chunks[after].kind == "joining":
            return self.of_chunk.get(after + 1, -1)
        return -1

    def behind_of(self, i: int) -> int:
        """Skips "of the room" behind a place."""
        if i + 1 < len(self.chunks) and self.chunks[i].kind == "of":
            return i + 2
        return i

    def ground(self, i: int) -> int:
        """The noun phrase right behind a relation, by its chunk; -1 where there is none."""
        while i < len(self.chunks) and self.chunks[i].kind == "word":
            i += 1
        return i if i in self.of_chunk else -1

    def next_noun(self, i: int) -> int:
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

    def opens(self, i: int) -> bool:
        """Whether a chunk stands first in its clause: nothing to be seen was named just before."""
        before = i - 1
        while before >= 0 and self.chunks[before].kind == "word":
            before -= 1
        if before < 0:
            return True
        kind = self.chunks[before].kind
        if kind == "place":
            return self.opens(before)
        if kind == "verb":  # "there is in the middle a dog", but "a dog stands on the left"
            return self.clause_is_empty(before)
        return kind in ("break", "comma", "joining")

    def clause_is_empty(self, i: int) -> bool:
        """Whether a clause names nothing up to a chunk."""
        for number in range(i, -1, -1):
            if self.chunks[number].kind in ("break", "comma", "joining"):
                return True
            if number in self.of_chunk or self.chunks[number].kind == "noun":
                return False
        return True

    def fronted(self, i: int, ground: int) -> list[int]:
        """The mentions of "a cat and a dog" behind "under the table there is".

        None where a relation does not stand first.
        """
        if not self.opens(i):
            return []
        after = ground + 1
        if self.chunks[i].meaning == "between" and self.third(ground) >= 0:
            after += 2
        while after < len(self.chunks) and self.chunks[after].kind in ("verb", "word", "comma"):
            after += 1
        return [self.of_chunk[after], *self.joined_after(after)] if after in self.of_chunk else []

    def before(self, i: int) -> int:
        """The mention of the last noun phrase before a chunk; -1: none."""
        for number in range(i - 1, -1, -1):
            if number in self.of_chunk:
                return self.of_chunk[number]
            if self.chunks[number].kind == "noun" and self.chunks[number].denied:
                return -1
        return -1

    def joined_before(self, i: int) -> list[int]:
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

    def joined_after(self, i: int) -> list[int]:
        """The mentions joined by "and" to a noun phrase, unless they have a place of their own."""
        found: list[int] = []
        while i + 2 in self.of_chunk and self.chunks[i + 1].kind == "joining":
            i += 2
            following = self.chunks[i + 1].kind if i + 1 < len(self.chunks) else "break"
            if following in ("place", "relation", "turned"):
                break
            found.append(self.of_chunk[i])
        return found
