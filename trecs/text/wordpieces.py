"""Words as BERT sees them: split into the pieces of its vocabulary (WordPiece)."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from files.errors import InputError
from files.whole import write_atomically
from retrieval.words import normalise
from trecs.text.words import read_entries

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, START, END, MASK = range(5)
MAX_PIECES = 16  # of a word; what goes on longer is no word


class WordPieces:
    """A vocabulary of pieces; a piece's number is its place, and the first are `SPECIAL`."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self.pieces = tuple(pieces)
        self._number = {piece: number for number, piece in enumerate(self.pieces)}
        self._split = lru_cache(maxsize=10_000)(self._longest_first)

    @classmethod
    def read(cls, folder: Path) -> "WordPieces":
        """Reads `vocab.txt`, a piece a line; raises InputError where it is missing or damaged."""
        path = folder / "vocab.txt"
        pieces = read_entries(path)
        if pieces[: len(SPECIAL)] != SPECIAL or len(set(pieces)) != len(pieces):
            raise InputError(
                f"'{path}' is not a vocabulary; expected a word piece a line, each once, the "
                f"first {', '.join(SPECIAL)}. Restore the file."
            )
        return cls(pieces)

    def write(self, folder: Path) -> None:
        """Writes `vocab.txt` atomically."""
        write_atomically(folder / "vocab.txt", ("\n".join(self.pieces) + "\n").encode())

    def __len__(self) -> int:
        return len(self.pieces)

    def split(self, word: str) -> tuple[int, ...]:
        """The pieces of a word as someone typed it, 1 to MAX_PIECES of them.

        `UNKNOWN` alone where nothing is left of it, or where it has letters of other scripts.
        """
        return self._split(normalise(word))

    def knows(self, word: str) -> bool:
        """Whether a word is a piece of its own; by its pieces any string of letters is."""
        return normalise(word) in self._number

    def stretches(self, words: Sequence[str], room: int) -> list[slice]:
        """The words in stretches of at most `room` pieces, at least MAX_PIECES."""
        stops, used = [0], 0
        for n, word in enumerate(words):
            count = len(self.split(word))
            if used + count > room:
                stops.append(n)
                used = 0
            used += count
        stops.append(len(words))
        return [slice(start, stop) for start, stop in pairwise(stops) if stop > start]

    def _longest_first(self, word: str) -> tuple[int, ...]:
        """The longest pieces from left to right (BERT's WordPiece); apostrophes stand alone."""
        numbers: list[int] = []
        for part in re.findall(r"'|[^']+", word):
            start = 0
            while start < len(part):
                prefix = "##" if start else ""
                stop = len(part)
                while stop > start and prefix + part[start:stop] not in self._number:
                    stop -= 1
                if stop == start:
                    return (UNKNOWN,)
                numbers.append(self._number[prefix + part[start:stop]])
                start = stop
        return tuple(numbers[:MAX_PIECES]) or (UNKNOWN,)
