"""Typed narratives whose strokes lie where their things usually are."""

import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from files.weights import BUNDLED
from segmentation.labels import value_of
from trecs.alignment.model import AlignmentModel
from trecs.alignment.regions import align
from trecs.alignment.terms import runs_of
from trecs.narrative import Narrative, Word
from trecs.tagging.tagger import Tags
from trecs.text.said import UNNAMED, Mention, Said

CAT, DOG, COUCH, BUS, ROAD, PERSON = map(value_of, ("cat", "dog", "couch", "bus", "road", "person"))


@pytest.fixture(scope="module")
def model() -> AlignmentModel:
    return AlignmentModel.load(BUNDLED / "alignment")


def loop(box: tuple[float, float, float, float], begin: float) -> NDArray[np.float64]:
    left, top, right, bottom = box
    angle = np.linspace(0, 2 * np.pi, 40)
    x = (left + right) / 2 + (right - left) / 2 * np.cos(angle)
    y = (top + bottom) / 2 + (bottom - top) / 2 * np.sin(angle)
    return np.column_stack([x, y, np.linspace(begin, begin + 1.5, 40)])


def told(text: str, *boxes: tuple[float, float, float, float], pause: float = 1.0) -> Narrative:
    """All is typed, then the boxes are drawn, with so many seconds between them."""
    words = tuple(Word(word, 0.4 * i, 0.4 * i + 0.35) for i, word in enumerate(text.split()))
    begin = 0.4 * len(words)
    strokes = tuple(loop(box, begin + 1 + (1.5 + pause) * i) for i, box in enumerate(boxes))
    return Narrative(words, strokes)


def tags_of(labels: list[int]) -> Tags:
    return Tags(np.array(labels, np.uint8), np.eye(182, dtype=np.float32)[labels])


def drawn(
    narrative: Narrative,
    labels: list[int],
    model: AlignmentModel,
    bound: dict[int, int] | None = None,
) -> list[int]:
    """The label that each stroke came to."""
    regions = align(narrative, tags_of(labels), model, bound)
    found = {float(s[0, 2]): region.label for region in regions for s in region.strokes}
    return [found[float(stroke[0, 2])] for stroke in narrative.strokes]


CAT_LABELS = [CAT] * 5 + [COUCH] * 3
CAT_TEXT = "A black cat is sleeping on a couch"


def test_the_subject_drawn_alone_is_the_subject(model: AlignmentModel) -> None:
    cat = told(CAT_TEXT, (0.4, 0.45, 0.6, 0.6))
    assert drawn(cat, CAT_LABELS, model) == [CAT]
    bus = told("A red bus drives down the road", (0.3, 0.3, 0.75, 0.7))
    assert drawn(bus, [BUS] * 4 + [ROAD] * 3, model) == [BUS]


def test_what_lies_where_the_other_usually_does_is_the_other(model: AlignmentModel) -> None:
    backwards = told("A red bus drives down the road", (0.0, 0.7, 1.0, 1.0), (0.3, 0.35, 0.7, 0.7))
    assert drawn(backwards, [BUS] * 4 + [ROAD] * 3, model) == [ROAD, BUS]


def test_two_strokes_for_two_things_are_both_theirs(model: AlignmentModel) -> None:
    text = "two men wait by the road"
    narrative = told(text, (0.2, 0.3, 0.35, 0.8), (0.6, 0.3, 0.75, 0.8), (0, 0.75, 1, 1))
    assert drawn(narrative, [PERSON] * 4 + [ROAD] * 2, model) == [PERSON, PERSON, ROAD]


@pytest.mark.parametrize("pause", [0.05, 0.3, 1.0])
def test_loops_side_by_side_are_of_two_things_however_fast_they_follow(
    model: AlignmentModel, pause: float
) -> None:
    boxes = (0.16, 0.5, 0.44, 0.72), (0.48, 0.41, 0.88, 0.69)
    narrative = told("A dog and a bus", *boxes, pause=pause)
    assert drawn(narrative, [DOG] * 2 + [BUS] * 3, model) == [DOG, BUS]


def test_a_loop_more_than_words_name_is_of_the_thing_before(model: AlignmentModel) -> None:
    boxes = (0.1, 0.5, 0.3, 0.7), (0.33, 0.5, 0.5, 0.7), (0.6, 0.5, 0.9, 0.7)
    narrative = told("two dogs and a cat", *boxes, pause=0.1)
    assert drawn(narrative, [DOG] * 2 + [CAT] * 3, model) == [DOG, DOG, CAT]
    assert drawn(told("a dog", *boxes[:2], pause=0.1), [DOG] * 2, model) == [DOG, DOG]


def test_what_somebody_bound_stays_bound(model: AlignmentModel) -> None:
    cat = told(CAT_TEXT, (0.4, 0.45, 0.6, 0.6))
    assert drawn(cat, CAT_LABELS, model, {0: 7}) == [COUCH]


def test_a_long_narrative_is_aligned_while_somebody_types(model: AlignmentModel) -> None:
    """Not a timing test: a hundredfold slip of the search would show, no more."""
    rng = np.random.default_rng(0)
    labels = sorted(rng.integers(0, 182, 40).tolist())
    boxes = [(x, y, x + 0.2, y + 0.2) for x, y in rng.uniform(0, 0.8, (12, 2))]
    narrative = told(" ".join(["thing"] * 40), *boxes)
    began = time.perf_counter()
    align(narrative, tags_of(labels), model)
    assert time.perf_counter() - began < 6


def test_runs_tell_what_their_words_say() -> None:
    words = "two dogs chase another dog there".split()
    runs = runs_of(words, [17, 17, 0, 17, 17, 0])
    assert [(run.start, run.stop) for run in runs] == [(0, 2), (2, 3), (3, 5), (5, 6)]
    assert [run.count for run in runs] == [2, 1, 1, 1]
    assert [run.undrawn for run in runs] == [
        "subject_undrawn",
        "thing_undrawn",
        "thing_undrawn",
        "function_undrawn",
    ]


def test_the_bindings_of_a_narrative_are_honoured(model: AlignmentModel) -> None:
    narrative = told(CAT_TEXT, (0.3, 0.4, 0.6, 0.7))
    assert drawn(narrative, CAT_LABELS, model) == [CAT]
    assert drawn(narrative.bound({0: 7}), CAT_LABELS, model) == [COUCH]


def test_regions_tell_which_strokes_are_theirs(model: AlignmentModel) -> None:
    narrative = told(CAT_TEXT, (0.1, 0.4, 0.9, 0.9), (0.3, 0.4, 0.6, 0.7), (0.35, 0.4, 0.6, 0.7))
    cat, couch = align(narrative.bound({0: 7, 1: 2, 2: 2}), tags_of(CAT_LABELS), model)
    assert (cat.sources, couch.sources) == ((1, 2), (0,))
    assert cat.strokes[1] is narrative.strokes[2]


def test_what_was_bound_apart_is_not_merged(model: AlignmentModel) -> None:
    box = (0.3, 0.3, 0.6, 0.7)
    narrative = told("a cat beside a couch and a cat", box, box)
    labels = [CAT, CAT, COUCH, COUCH, COUCH, CAT, CAT, CAT]
    regions = align(narrative.bound({0: 1, 1: 7}), tags_of(labels), model)
    assert [region.sources for region in regions if region.label == CAT] == [(0,), (1,)]


def test_a_bound_stroke_is_not_cut(model: AlignmentModel) -> None:
    words = (Word("cat", 0, 1), Word("couch", 1, 2))
    spoken = Narrative(words, (loop((0.1, 0.1, 0.5, 0.5), 0.2),))
    assert [r.sources for r in align(spoken, tags_of([CAT, COUCH]), model)] == [(0,), (0,)]
    bound = align(spoken.bound({0: 0}), tags_of([CAT, COUCH]), model)
    assert [r.sources for r in bound] == [(0,), ()]


def test_a_noun_without_a_label_has_its_strokes_and_is_no_region(model: AlignmentModel) -> None:
    words = "a cat beside a violin".split()
    violin = Mention("violin", UNNAMED, 3, 5, 4)
    cat = Mention("cat", CAT, 0, 2, 1)
    tags = replace(tags_of([CAT] * 5), said=Said((cat,), unlabelled=(violin,)))
    boxes = ((0.1, 0.4, 0.4, 0.8), (0.6, 0.4, 0.9, 0.8))
    (region,) = align(told(" ".join(words), *boxes).bound({0: 1, 1: 4}), tags, model)
    assert (region.label, region.stop, region.sources) == (CAT, 3, (0,))
    alone = replace(tags, said=Said(unlabelled=(violin,)))  # no noun has a label
    (region,) = align(told(" ".join(words), *boxes).bound({0: 1, 1: 4}), alone, model)
    assert (region.label, region.stop, region.sources) == (CAT, 5, (0, 1))
