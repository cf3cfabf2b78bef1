from pathlib import Path

import pytest

from files.errors import InputError
from retrieval.encoder import DualEncoder
from retrieval.words import UNKNOWN
from trecs.systems.parts.vocabulary import CaptionVocabulary
from trecs.text.wordpieces import WordPieces
from trecs.text.words import Vocabulary


def test_a_vocabulary_keeps_frequent_words_by_frequency() -> None:
    narratives = [["a", "dog", "A", UNKNOWN], ["a", "cat", "Dog", "!"]]
    assert Vocabulary.of(narratives, at_least=2).words == (UNKNOWN, "a", "dog")


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("Dog!", "dog"),
        ("dogs", "dog"),
        ("dog's", "dog"),
        ("puppies", "puppy"),
        ("benches", "bench"),
        ("horses", "horse"),
        ("riding", "ride"),
        ("t-shirt", "shirt"),
        ("dog/cat", UNKNOWN),
        ("dogma", UNKNOWN),
        ("as", UNKNOWN),
        ("", UNKNOWN),
        ("-", UNKNOWN),
        (UNKNOWN, UNKNOWN),
    ],
)
def test_inflected_and_joined_words_are_found(typed: str, known: str) -> None:
    words = (UNKNOWN, "dog", "puppy", "bench", "horse", "ride", "shirt", "a")
    assert words[Vocabulary(words).find(typed)] == known


def test_a_vocabulary_survives_its_file(tmp_path) -> None:
    vocabulary = Vocabulary((UNKNOWN, "dog", "man's"))
    vocabulary.write(tmp_path)
    assert (tmp_path / "vocab.txt").read_text("utf-8") == "<unk>\ndog\nman's\n"
    assert Vocabulary.read(tmp_path) == vocabulary


@pytest.mark.parametrize("content", [b"", b"dog\n", b"<unk>\ndog\ndog\n", b"\xff\xfe\x00"])
def test_a_damaged_vocabulary_is_refused(tmp_path, content: bytes) -> None:
    (tmp_path / "vocab.txt").write_bytes(content)
    with pytest.raises(InputError, match=r"vocab\.txt"):
        Vocabulary.read(tmp_path)


def test_a_missing_vocabulary_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="missing"):
        Vocabulary.read(tmp_path)


def test_the_bundled_models_find_every_word_that_they_know(checkpoints: Path) -> None:
    encoder = DualEncoder.load(checkpoints / "encoder")
    assert encoder.numbers(encoder.vocabulary[:256]) == list(range(1, 257))
    for number, word in enumerate(encoder.vocabulary, 1):
        assert encoder.numbers([word]) == [number]
    known = Vocabulary.read(checkpoints / "tagger", "words.txt")
    assert [known.find(word) for word in known.words] == list(range(len(known)))
    pieces = WordPieces.read(checkpoints / "tagger")
    whole = [word for word in pieces.pieces if word.isalnum()]
    assert len(whole) > 20_000
    assert [pieces.pieces[pieces.split(word)[0]] for word in whole] == whole
    for name in ("attngan", "damsm"):
        captions = CaptionVocabulary.read(checkpoints / name)
        found = [captions.encode(word, 2).numbers for word in captions.words[1:]]
        assert found == [(number,) for number in range(1, len(captions))]


def test_the_words_of_a_trace_and_of_its_scenes_are_the_same(checkpoints: Path) -> None:
    """What the tagger reads, the encoder reads, too, however it was typed."""
    encoder = DualEncoder.load(checkpoints / "encoder")
    for typed, meant in (
        ("café", ["cafe"]),
        ("Man’s", ["man's"]),
        ("horse’s", ["horse"]),
        (UNKNOWN, []),
    ):
        expected = [encoder.vocabulary.index(word) + 1 for word in meant]
        assert encoder.numbers([typed]) == expected
