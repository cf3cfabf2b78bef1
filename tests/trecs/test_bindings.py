"""Bindings of strokes to words, in a narrative and in its file."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.errors import InputError
from segmentation.labels import value_of
from trecs import narrative

HILL, CAT = value_of("hill"), value_of("cat")
numbers = st.integers(-1, 4)


def point(t: float = 1.0) -> list[dict[str, float]]:
    return [{"x": 0.5, "y": 0.5, "t": t}]


def spoken(**changes: Any) -> str:
    timed = [
        {"utterance": "a dog", "start_time": 0.5, "end_time": 1.3},
        {"utterance": "on", "start_time": 1.3, "end_time": 1.5},
        {"utterance": "grass", "start_time": 1.5, "end_time": 2.0},
    ]
    return json.dumps({"timed_caption": timed, "traces": [point(), point(2.0)], **changes})


def test_strokes_are_bound_to_words() -> None:
    bound = [{"stroke": 1, "word": 3}]
    told = narrative.loads(spoken(trecs_bindings=bound))
    assert told.bindings == {1: 3}  # "a dog" is two words
    assert json.loads(narrative.dumps(told))["trecs_bindings"] == bound
    assert told.bound({0: 1}).bindings == {0: 1}
    assert told.without_trace().bindings == {}
    assert narrative.loads(spoken(trecs_bindings=bound), ignore_trace=True).bindings == {}
    assert "trecs_bindings" not in json.loads(narrative.dumps(narrative.loads(spoken())))


def test_bindings_follow_their_strokes_where_others_are_empty() -> None:
    traces = [[], point(), [], point()]
    bound = [{"stroke": 3, "word": 0}, {"stroke": 2, "word": 1}]
    assert narrative.loads(spoken(traces=traces, trecs_bindings=bound)).bindings == {1: 0}


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        ([{"stroke": 2, "word": 0}], "Stroke 2 is bound to word 0, but the narrative has 2 strok"),
        ([{"stroke": 0, "word": 4}], "Stroke 0 is bound to word 4, but the narrative has 2 strok"),
        ([{"stroke": -1, "word": 0}], "Stroke -1 is bound"),
        ([{"stroke": 0, "word": True}], r"trecs_bindings\[0\] is not {stroke, word}"),
        ([{"stroke": 0, "word": 1.0}], r"trecs_bindings\[0\] is not"),
        ([{"stroke": 0, "word": 1}, {"stroke": 0}], r"trecs_bindings\[1\] is not"),
        ([{"stroke": 0, "word": 1}, {"stroke": 0, "word": 2}], "binds stroke 0 twice"),
        ({"0": 1}, "trecs_bindings"),
        ("dog", "trecs_bindings"),
    ],
)
def test_bindings_of_what_is_not_there_are_refused(bindings: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        narrative.loads(spoken(trecs_bindings=bindings))


@given(st.dictionaries(numbers, numbers, max_size=3))
def test_bindings_are_loaded_as_they_were_dumped_or_refused(bindings: dict[int, int]) -> None:
    told = narrative.loads(spoken())
    if all(0 <= stroke < 2 and 0 <= word < 4 for stroke, word in bindings.items()):
        bound = told.bound(bindings)
        assert narrative.loads(narrative.dumps(bound)).bindings == bindings
    else:
        with pytest.raises(InputError, match="is bound to word"):
            told.bound(bindings)


def test_words_are_given_labels_which_stay_without_a_trace() -> None:
    given = [{"stroke": 1, "word": 3, "label": "hill"}, {"word": 0, "label": "cat"}]
    told = narrative.loads(spoken(trecs_bindings=given))
    assert (told.bindings, told.labels) == ({1: 3}, {3: HILL, 0: CAT})
    again = narrative.loads(narrative.dumps(told))
    assert (again.bindings, again.labels) == (told.bindings, told.labels)
    assert narrative.loads(spoken(trecs_bindings=given), ignore_trace=True).labels == told.labels
    assert told.without_trace().labels == told.labels
    assert told.bound({0: 1}).labels == told.labels
    assert told.labelled({1: "hill", 2: CAT}).labels == {1: HILL, 2: CAT}
    assert told.labelled({}).labels == {}


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        ([{"word": 0, "label": "violin"}], "'violin' is not a COCO-Stuff label"),
        ([{"word": 4, "label": "cat"}], "Word 4 is given the label 16, but the narrative has 4"),
        ([{"word": -1, "label": "cat"}], "Word -1 is given"),
        ([{"word": 0, "label": 16}], r"trecs_bindings\[0\] is not"),
        ([{"label": "cat"}], r"trecs_bindings\[0\] is not"),
        ([{"word": 0}], r"trecs_bindings\[0\] is not"),
        (
            [{"word": 0, "label": "cat"}, {"stroke": 0, "word": 0, "label": "hill"}],
            "gives word 0 two labels",
        ),
    ],
)
def test_labels_that_are_none_are_refused(bindings: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        narrative.loads(spoken(trecs_bindings=bindings))
    with pytest.raises(InputError, match="labels are 0 to 181"):
        narrative.loads(spoken()).labelled({0: 255})
