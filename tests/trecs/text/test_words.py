import pytest

from files.errors import InputError
from trecs.text.words import UNKNOWN, Vocabulary, normalise


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Sofa,", "sofa"),
        ("Man’s", "man's"),
        ("'stop'", "stop"),
        ("Café!", "cafe"),
        ("T-shirt", "tshirt"),
        ("<b>dog</b>", "bdogb"),
        ("2", "2"),
        ("🐕", ""),
        ("...", ""),
        ("", ""),
        (UNKNOWN, ""),
        ("狗", "狗"),
    ],
)
def test_words_are_normalised_like_the_released_narratives(typed: str, expected: str) -> None:
    assert normalise(typed) == expected
    assert normalise(normalise(typed)) == expected


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
