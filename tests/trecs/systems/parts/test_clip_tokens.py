import gzip
import json
from pathlib import Path

import pytest

from files.errors import InputError
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
     b"\x1f\x8bno", "日 本\n".encode(), b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_file_of_pairs_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "merges.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is damaged or is not CLIP's byte pairs"):
        read_byte_pairs(path)


def test_a_missing_file_and_an_empty_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file.*bpe_simple_vocab"):
        read_byte_pairs(tmp_path / "none")
    with pytest.raises(InputError, match="nothing to read"):
        PAIRS.cut("  ", 5)
