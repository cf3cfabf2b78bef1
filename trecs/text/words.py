"""A vocabulary: the words that a model knows, and how words as typed are found among them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from files.errors import InputError
from files.text import decoded
from files.whole import write_atomically
from retrieval.words import UNKNOWN, normalise


@dataclass(frozen=True)
class Vocabulary:
    """The words a model knows; a word's number is its place, and number 0 is `<unk>`."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, narratives: Iterable[Sequence[str]], *, at_least: int) -> "Vocabulary":
        """The normalised words that occur `at_least` so often, the most frequent first."""
        counts = Counter(normalise(word) for words in narratives for word in words)
        del counts[""]
        often = [word for word, count in counts.items() if count >= at_least]
        return cls((UNKNOWN, *sorted(often, key=lambda word: (-counts[word], word))))

    @classmethod
    def read(cls, folder: Path, name: str = "vocab.txt") -> "Vocabulary":
        """Reads a file, a word a line; raises InputError where it is missing or damaged."""
        path = folder / name
        words = read_entries(path)
        if not words or words[0] != UNKNOWN or len(set(words)) != len(words):
            raise InputError(
                f"'{path}' is not a vocabulary; expected a word a line, each once, the first "
                f"{UNKNOWN}. Restore the file."
            )
        return cls(words)

    def write(self, folder: Path, name: str = "vocab.txt") -> None:
        """Writes the file that `read` reads, atomically."""
        write_atomically(folder / name, ("\n".join(self.words) + "\n").encode())

    def __len__(self) -> int:
        return len(self.words)

    def find(self, word: str) -> int:
        """The number of a word as someone typed it, 0 if unknown.

        Falls back to the words it is made from: `t-shirt` -> `shirt`, `Kittens!` -> `kitten`.
        """
        last_part = word.replace("/", "-").rstrip("-").rpartition("-")[2]
        for form in (normalise(word), normalise(last_part)):
            for simpler in (form, *_simpler(form)):
                if number := self._numbers.get(simpler):
                    return number
        return 0

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}


def _simpler(word: str) -> list[str]:
    """Forms that an inflected English word may come from, the likeliest first."""
    forms = []
    for ending, replacements in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            forms += [word.removesuffix(ending) + replacement for replacement in replacements]
    return forms


_ENDINGS = (
    ("'s", ("",)),
    ("s'", ("", "s")),
    ("ies", ("y",)),
    ("es", ("", "e")),
    ("s", ("",)),
    ("ing", ("", "e", "s")),
    ("ed", ("", "e")),
)


def read_entries(path: Path) -> tuple[str, ...]:
    """A vocabulary file's lines; raises InputError where it is missing or cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"The vocabulary '{path}' is missing; restore the file or train the part again."
        ) from None
    except OSError as error:
        raise InputError(
            f"The vocabulary '{path}' cannot be read ({error}); restore the file."
        ) from error
    return tuple(decoded(content, f"The vocabulary '{path}'").splitlines())
