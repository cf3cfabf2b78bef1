import gzip
import json
import random
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from files.errors import InputError
from trecs.systems.parts import clip_tokens
from trecs.systems.parts.clip_tokens import BytePairs, WordTokens, pieces, read_byte_pairs
from trecs.systems.parts.vocabulary import CaptionVocabulary

MERGES = (("o", "g</w>"), ("d", "og</w>"), ("d", "o"))
PAIRS = BytePairs(MERGES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A  Dog's\nball", ["a", "dog", "'s", "ball"]),
        ("12 dogs!?", ["1", "2", "dogs", "!?"]),
        ("black &amp;amp; white", ["black", "&", "white"]),
        ("x² a_b café", ["x", "²", "a", "_", "b", "café"]),
    ],
)
def test_pieces(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_the_pair_of_the_lowest_rank_is_joined_first() -> None:
    """In "dog" o and g go first, though d and o stand before them."""
    assert PAIRS.joined("dog") == ["dog</w>"]
    assert PAIRS.joined("do") == ["d", "o</w>"]
    assert PAIRS.joined("dodog") == ["do", "dog</w>"]
    assert PAIRS.joined("é") == ["Ã", "©</w>"]


def test_numbers_are_those_of_bytes_then_pairs_then_marks() -> None:
    """The printable bytes stand first: "!" is 0, "a" 64, "d" 67; at the end of words 256 more."""
    found = PAIRS.cut("dog a d!", 9)
    assert found.numbers == (513, 64 + 256, 67 + 256, 0 + 256)
    assert found.words == ("dog", "a", "d", "!")
    assert PAIRS.vocabulary == 517
    rows = PAIRS.marked([found.numbers, (513,)], 8)
    assert rows.tolist() == [[515, 513, 320, 323, 256, 516, 0, 0], [515, 513, 516, 0, 0, 0, 0, 0]]


def test_a_long_text_keeps_its_end() -> None:
    found = PAIRS.cut("dog a d", 2)
    assert found.cut == ("d",)
    assert PAIRS.marked([(1, 2, 3)], 4).tolist() == [[515, 1, 2, 516]]


def test_whole_words() -> None:
    tokens = WordTokens(CaptionVocabulary(("<end>", "dog", "red")))
    assert tokens.vocabulary == 5
    assert tokens.marked([tokens.cut("a red dog", 4).numbers], 6).tolist() == [[3, 2, 1, 4, 0, 0]]


def test_pairs_are_read_from_every_form(tmp_path: Path) -> None:
    lines = "".join(f"{first} {second}\n" for first, second in MERGES)
    released = tmp_path / "bpe.txt.gz"
    released.write_bytes(
        gzip.compress(('"bpe_simple_vocab_16e6.txt#version: 0.2\n' + lines).encode())
    )
    library = tmp_path / "tokenizer.json"
    library.write_text(json.dumps({"model": {"merges": [f"{a} {b}" for a, b in MERGES]}}))
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps({"model": {"merges": [list(pair) for pair in MERGES]}}))
    PAIRS.write(tmp_path)
    for path in (released, library, newer, tmp_path / "merges.txt"):
        assert read_byte_pairs(path).merges == MERGES


@pytest.mark.parametrize(
    "content",
    [b"", b"d o\nd o\n", b"one two three\n", b"{}", b'{"model": {"merges": [[1, 2]]}}',
     b'{"model":' + b"[" * 100_000, b"\x1f\x8bno", "日 本\n".encode(), b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_file_of_pairs_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "merges.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is damaged or is not CLIP's byte pairs"):
        read_byte_pairs(path)


@pytest.mark.parametrize(("packed", "most"), [(False, 16), (True, 17)])
def test_a_file_that_is_too_long_is_refused_and_not_cut(
    packed: bool, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three pairs are 17 bytes."""
    monkeypatch.setattr(clip_tokens, "MOST_BYTES", most)
    PAIRS.write(tmp_path)
    path = tmp_path / "merges.txt"
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(InputError, match="is damaged or is not CLIP's byte pairs"):
        read_byte_pairs(path)


class Counted(dict[tuple[str, str], int]):
    """Counts how often it is asked."""

    asked = 0

    def get(self, *given: Any) -> Any:
        self.asked += 1
        return super().get(*given)


def test_the_time_for_a_word_grows_as_its_length() -> None:
    """And no byte of it is lost."""
    pairs = BytePairs([(a, b) for a in ascii_lowercase for b in ascii_lowercase])
    asked = []
    for length in (512, 2048):
        pairs._ranks = Counted(pairs._ranks)
        word = "".join(random.Random(0).choices(ascii_lowercase, k=length))
        assert "".join(pairs.joined(word)) == f"{word}</w>"
        asked.append(pairs._ranks.asked)
    assert asked[1] < 5 * asked[0]


def test_a_missing_file_and_an_empty_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file.*bpe_simple_vocab"):
        read_byte_pairs(tmp_path / "none")
    with pytest.raises(InputError, match="nothing to read"):
        PAIRS.cut("  ", 5)
