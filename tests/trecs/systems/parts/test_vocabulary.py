from pathlib import Path

import pytest

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.systems.parts.vocabulary import END, CaptionVocabulary, tokens


def test_tokens_are_the_authors() -> None:
    assert tokens("A man's T-shirt, café_2 \N{HORSE} is 100% RED!") == (
        ["a", "man", "s", "t", "shirt", "caf_2", "is", "100", "red"]
    )
    assert tokens("") == []


def test_known_words_are_numbered_and_the_others_told() -> None:
    caption = VOCABULARY.encode("The zebra, a Dog; END", 5)
    assert caption.words == ("the", "a", "dog")
    assert caption.numbers == (2, 1, 5)
    assert caption.skipped == ("zebra", "end")
    assert caption.cut == ()
    assert VOCABULARY.encode(["The", "dog,", "runs"], 5).words == ("the", "dog", "runs")


def test_long_captions_are_cut_after_known_words() -> None:
    caption = VOCABULARY.encode("a big red dog runs on the grass", 3)
    assert caption.words == ("a", "red", "dog")
    assert caption.skipped == ("big",)
    assert caption.cut == ("runs", "on", "the", "grass")


@pytest.mark.parametrize("text", ["", "?!", "zebras galore", "<end>", "x" * 500])
def test_a_caption_without_a_known_word_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"knows no word of '.{0,63}'; it knows 11 English"):
        VOCABULARY.encode(text, 5)


def test_of_captions_takes_the_frequent_words_first() -> None:
    captions = ["A dog", "a cat and a dog", "The cat"]
    assert CaptionVocabulary.of(captions, at_least=2).words == (END, "a", "cat", "dog")


def test_files_go_round(tmp_path: Path) -> None:
    VOCABULARY.write(tmp_path)
    assert CaptionVocabulary.read(tmp_path) == VOCABULARY


@pytest.mark.parametrize("content", ["", "a\nb\n", f"{END}\na\na\n"])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "vocab.txt").write_text(content)
    with pytest.raises(InputError, match="not a vocabulary of captions"):
        CaptionVocabulary.read(tmp_path)


def test_another_number_of_words_is_refused() -> None:
    VOCABULARY.check(12)
    with pytest.raises(InputError, match=r"has 12 words, .* has 27,297 rows"):
        VOCABULARY.check(27_297)
