"""What of a narrative is mended when it is read, and what is not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.errors import InputError
from tests.trecs.test_narrative import point, same, spoken, timed
from trecs import narrative
from trecs.narrative import Narrative, Word
from trecs.narrative.mending import LONGEST_PAUSE
from trecs.narrative.narrative import checked

DAY = 24 * 3600.0


def stroke(*times: float) -> list[dict[str, float]]:
    return [{"x": i / 10, "y": 0.5, "t": t} for i, t in enumerate(times)]


def test_words_are_sorted_by_their_times_and_bindings_follow() -> None:
    told = narrative.loads(
        spoken(
            timed_caption=timed(("dog", 0.6, 1.2), ("a brown", 0, 0.6), ("on", 1.2, 1.6)),
            trecs_bindings=[{"stroke": 0, "word": 0}, {"stroke": 1, "word": 3}],
        )
    )
    assert told.caption == "a brown dog on"
    assert told.words[2] == Word("dog", 0.6, 1.2)
    assert told.bindings == {0: 2, 1: 3}
    assert told.notes == ("The words were not in the order of their times and were sorted.",)


def test_words_of_one_time_keep_their_order() -> None:
    told = narrative.loads(spoken(timed_caption=timed(("c", 2, 3), ("a", 1, 1), ("b", 1, 1))))
    assert told.caption == "a b c"


def test_points_are_sorted_by_their_times() -> None:
    told = narrative.loads(spoken(traces=[stroke(0, 2, 1), stroke(1, 2), stroke(5, 4)]))
    assert told.strokes[0].tolist() == [[0, 0.5, 0], [0.2, 0.5, 1], [0.1, 0.5, 2]]
    assert told.strokes[1].tolist() == [[0, 0.5, 1], [0.1, 0.5, 2]]
    assert told.strokes[2][:, 2].tolist() == [4, 5]
    (note,) = told.notes
    assert note.startswith("The points of 2 strokes were not in the order")


def test_what_is_in_order_stays_as_it_is() -> None:
    told = narrative.loads(spoken())
    assert told.notes == ()
    assert checked(told) is told


@pytest.mark.parametrize(
    ("words", "drawn", "starts", "times"),
    [
        ([("a", 0, 1), ("b", DAY, DAY + 1)], (DAY + 1, DAY + 2), [0, 61], [62, 63]),
        ([("a", 5 * DAY, 5 * DAY + 1)], (5 * DAY + 0.5,), [60], [60.5]),  # before all else
        ([("a", 0, 1)], (2, 3, DAY, DAY + 1), [0], [2, 3, 63, 64]),  # while the pen was down
        ([("ab", 0, DAY), ("c", DAY + 2, DAY + 3)], (1,), [0, 63], [1]),  # within a word
        ([("a", 0, 40), ("b", 100, 101)], (3,), [0, 100], [3]),  # 60 s are none
    ],
)
def test_long_pauses_shrink(
    words: list[tuple[str, float, float]],
    drawn: tuple[float, ...],
    starts: list[float],
    times: list[float],
) -> None:
    told = narrative.loads(spoken(timed_caption=timed(*words), traces=[stroke(*drawn)]))
    assert [word.start for word in told.words] == pytest.approx(starts)
    assert told.strokes[0][:, 2].tolist() == pytest.approx(times)
    hours = max(time for _, *both in words for time in both) > 200 or max(drawn) > 200
    assert [note[:21] for note in told.notes] == ["Pauses of over 60 s w"] * hours
    assert same(narrative.loads(narrative.dumps(told)), told)  # shortened once and for all


def test_a_recording_of_days_is_told_by_how_much_it_shrank() -> None:
    (note,) = narrative.loads(spoken(traces=[stroke(2 + LONGEST_PAUSE + 7200)])).notes
    assert "by 7,200 s in all" in note


moments = st.floats(0, 20 * DAY) | st.integers(0, 5)


@given(st.lists(st.tuples(moments, st.floats(0, DAY)), max_size=6), st.lists(moments, max_size=6))
def test_whatever_the_order_and_pauses_a_sound_narrative_comes_of_it(
    spans: list[tuple[float, float]], drawn: list[float]
) -> None:
    words = timed(*((f"w{i}", start, start + length) for i, (start, length) in enumerate(spans)))
    words = words or timed(("a", 0, 1))
    told = narrative.loads(spoken(timed_caption=words, traces=[stroke(*drawn)], caption=""))
    assert checked(told) is told
    assert sorted(word.text for word in told.words) == sorted(word["utterance"] for word in words)
    marks = np.unique([0, *(t for w in told.words for t in (w.start, w.end)), *_times(told)])
    assert (np.diff(marks) <= LONGEST_PAUSE + 0.002).all()
    assert same(narrative.loads(narrative.dumps(told)), told)


def _times(told: Narrative) -> list[float]:
    return [t for one in told.strokes for t in one[:, 2].tolist()]


REFUSED = {
    "a word that ends before it starts": (
        spoken(timed_caption=timed(("dog", 1.2, 0.6), ("a", 0, 1))),
        r"timed_caption\[0\] ends \(0.6 s\) before it starts",
    ),
    "a negative time": (spoken(timed_caption=timed(("a", 3, 4), ("b", -1, 2))), "-1 s of the word"),
    "a negative time among unsorted points": (spoken(traces=[stroke(3, -1)]), "-1 s of stroke 1"),
    "pixels": (spoken(traces=point(x=416.0, y=192.0)), "Divide pixels by the picture's size"),
    "seconds since 1970": (spoken(traces=[stroke(1.7e9)]), r"1\.7e\+09 s of stroke 1"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_certain_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        narrative.loads(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_files_are_read_in_each_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    record: dict[str, Any] = json.loads(spoken())
    path = tmp_path / "told.jsonl"
    path.write_bytes((json.dumps(record) + end).encode(encoding))
    assert same(narrative.read(path), narrative.loads(spoken()))
    assert same(narrative.loads(path.read_bytes()), narrative.loads(spoken()))


@pytest.mark.parametrize("number", [10**400, -(10**18), True, 1.0])
def test_numbers_of_words_are_told_in_a_short_line(number: float) -> None:
    with pytest.raises(InputError, match=r"trecs_bindings\[0\] is not") as caught:
        narrative.loads(spoken(trecs_bindings=[{"stroke": 0, "word": number}]))
    assert len(str(caught.value)) < 300


def test_pauses_stay_where_a_recording_has_them() -> None:
    words = timed(("a", 0, 1), ("dog", DAY, DAY + 1))
    told = narrative.loads(spoken(timed_caption=words, voice_recording="voices/1.ogg"))
    assert told.notes == ()
    assert told.words[1].start == DAY
    assert told.voice_recording == "voices/1.ogg"
    assert narrative.loads(narrative.dumps(told)).voice_recording == "voices/1.ogg"
    without = narrative.loads(spoken(timed_caption=words, voice_recording=["no path"]))
    assert (len(without.notes), without.voice_recording) == (1, "")
