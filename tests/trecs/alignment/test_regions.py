from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmentation.hulls import MIN_AREA, convex_hull
from segmentation.labels import COUNT
from trecs.alignment.regions import Region, align, align_strokes
from trecs.narrative import Narrative, Word
from trecs.tagging.tagger import Tags

DOG, CAT, PERSON, GRASS, SKY = 17, 16, 0, 123, 156
LETTER = 0.1  # seconds


def circle(begin: float, end: float, x: float = 0.5, y: float = 0.5, radius: float = 0.1, count=21):
    angle = np.linspace(0, 2 * np.pi, count)
    points = (x + radius * np.cos(angle), y + radius * np.sin(angle))
    return np.column_stack([*points, np.linspace(begin, end, count)])


def tags(labels: Sequence[int]) -> Tags:
    probabilities = np.eye(COUNT, dtype=np.float32)[list(labels)]
    return Tags(np.array(labels, np.uint8), probabilities)


class Script:
    """Phrases and strokes one after the other, as someone who types and draws in turn."""

    def __init__(self) -> None:
        self.time = 0.0
        self.words: list[Word] = []
        self.labels: list[int] = []
        self.strokes: list[NDArray[np.float64]] = []

    def type(self, text: str, label: int) -> "Script":
        for word in text.split():
            self.words.append(Word(word, self.time, self.time + LETTER * len(word)))
            self.labels.append(label)
            self.time = self.words[-1].end + LETTER
        return self

    def draw(self, pause: float = 0.7, seconds: float = 1.0) -> "Script":
        """Draws stroke number n round (0.1 + 0.15 n, 0.5), a tenth wide."""
        x = 0.1 + 0.15 * len(self.strokes)
        begin = self.time + pause
        self.strokes.append(circle(begin, begin + seconds, x, 0.5, 0.05))
        self.time = begin + seconds
        return self

    def wait(self, seconds: float) -> "Script":
        self.time += seconds
        return self

    def aligned(self) -> list[tuple[int, str, list[int]]]:
        """Each region's label, words, and the numbers of its strokes."""
        regions = align(Narrative(tuple(self.words), tuple(self.strokes)), tags(self.labels))
        return [
            (
                region.label,
                " ".join(word.text for word in self.words[region.start : region.stop]),
                [round((float(s[:-1, 0].mean()) - 0.1) / 0.15) for s in region.strokes],
            )
            for region in regions
        ]


def test_spoken_stroke_is_cut_where_the_words_pass_to_the_next_label():
    words = tuple(
        Word(w, i * 0.5, i * 0.5 + 0.4) for i, w in enumerate("a dog on the grass".split())
    )
    stroke = np.column_stack([np.linspace(0, 1, 251), np.full(251, 0.5), np.linspace(0, 2.5, 251)])
    dog, grass = align(Narrative(words, (stroke,)), tags([DOG, DOG, GRASS, GRASS, GRASS]))
    assert (dog.start, dog.stop, grass.start, grass.stop) == (0, 2, 2, 5)
    # "dog" ends at 0.9 s and "on" begins at 1.0 s: the border is at 0.95 s.
    assert dog.strokes[0][-1, 2] == pytest.approx(0.94)
    assert grass.strokes[0][0, 2] == pytest.approx(0.95)
    assert len(dog.strokes[0]) + len(grass.strokes[0]) == 251
    assert not dog.predicted


def test_spoken_stroke_mostly_in_one_run_stays_whole():
    words = (Word("dog", 0, 1), Word("grass", 1, 2))
    dog, grass = align(Narrative(words, (circle(0, 1.3),)), tags([DOG, GRASS]))
    assert (len(dog.strokes[0]), grass.strokes) == (21, ())
    dog, grass = align(Narrative(words, (circle(0, 1.6),)), tags([DOG, GRASS]))
    assert (len(dog.strokes[0]), len(grass.strokes[0])) == (13, 8)


def test_spoken_stroke_in_a_pause_goes_to_the_nearest_word_that_it_overlaps():
    words = (Word("dog", 0, 1), Word("grass", 5, 6))
    stroke = circle(0, 5.5, count=56)
    dog, grass = align(Narrative(words, (stroke,)), tags([DOG, GRASS]))
    assert dog.strokes[0][-1, 2] == pytest.approx(2.9)
    assert grass.strokes[0][0, 2] == pytest.approx(3.0)


def test_spoken_stroke_that_begins_before_its_word_is_not_cut_off_for_the_word_before():
    words = (Word("dog", 0, 1), Word("grass", 3, 5))
    dog, grass = align(Narrative(words, (circle(1.2, 5),)), tags([DOG, GRASS]))
    assert dog.strokes == ()
    assert len(grass.strokes) == 1
    assert len(grass.strokes[0]) == 21


def test_stroke_that_only_grazes_the_next_word_stays_whole():
    words = (Word("dog", 0, 1), Word("grass", 3, 4))
    strokes = (circle(1.2, 3.1), circle(4.5, 5))
    dog, grass = align(Narrative(words, strokes), tags([DOG, GRASS]))
    assert dog.strokes[0] is strokes[0]
    assert grass.strokes[0] is strokes[1]


def test_type_draw_type_draw():
    script = Script().type("a dog", DOG).draw().wait(0.7).type("on the grass", GRASS).draw()
    assert script.aligned() == [(DOG, "a dog", [0]), (GRASS, "on the grass", [1])]


def test_type_draw_type_draw_with_function_words_tagged_as_the_thing_before():
    script = Script().type("a dog", DOG).draw().wait(0.7).type("on the", DOG).type("grass", GRASS)
    assert script.draw().aligned() == [(DOG, "a dog on the", [0]), (GRASS, "grass", [1])]


def test_draw_type_draw_type():
    script = Script().draw().wait(0.7).type("a dog", DOG).draw().wait(0.7).type("on grass", GRASS)
    assert script.aligned() == [(DOG, "a dog", [0]), (GRASS, "on grass", [1])]


def test_draw_type_draw_type_with_function_words_tagged_as_the_thing_before():
    script = Script().draw().wait(0.7).type("a dog on", DOG).draw().wait(0.7).type("the", DOG)
    script.type("grass", GRASS)
    assert script.aligned() == [(DOG, "a dog on the", [0]), (GRASS, "grass", [1])]


def test_all_typed_then_all_drawn():
    script = Script().type("a dog", DOG).type("a cat", CAT).type("on the grass", GRASS)
    script.draw().draw().draw()
    assert [strokes for *_, strokes in script.aligned()] == [[0], [1], [2]]


def test_all_drawn_then_all_typed():
    script = Script().draw().draw().draw().wait(1)
    script.type("a dog", DOG).type("a cat", CAT).type("on the grass", GRASS)
    assert [strokes for *_, strokes in script.aligned()] == [[0], [1], [2]]


def test_fewer_strokes_than_runs_prefer_those_with_content():
    script = Script().type("in this image we can see", SKY).type("a dog", DOG).type("grass", GRASS)
    script.draw().draw()
    assert [strokes for *_, strokes in script.aligned()] == [[], [0], [1]]


def test_fewer_strokes_than_runs_prefer_labels_not_mentioned_before():
    script = Script().type("a dog", DOG).type("a cat", CAT).type("the dog sleeps", DOG)
    script.draw().draw()
    assert script.aligned() == [(DOG, "a dog", [0]), (CAT, "a cat", [1])]


def test_long_pauses_between_strokes_separate_objects():
    script = Script().type("a dog", DOG).type("on grass", GRASS).draw().wait(3).draw(0.1).draw(0.1)
    assert [strokes for *_, strokes in script.aligned()] == [[0], [1, 2]]
    script = Script().draw().draw(0.1).wait(3).draw().type("a dog", DOG).type("on grass", GRASS)
    assert [strokes for *_, strokes in script.aligned()] == [[0, 1], [2]]


def test_untraced_phrase_between_traced_ones_stays_without_trace():
    script = Script().type("a dog", DOG).draw().wait(0.7).type("a cat", CAT).type("grass", GRASS)
    assert [strokes for *_, strokes in script.draw().aligned()] == [[0], [], [1]]


def test_second_mention_without_trace_is_the_same_object():
    script = Script().type("a dog", DOG).type("on grass", GRASS).type("the dog is brown", DOG)
    assert [label for label, *_ in script.aligned()] == [DOG, GRASS]


def test_second_mention_of_another_thing_is_kept():
    script = Script().type("a dog", DOG).type("on grass", GRASS).type("another dog", DOG)
    assert [label for label, *_ in script.aligned()] == [DOG, GRASS, DOG]


def test_run_of_function_words_with_a_label_of_its_own_is_kept():
    script = Script().type("in the background we can see", SKY).type("a dog", DOG)
    assert [label for label, *_ in script.aligned()] == [SKY, DOG]


def two_mentions(label: int, first: NDArray[np.float64], second: NDArray[np.float64]):
    words = (Word("one", 0, 1), Word("grass", 2, 3), Word("two", 4, 5))
    return align(Narrative(words, (first, second)), tags([label, GRASS + 1, label]))


def test_traced_mentions_of_one_label_that_overlap_are_merged():
    regions = two_mentions(DOG, circle(0, 1), circle(4, 5, x=0.52))
    assert [(r.label, r.start, len(r.strokes)) for r in regions] == [(DOG, 0, 2), (GRASS + 1, 1, 0)]


def test_traced_mentions_of_one_label_that_lie_apart_are_two_objects():
    regions = two_mentions(DOG, circle(0, 1), circle(4, 5, x=0.7))
    assert [r.label for r in regions] == [DOG, GRASS + 1, DOG]


def test_a_thing_inside_a_larger_one_is_kept_but_stuff_inside_stuff_is_not():
    inner, outer = circle(4, 5, radius=0.1), circle(0, 1, radius=0.3)
    assert len(two_mentions(PERSON, outer, inner)) == 3
    assert len(two_mentions(SKY, outer, inner)) == 2


def test_no_words_no_regions():
    assert align(Narrative((), (circle(0, 1),)), tags([])) == ()


def test_strokes_without_words_get_guessed_labels():
    seen = []

    def guess(hull: NDArray[np.float64], context: Sequence[int]) -> int:
        seen.append((round(float(hull[:, 0].mean()), 2), list(context)))
        return DOG if len(context) == 0 else SKY

    strokes = (circle(2, 3, x=0.7), circle(0, 1, x=0.3))
    regions = align_strokes(Narrative((), strokes), guess)
    assert [(r.label, r.start, r.stop) for r in regions] == [(DOG, 0, 0), (SKY, 0, 0)]
    assert seen == [(0.3, []), (0.7, [DOG])]


def test_many_strokes_without_words_are_taken_together():
    strokes = tuple(circle(i, i + 0.5) for i in range(500))
    regions = align_strokes(Narrative((), strokes), lambda hull, context: DOG)
    assert len(regions) == 64
    assert sum(len(region.strokes) for region in regions) == 500


def test_hull_of_a_square_trace_is_the_square():
    path = np.array([[0.2, 0.2, 0], [0.4, 0.2, 1], [0.3, 0.3, 2], [0.4, 0.4, 3], [0.2, 0.4, 4]])
    hull = Region(DOG, 0, 1, (path,)).hull
    assert sorted(map(tuple, hull.tolist())) == [(0.2, 0.2), (0.2, 0.4), (0.4, 0.2), (0.4, 0.4)]


def test_hull_of_one_point_is_a_small_square():
    hull = convex_hull(np.array([[0.5, 0.25]]))
    assert hull.min(0) == pytest.approx([0.48, 0.23])
    assert hull.max(0) == pytest.approx([0.52, 0.27])


def test_hull_of_a_line_is_widened():
    hull = convex_hull(np.array([[0.2, 0.5], [0.8, 0.5], [0.5, 0.5]]))
    assert hull.min(0) == pytest.approx([0.18, 0.48])
    assert hull.max(0) == pytest.approx([0.82, 0.52])


def test_hull_is_cut_to_the_picture_and_never_empty():
    hull = convex_hull(np.array([[0.5, 0.5], [1.1, 0.5], [1.1, 1.1], [0.5, 1.1]]))
    assert hull.max(0).tolist() == [1, 1]
    outside = convex_hull(np.array([[1.3, 1.2], [1.4, 1.5]]))
    assert outside.min(0) == pytest.approx([0.96, 0.96])


def test_region_without_trace_has_no_hull():
    assert Region(DOG, 0, 1).hull.shape == (0, 2)


def area(hull: NDArray[np.float64]) -> float:
    x, y = hull[:, 0], hull[:, 1]
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_point_belongs_to_one_region_in_every_narrative(data: st.DataObject):
    times = st.floats(0, 30)
    starts = sorted(data.draw(st.lists(times, min_size=1, max_size=12)))
    words = tuple(Word("dog", t, t + data.draw(st.floats(0, 3))) for t in starts)
    labels = [data.draw(st.sampled_from([DOG, CAT, SKY])) for _ in words]
    strokes = []
    for i in range(data.draw(st.integers(0, 6))):
        when = sorted(data.draw(st.lists(times, min_size=1, max_size=8)))
        where = data.draw(st.floats(-0.5, 1.5))
        strokes.append(np.array([[where, i / 10, t] for t in when]))
    regions = align(Narrative(words, tuple(strokes)), tags(labels))
    pieces = [piece for region in regions for piece in region.strokes]
    given_points = sorted(tuple(p) for stroke in strokes for p in stroke.tolist())
    assert sorted(tuple(p) for piece in pieces for p in piece.tolist()) == given_points
    for region in regions:
        assert labels[region.start : region.stop] == [region.label] * (region.stop - region.start)
        if region.strokes:
            assert area(region.hull) >= MIN_AREA * 0.99
            assert region.hull.min() >= 0
            assert region.hull.max() <= 1


def test_a_thousand_words_and_many_strokes():
    words = tuple(Word("dog", i, i + 0.3) for i in range(1000))
    strokes = tuple(circle(i + 0.4, i + 0.6, count=3) for i in range(999))
    regions = align(Narrative(words, strokes), tags([i % 180 for i in range(1000)]))
    assert sum(len(s) for region in regions for s in region.strokes) == 3 * 999
