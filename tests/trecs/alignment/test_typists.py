import numpy as np
import pytest

from segmentation.labels import value_of
from trecs.alignment.typists import Habit, nouns_of, typed

DOG, PERSON, GRASS = map(value_of, ("dog", "person", "grass"))
WORDS = "two dogs and a man on the grass".split()


def block(left: int, right: int) -> np.ndarray:
    mask = np.zeros((20, 20), bool)
    mask[5:15, left:right] = True
    return mask


MASKS = {DOG: [block(0, 4), block(6, 10)], PERSON: [block(12, 16)], GRASS: [block(0, 20)]}


def test_nouns_are_found_by_their_longest_names() -> None:
    found = nouns_of("A traffic light, and the hot-dog stand by the Fire Hydrant".split())
    assert [(noun.label, noun.start, noun.stop) for noun in found][:1] == [
        (value_of("traffic-light"), 1, 3)
    ]
    assert (found[-1].label, found[-1].stop - found[-1].start) == (value_of("fire-hydrant"), 2)


@pytest.mark.parametrize("habit", Habit)
def test_each_habit_draws_what_the_photo_shows_in_its_own_order(habit: Habit) -> None:
    for seed in range(10):
        told = typed(WORDS, MASKS, habit, np.random.default_rng(seed))
        assert told is not None
        narrative, labels = told.narrative, [noun.label for noun in told.meant]
        assert [word.text for word in narrative.words] == WORDS
        assert len(narrative.strokes) == len(labels)
        begins = [float(stroke[0, 2]) for stroke in narrative.strokes]
        assert begins == sorted(begins)
        if habit is Habit.SUBJECT:
            assert set(labels) == {DOG}
            continue
        assert set(labels) == {DOG, PERSON, GRASS}
        assert labels.count(DOG) >= 2
        if habit is not Habit.ANY_ORDER:
            assert labels == sorted(labels, key=[DOG, PERSON, GRASS].index)
        first_word, last_word = narrative.words[0].start, narrative.words[-1].end
        if habit is Habit.FIRST_DRAWN:
            assert begins[0] < first_word
        if habit in (Habit.SENTENCE, Habit.ANY_ORDER):
            assert begins[0] > last_word


def test_what_no_noun_names_is_not_drawn() -> None:
    rng = np.random.default_rng(0)
    assert typed("nothing of that kind".split(), MASKS, Habit.SENTENCE, rng) is None
    assert typed(["a", "cat"], MASKS, Habit.SENTENCE, rng) is None
