from pathlib import Path

import pytest

from files.errors import InputError
from trecs.text.wordpieces import MAX_PIECES, SPECIAL, UNKNOWN, WordPieces

PIECES = WordPieces((*SPECIAL, "dog", "do", "##g", "##gy", "##s", "man", "'", "s", "##a"))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Dog!", ["dog"]),
        ("dogs", ["dog", "##s"]),
        ("doggy", ["dog", "##gy"]),
        ("man’s", ["man", "'", "s"]),
        ("cat", ["[UNK]"]),
        ("dogcat", ["[UNK]"]),
        ("狗", ["[UNK]"]),
        ("🐕", ["[UNK]"]),
        ("", ["[UNK]"]),
        ("<unk>", ["[UNK]"]),
        ("s" + "a" * 99, ["s", *["##a"] * (MAX_PIECES - 1)]),
    ],
)
def test_words_are_split_longest_piece_first(word: str, expected: list[str]) -> None:
    assert [PIECES.pieces[number] for number in PIECES.split(word)] == expected


def test_only_whole_words_are_known() -> None:
    assert PIECES.knows("Dog")
    assert not any(PIECES.knows(word) for word in ("dogs", "##g", "🐕", "", "[UNK]"))
    assert PIECES.split("[UNK]") == (UNKNOWN,)


def test_stretches_hold_at_most_so_many_pieces() -> None:
    words = ["dogs", "dog", "dogs", "man's", "dog"]  # 2, 1, 2, 3 and 1 pieces
    assert PIECES.stretches(words, 5) == [slice(0, 3), slice(3, 5)]
    assert PIECES.stretches(words, 16) == [slice(0, 5)]
    assert PIECES.stretches([], 16) == []


def test_a_vocabulary_survives_its_file(tmp_path: Path) -> None:
    PIECES.write(tmp_path)
    assert WordPieces.read(tmp_path).pieces == PIECES.pieces


@pytest.mark.parametrize("content", [b"", b"dog\n", b"[PAD]\n", b"\xff\xfe\x00"])
def test_a_damaged_vocabulary_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vocab.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"vocab\.txt"):
        WordPieces.read(tmp_path)


def test_a_missing_vocabulary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        WordPieces.read(tmp_path)
