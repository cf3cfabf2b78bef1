import numpy as np

from segmentation.labels import UNLABELED, value_of
from trecs.data.hull_labels import hull_labels
from trecs.narrative import Narrative, Word

DOG, GRASS, SKY = value_of("dog"), value_of("grass"), value_of("sky-other")

LABELS = np.full((300, 400), SKY, np.uint8)
LABELS[150:] = GRASS
LABELS[180:240, 40:120] = DOG
LABELS[:, 300:] = UNLABELED


def stroke(*points: tuple[float, float, float]) -> np.ndarray:
    return np.array(points)


def square(left: float, top: float, right: float, bottom: float, at: float) -> np.ndarray:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return stroke(*((x, y, at + i / 10) for i, (x, y) in enumerate(corners)))


def words(*times: float) -> tuple[Word, ...]:
    return tuple(Word("w", start, start + 0.5) for start in times)


def test_a_word_gets_the_most_frequent_label_in_its_hull() -> None:
    strokes = (square(0.1, 0.6, 0.3, 0.8, 0.0), square(0.1, 0.1, 0.6, 0.55, 1.0))
    labels = hull_labels(Narrative(words(0.0, 1.0), strokes), LABELS)
    assert labels is not None
    assert labels.tolist() == [DOG, SKY]


def test_what_is_drawn_around_a_word_belongs_to_its_phrase() -> None:
    # The word's own arc lies in the dog; with what is drawn 0.3 s before and after it is grass.
    strokes = (square(0.1, 0.6, 0.3, 0.8, 1.0), square(0.02, 0.52, 0.7, 0.98, 1.7))
    told = Narrative((Word("w", 1.0, 1.4),), strokes)
    for around, expected in ((0.0, DOG), (0.29, DOG), (0.7, GRASS)):
        labels = hull_labels(told, LABELS, around=around)
        assert labels is not None
        assert labels.tolist() == [expected]


def test_strokes_may_come_in_any_order() -> None:
    strokes = (square(0.1, 0.1, 0.6, 0.4, 2.0), square(0.1, 0.6, 0.3, 0.8, 0.0))
    labels = hull_labels(Narrative(words(0.0, 2.0), strokes), LABELS)
    assert labels is not None
    assert labels.tolist() == [DOG, SKY]


def test_unlabeled_pixels_do_not_count() -> None:
    labels = hull_labels(Narrative(words(0.0), (square(0.7, 0.6, 1.1, 0.9, 0.0),)), LABELS)
    assert labels is not None
    assert labels.tolist() == [GRASS]


def test_words_without_a_labelled_hull_take_their_neighbours() -> None:
    strokes = (
        square(0.1, 0.6, 0.3, 0.8, 1.0),
        square(0.8, 0.6, 0.9, 0.8, 2.0),
        square(0.1, 0.1, 0.6, 0.4, 3.0),
    )
    labels = hull_labels(Narrative(words(0.0, 1.0, 2.0, 3.0, 4.0), strokes), LABELS)
    assert labels is not None
    assert labels.tolist() == [DOG, DOG, DOG, SKY, SKY]


def test_no_trace_gives_no_labels() -> None:
    assert hull_labels(Narrative(words(0.0, 1.0)), LABELS) is None
    outside = (square(0.8, 0.6, 0.9, 0.8, 0.0),)
    assert hull_labels(Narrative(words(0.0), outside), LABELS) is None
