"""Captions as AttnGAN reads them: lower-case words and their numbers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from files.errors import InputError
from files.whole import write_atomically
from trecs.text.words import read_entries

END = "<end>"
"""Word number 0, which also fills up short captions."""
FILE = "vocab.txt"
SHOWN = 60  # characters of a caption in a complaint


@dataclass(frozen=True)
class Caption:
    """A caption's words that are used, their numbers, and what is not used."""

    words: tuple[str, ...]
    numbers: tuple[int, ...]
    skipped: tuple[str, ...] = ()  # words that the vocabulary does not have
    cut: tuple[str, ...] = ()  # known words beyond the length of text


def tokens(text: str) -> list[str]:
    r"""The words of a caption, as the authors' `RegexpTokenizer(r"\w+")` has them.

    Lower case; letters other than ASCII ones are dropped from a word, apostrophes and hyphens
    part words: "A café's T-shirt" -> a, caf, s, t, shirt.
    """
    found = re.findall(r"\w+", text.lower())
    return [word for token in found if (word := token.encode("ascii", "ignore").decode())]


@dataclass(frozen=True)
class CaptionVocabulary:
    """The words that a text encoder knows; a word's number is its place, and number 0 is END."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, captions: Iterable[str], *, at_least: int = 1) -> "CaptionVocabulary":
        """The words that occur `at_least` so often, the most frequent first."""
        counts = Counter(word for caption in captions for word in tokens(caption))
        often = [word for word, count in counts.items() if count >= at_least]
        return cls((END, *sorted(often, key=lambda word: (-counts[word], word))))

    @classmethod
    def read(cls, folder: Path) -> "CaptionVocabulary":
        """Reads `vocab.txt`, a word a line; raises InputError where it is missing or damaged."""
        path = folder / FILE
        words = read_entries(path)
        if not words or words[0] != END or len(set(words)) != len(words):
            raise InputError(
                f"'{path}' is not a vocabulary of captions; expected a word a line, each once, "
                f"the first {END}. Restore the file."
            )
        return cls(words)

    def write(self, folder: Path) -> None:
        """Writes the file that `read` reads, atomically."""
        write_atomically(folder / FILE, ("\n".join(self.words) + "\n").encode())

    def check(self, rows: int) -> None:
        """Makes sure that the vocabulary is that of a text encoder whose table has so many rows.

        Raises InputError where it has another number of words.
        """
        if len(self) != rows:
            raise InputError(
                f"The vocabulary has {len(self):,} words, {END} among them, but the table of the "
                f"text encoder has {rows:,} rows; both must come from one training."
            )

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, text: str | Sequence[str], length: int) -> Caption:
        """Numbers the first `length` known words of a caption, or of words of one.

        The authors' training draws words at random where a caption is longer; here the first
        stay. Raises InputError where no word is known.
        """
        text = text if isinstance(text, str) else " ".join(text)
        found = tokens(text)
        known = [word for word in found if word in self._numbers]
        if not known:
            shown = text if len(text) <= SHOWN else text[:SHOWN] + "..."
            raise InputError(
                f"The vocabulary knows no word of '{shown}'; it knows {len(self) - 1:,} English "
                "words. Describe the picture in other words."
            )
        return Caption(
            words=tuple(known[:length]),
            numbers=tuple(self._numbers[word] for word in known[:length]),
            skipped=tuple(word for word in found if word not in self._numbers),
            cut=tuple(known[length:]),
        )

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words) if number}
