import pytest

from trecs.text.phrases import MANY, things_named


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("a man rides", 1),
        ("the woman wears", 1),
        ("a woman wears sunglasses and holds", 1),
        ("a brown horse stands on the", 1),
        ("another cup and plates", 1),
        ("a sports ball", 1),
        ("the man's", 1),
        ("in this image there is a dog", 1),
        ("people standing", MANY),
        ("the players", MANY),
        ("a group of men", MANY),
        ("some sheep", MANY),
        ("many cars on the", MANY),
        ("two dogs", 2),
        ("a man and four Horses", 4),
        ("six birds", 6),
        ("", 1),
    ],
)
def test_how_many_things_the_words_speak_of(words: str, count: int) -> None:
    assert things_named(words.split()) == count
