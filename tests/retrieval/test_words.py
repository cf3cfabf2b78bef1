import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.words import UNKNOWN, normalise


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Sofa,", "sofa"),
        ("Man’s", "man's"),
        ("man´s", "man's"),
        ("‘Man`s′", "man's"),
        ("“Dog's,”", "dog's"),
        ("'stop'", "stop"),
        ("Café!", "cafe"),
        ("CAFE\u0301", "cafe"),
        ("T-shirt", "tshirt"),
        ("<b>dog</b>", "bdogb"),
        ("2", "2"),
        ("🐕", ""),
        ("...", ""),
        ("", ""),
        (UNKNOWN, ""),
        ("<UNK>,", ""),
        ("unk", "unk"),
        ("狗", "狗"),
    ],
)
def test_words_are_normalised_like_the_released_narratives(typed: str, expected: str) -> None:
    assert normalise(typed) == expected
    assert normalise(normalise(typed)) == expected


@given(st.text(max_size=20))
def test_what_is_normalised_stays(word: str) -> None:
    assert normalise(normalise(word)) == normalise(word)
