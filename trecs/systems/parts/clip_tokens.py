"""What CLIP cuts texts into: the released byte pairs (Sennrich et al., ACL 2016), or whole words.

Every text begins with a mark and ends with another, whose number is the largest of all.
"""

import gzip
import html
import json
import re
import unicodedata
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import groupby, pairwise
from pathlib import Path

import torch
from torch import Tensor

from files.errors import InputError
from files.whole import write_atomically
from trecs.systems.parts.vocabulary import Caption, CaptionVocabulary

RELEASED_MERGES = 48_894  # of 262,145 lines of the released file
FILE = "merges.txt"
END = "</w>"  # of a word, in the symbols of pairs
WANTED = "CLIP's byte pairs (bpe_simple_vocab_16e6.txt.gz or tokenizer.json)"
MOST_BYTES = 64 * 2**20  # unpacked; the released file has 3 MB
BROKEN = (OSError, ValueError, KeyError, TypeError, EOFError, RecursionError, zlib.error)
LONGEST = 256  # bytes that are joined together; words are shorter
PIECES = re.compile(r"'(?:s|t|re|ve|m|ll|d)|[^\W_]+|(?:_|[^\w\s])+", re.IGNORECASE)


class Tokens(ABC):
    """Cuts texts; `vocabulary` is how many tokens there are."""

    @property
    @abstractmethod
    def vocabulary(self) -> int: ...  # noqa: D102

    @abstractmethod
    def cut(self, text: str, length: int) -> Caption:
        """The first `length` tokens of a text, without marks, as words with their numbers.

        Raises InputError where nothing of it is known.
        """

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Writes the file by which `Contrastive.load` makes them again."""

    def marked(self, texts: Sequence[Sequence[int]], length: int) -> Tensor:
        """Numbers of tokens between marks, (B, length) int64, filled up with 0.

        The authors refuse a longer text; here its end mark stands last.
        """
        rows = torch.zeros(len(texts), length, dtype=torch.int64)
        for row, numbers in zip(rows, texts, strict=True):
            whole = [self.vocabulary - 2, *numbers[: length - 2], self.vocabulary - 1]
            row[: len(whole)] = torch.tensor(whole)
        return rows


class WordTokens(Tokens):
    """Whole words, each by its number in a vocabulary."""

    def __init__(self, words: CaptionVocabulary) -> None:
        self.words = words

    @property
    def vocabulary(self) -> int:
        """The words with the number 0, and two marks."""
        return len(self.words) + 2

    def cut(self, text: str, length: int) -> Caption:
        """Unknown words are skipped."""
        return self.words.encode(text, length)

    def write(self, folder: Path) -> None:
        """Writes `vocab.txt`."""
        self.words.write(folder)


class BytePairs(Tokens):
    """The authors' tokenizer: a word begins as its bytes, which are joined in pairs, by rank.

    Their `ftfy`, which mends text that was decoded wrongly, is left out.
    """

    def __init__(self, merges: Sequence[tuple[str, str]]) -> None:
        self.merges = tuple(merges)
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}

    @property
    def vocabulary(self) -> int:
        """256 bytes within a word and at its end, the pairs, and two marks."""
        return 512 + len(self.merges) + 2

    def cut(self, text: str, length: int) -> Caption:
        """Nothing is skipped: whatever is written has bytes."""
        symbols = [symbol for piece in pieces(text) for symbol in self.joined(piece)]
        if not symbols:
            raise InputError(f"There is nothing to read in {text!r}; give a text.")
        words = [_readable(symbol) for symbol in symbols]
        numbers = tuple(self._numbers[symbol] for symbol in symbols[:length])
        return Caption(tuple(words[:length]), numbers, cut=tuple(words[length:]))

    def joined(self, piece: str) -> list[str]:
        """A piece as symbols: of all neighbours the pair of the lowest rank is joined first.

        Time grows with the square of the length, so one that is longer than LONGEST is joined in
        parts.
        """
        symbols = [_bytes()[byte] for byte in piece.encode()]
        symbols[-1] += END
        starts = range(0, len(symbols), LONGEST)
        return [one for start in starts for one in self._joined(symbols[start : start + LONGEST])]

    def _joined(self, symbols: list[str]) -> list[str]:
        while len(symbols) > 1:
            best = min(pairwise(symbols), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            symbols = list(_merged(symbols, best))
        return symbols

    def write(self, folder: Path) -> None:
        """Writes `merges.txt`, a pair a line."""
        lines = "".join(f"{first} {second}\n" for first, second in self.merges)
        write_atomically(folder / FILE, lines.encode())

    @cached_property
    def _numbers(self) -> dict[str, int]:
        single = list(_bytes().values())
        symbols = [*single, *(one + END for one in single), *map("".join, self.merges)]
        return {symbol: number for number, symbol in enumerate(symbols)}


def pieces(text: str) -> list[str]:
    """What pairs are sought in: words in lower case, single digits, and runs of other marks."""
    text = " ".join(html.unescape(html.unescape(text)).split()).lower()
    found: list[str] = []
    for piece in PIECES.findall(text):
        for numeric, run in groupby(piece, lambda char: unicodedata.category(char)[0] == "N"):
            chars = list(run)
            found += chars if numeric else ["".join(chars)]
    return found


def read_byte_pairs(path: Path) -> BytePairs:
    """Reads the authors' bpe_simple_vocab_16e6.txt.gz, or a tokenizer.json, or a `merges.txt`.

    Raises InputError where it is missing, damaged, or anything else.
    """
    if not path.is_file():
        raise InputError(f"There is no file '{path}'; expected {WANTED}.")
    try:
        text = _unpacked(path).decode()
        if text.lstrip().startswith("{"):
            given = [
                pair.split(" ") if isinstance(pair, str) else pair
                for pair in json.loads(text)["model"]["merges"]
            ]
        else:
            lines = text.removesuffix("\n").split("\n")
            told = lines[0].startswith(('"bpe_simple', "#version"))  # a line about the file
            given = [line.split() for line in lines[told:]][:RELEASED_MERGES]
        merges = [(first, second) for first, second in given]
        usable = all(isinstance(symbol, str) and symbol for pair in merges for symbol in pair)
    except BROKEN as error:
        raise _no_pairs(path) from error
    if not merges or not usable or len(set(map("".join, merges))) != len(merges):
        raise _no_pairs(path)
    if set("".join(map("".join, merges)).replace(END, "")) - set(_bytes().values()):
        raise _no_pairs(path)
    return BytePairs(merges)


def _unpacked(path: Path) -> bytes:
    """What is in a file, which may be packed; raises ValueError where it is too long."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("it is too long")
    return content


def _no_pairs(path: Path) -> InputError:
    return InputError(f"'{path}' is damaged or is not {WANTED}.")


@lru_cache(maxsize=1)
def _bytes() -> dict[int, str]:
    """A letter for each byte, printable ones their own, in the order of the tokens' numbers."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {
        **{byte: chr(byte) for byte in printable},
        **{byte: chr(256 + number) for number, byte in enumerate(others)},
    }


@lru_cache(maxsize=1)
def _letters() -> dict[str, int]:
    """The byte of each of those letters."""
    return {letter: byte for byte, letter in _bytes().items()}


def _readable(symbol: str) -> str:
    """A symbol as people read it."""
    return bytes(_letters()[letter] for letter in symbol.removesuffix(END)).decode(errors="replace")


def _merged(symbols: Sequence[str], pair: tuple[str, str]) -> Iterator[str]:
    """The symbols, the pair joined wherever it stands."""
    place = 0
    while place < len(symbols):
        if tuple(symbols[place : place + 2]) == pair:
            yield "".join(pair)
            place += 2
        else:
            yield symbols[place]
            place += 1
