import numpy as np
import pytest

from trecs.data.translation import Bitext, bitext, translation

A, B = 3, 7  # labels


def test_words_are_paired_with_labels_near_them_in_their_narrative() -> None:
    pairs = bitext(np.array([0, 1, 2, 0]), np.array([A, A, B, B]), np.array([0, 0, 0, 1]), radius=1)
    found = list(zip(pairs.token, pairs.word, pairs.label, pairs.count, strict=True))
    assert found == [
        (0, 0, A, 2),
        (1, 1, A, 2),
        (1, 1, B, 1),
        (2, 2, A, 1),
        (2, 2, B, 1),
        (3, 0, B, 1),
    ]


def two_narratives() -> Bitext:
    """Word 0 near label A alone; words 0 and 1 near A twice and B once."""
    return Bitext(
        token=np.array([0, 1, 1, 2, 2]),
        word=np.array([0, 0, 0, 1, 1]),
        label=np.array([A, A, B, A, B]),
        count=np.array([1.0, 2.0, 1.0, 2.0, 1.0]),
    )


def test_one_step_of_expectation_maximisation() -> None:
    table = translation(two_narratives(), 2, iterations=1)
    # From even chances a token comes from A with 2/3 where A stands there twice and B once.
    # Expected counts: (word 0, A) 1 + 2/3, (1, A) 2/3, (0, B) 1/3, (1, B) 1/3
    assert table[:, A] == pytest.approx([5 / 7, 2 / 7])
    assert table[:, B] == pytest.approx([1 / 2, 1 / 2])
    assert table.sum() == pytest.approx(2)


def test_the_second_step_uses_the_first() -> None:
    table = translation(two_narratives(), 2, iterations=2)
    zero_from_a = (2 * 5 / 7) / (2 * 5 / 7 + 1 / 2)  # 20/27
    one_from_a = (2 * 2 / 7) / (2 * 2 / 7 + 1 / 2)  # 8/15
    total = 1 + zero_from_a + one_from_a
    assert table[:, A] == pytest.approx([(1 + zero_from_a) / total, one_from_a / total])
    rest = 1 - zero_from_a, 1 - one_from_a
    assert table[:, B] == pytest.approx([rest[0] / sum(rest), rest[1] / sum(rest)])


def test_many_steps_explain_each_word_by_one_label() -> None:
    # "dog" always near A, "grass" always near B, both near both
    token = np.repeat(np.arange(6), [1, 1, 2, 2, 1, 1])
    word = np.array([0, 1, 0, 0, 1, 1, 0, 1])
    label = np.array([A, B, A, B, A, B, A, B])
    table = translation(Bitext(token, word, label, np.ones(8)), 2, iterations=60)
    assert table[:, A] == pytest.approx([1, 0], abs=1e-6)
    assert table[:, B] == pytest.approx([0, 1], abs=1e-6)
