import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from files.errors import InputError
from trecs import narrative
from trecs.narrative import Narrative, Word
from trecs.narrative.narrative import MARGIN, MAX_LETTERS, MAX_WORD_LENGTH

SPOKEN = {
    "dataset_id": "mscoco_val2017",
    "image_id": "137576",
    "annotator_id": 93,
    "caption": "a dog on grass",
    "timed_caption": [
        {"utterance": "a dog", "start_time": 0.5, "end_time": 1.3},
        {"utterance": "on", "start_time": 1.3, "end_time": 1.5},
        {"utterance": "grass", "start_time": 1.5, "end_time": 2.0},
    ],
    "traces": [
        [{"x": 0.1, "y": 0.2, "t": 0.4}, {"x": 0.3, "y": 0.2, "t": 0.9}],
        [{"x": -0.08, "y": 1.09, "t": 1.4}],
    ],
}


def spoken(**changes: Any) -> str:
    return json.dumps({**SPOKEN, **changes})


def point(**changes: Any) -> list[list[dict[str, Any]]]:
    return [[{"x": 0.5, "y": 0.5, "t": 1.0, **changes}]]


def timed(*words: tuple[str, Any, Any]) -> list[dict[str, Any]]:
    return [{"utterance": w, "start_time": start, "end_time": end} for w, start, end in words]


def same(first: Narrative, second: Narrative) -> bool:
    return (
        first.words == second.words
        and len(first.strokes) == len(second.strokes)
        and all(np.array_equal(a, b) for a, b in zip(first.strokes, second.strokes, strict=True))
        and (first.image_id, first.annotator_id, first.dataset_id, first.bindings)
        == (second.image_id, second.annotator_id, second.dataset_id, second.bindings)
    )


def test_reads_a_localized_narrative() -> None:
    told = narrative.loads(spoken())
    assert told.caption == "a dog on grass"
    assert told.words[2:] == (Word("on", 1.3, 1.5), Word("grass", 1.5, 2.0))
    assert (told.image_id, told.annotator_id, told.dataset_id) == ("137576", 93, "mscoco_val2017")
    np.testing.assert_array_equal(told.strokes[0], [[0.1, 0.2, 0.4], [0.3, 0.2, 0.9]])
    np.testing.assert_array_equal(told.strokes[1], [[-0.08, 1.09, 1.4]])  # outside, kept as it is


def test_an_utterance_of_several_words_shares_out_its_time_by_length() -> None:
    first, second = narrative.loads(spoken()).words[:2]
    assert (first.text, first.start, second.text, second.end) == ("a", 0.5, "dog", 1.3)
    assert first.end == second.start == pytest.approx(0.5 + 0.8 / 4)


def test_words_without_times_are_spoken_at_an_even_pace() -> None:
    told = narrative.loads('{"caption": " two\\n  words "}')
    assert told.words == (Word("two", 0.0, 0.4), Word("words", 0.4, 0.8))
    assert same(told, narrative.from_text("two words"))


def test_a_trace_without_words_is_a_narrative() -> None:
    for text in (spoken(caption="", timed_caption=[]), spoken(timed_caption=timed((" ", 0, 1)))):
        told = narrative.loads(text)
        assert told.words == ()
        assert len(told.strokes) == 2


def test_ignore_trace_leaves_even_a_broken_trace_unread() -> None:
    told = narrative.loads(spoken(traces="nonsense"), ignore_trace=True)
    assert told.strokes == ()
    assert same(told, narrative.loads(spoken()).without_trace())
    untimed = spoken(timed_caption=None)
    with pytest.raises(InputError, match="have no times"):
        narrative.loads(untimed)
    assert narrative.loads(untimed, ignore_trace=True).caption == "a dog on grass"


def test_control_characters_separate_words_and_others_stay() -> None:
    told = narrative.from_text("one\x00two\x1b[31m 三 👩‍🚀 <b>bold</b> \ud800 é")
    assert [word.text for word in told.words] == [
        "one", "two", "[31m", "三", "👩‍🚀", "<b>bold</b>", "é",
    ]  # fmt: skip


def test_a_long_word_is_cut() -> None:
    assert narrative.from_text("x" * MAX_LETTERS).words[0].text == "x" * MAX_WORD_LENGTH


def test_the_first_line_of_a_jsonl_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "narratives.jsonl"
    path.write_text(spoken() + "\n" + spoken(caption="another", timed_caption=[]) + "\n")
    assert same(narrative.read(path), narrative.loads(spoken()))
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(SPOKEN, indent=1).encode())  # BOM, many lines
    assert same(narrative.read(path), narrative.loads(spoken()))


def test_identifiers_are_clean_text_whatever_they_were() -> None:
    told = narrative.loads(spoken(image_id=42, annotator_id="x", dataset_id={"path": "/etc"}))
    assert (told.image_id, told.annotator_id, told.dataset_id) == ("42", 0, "")
    told = narrative.loads(spoken(image_id="a\ud800\nb", annotator_id=10**30, dataset_id=None))
    assert (told.image_id, told.annotator_id, told.dataset_id) == ("a b", 0, "")
    told = narrative.loads(spoken(image_id=64.0, annotator_id="7", dataset_id="d" * 150))
    assert (told.image_id, told.annotator_id, told.dataset_id) == ("64", 7, "d" * 150)
    assert narrative.loads(spoken(image_id=True)).image_id == ""


BAD = {
    "empty text": ("", "not JSON"),
    "empty caption": ('{"caption": ""}', "empty"),
    "empty lists": ('{"caption": "", "timed_caption": [], "traces": [[]]}', "empty"),
    "not JSON": ("{caption: 1}", "not JSON"),
    "a key twice": ('{"caption": "a dog", "caption": "a cat"}', "the key 'caption' comes twice"),
    "another JSON": ('{"words": ["a"]}', "not a Localized Narrative"),
    "a list": ("[1, 2]", "not a Localized Narrative"),
    "a path": ('"/etc/passwd"', "not a Localized Narrative"),
    "a file path for a value": ('{"caption": {"path": "/etc/passwd"}}', "'caption' is a dict"),
    "a path for the words": ('{"timed_caption": {"path": "/x"}}', "'timed_caption' is a dict"),
    "a path for the trace": (spoken(traces={"path": "/x"}), "'traces' is not"),
    "a path for a stroke": (spoken(traces=["/etc/passwd"]), "'traces' is not"),
    "a path for a point": (spoken(traces=[["/etc/passwd"]]), r"traces\[0\]\[0\]"),
    "a path for an utterance": (spoken(timed_caption=["/etc/passwd"]), r"timed_caption\[0\]"),
    "too many words": (json.dumps({"caption": "word " * 10_000}), "more than 1,000 words"),
    "too many timed words": (
        spoken(timed_caption=timed(*[("w", i, i) for i in range(10_000)])),
        "more than 1,000 words",
    ),
    "too many points": (
        spoken(traces=[[{"x": 0, "y": 0, "t": i} for i in range(300_000)]]),
        "300,000 points",
    ),
    "too many strokes": (spoken(traces=point() * 3_000), "3,000 strokes; at most 2,000"),
    "too many bytes": (" " * 50_000_000, "more than 16 MB"),
    "deep nesting": ("[" * 100_000, "not JSON"),
    "a huge integer": ('{"caption": ' + "9" * 10_000 + "}", "not JSON"),
    "words without times": (spoken(timed_caption=[]), "have no times"),
    "a word without times": (spoken(timed_caption=[{"utterance": "a"}]), "no usable 'start_time'"),
    "end before start": (spoken(timed_caption=timed(("a", 2, 1))), "before it starts"),
    "NaN time": ('{"timed_caption": [{"utterance":"a","start_time":NaN,"end_time":1}]}', "NaN"),
    "infinite time": (spoken(timed_caption=timed(("a", 1, math.inf))), "Infinity"),
    "infinity by overflow": (
        '{"timed_caption": [{"utterance": "a", "start_time": 1, "end_time": 1e999}]}',
        "inf s of the word 'a'",
    ),
    "an endless integer time": (spoken(timed_caption=timed(("a", 1, 10**400))), "inf s"),
    "negative time": (spoken(timed_caption=timed(("a", -1, 1))), "-1 s of the word 'a'"),
    "a time of another unit": (spoken(timed_caption=timed(("a", 1, 1.7e9))), "1.7e\\+09 s"),
    "a boolean time": (spoken(timed_caption=timed(("a", True, 1))), "a bool"),
    "a text for a time": (spoken(timed_caption=timed(("a", "1", 1))), "a str"),
    "NaN in the trace": (spoken(traces=point(x=math.nan)), "NaN"),
    "overflow in the trace": (spoken().replace("0.1,", "1e999,"), "not finite"),
    "negative trace time": (spoken(traces=point(t=-1)), "-1 s of stroke 1"),
    "far outside": (spoken(traces=point(x=320, y=0.1)), r"\(320, 0.1\), far outside"),
    "no coordinate": (spoken(traces=[[{"x": 0, "t": 0}]]), "no usable 'y' \\(missing\\)"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_one_clear_message(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        narrative.loads(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    with pytest.raises(InputError):
        narrative.loads(text.encode("utf-8", "surrogatepass"))


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path, Path("nul\0byte")):
        with pytest.raises(InputError, match="cannot be read"):
            narrative.read(path)
    (tmp_path / "latin.json").write_bytes('{"caption": "café"}'.encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.json' is no text .* line 1 is neither UTF-8"):
        narrative.read(tmp_path / "latin.json")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no /dev/zero here")
def test_a_file_without_end_is_refused() -> None:
    with pytest.raises(InputError, match="more than 16 MB"):
        narrative.read(Path("/dev/zero"))


texts = st.text(max_size=8)
times = st.floats(0, 1000)
unbroken = st.floats(0, 60)  # no pause between any of them is shortened
coordinates = st.floats(-MARGIN, 1 + MARGIN)


@st.composite
def narratives(draw: st.DrawFn) -> Narrative:
    count = draw(st.integers(0, 6))
    starts = sorted(draw(st.lists(unbroken, min_size=count, max_size=count)))
    lengths = draw(st.lists(st.floats(0, 10), min_size=count, max_size=count))
    word = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Z")), min_size=1)
    words = tuple(
        Word(draw(word), start, start + length)
        for start, length in zip(starts, lengths, strict=True)
    )
    strokes = []
    for _ in range(draw(st.integers(0 if words else 1, 3))):
        points = draw(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5))
        clock = sorted(draw(st.lists(unbroken, min_size=len(points), max_size=len(points))))
        strokes.append(np.column_stack([np.array(points), clock]))
    return Narrative(words, tuple(strokes), image_id=draw(st.sampled_from(["", "17", "a b"])))


@given(narratives())
def test_what_is_dumped_is_loaded_again(told: Narrative) -> None:
    text = narrative.dumps(told)
    assert same(narrative.loads(text), told)
    assert same(narrative.loads(text.encode()), told)
    assert "\n" not in text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.just({"path": "/etc"}),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
loose_words = st.lists(
    st.fixed_dictionaries(
        {}, optional={"utterance": texts, "start_time": json_values, "end_time": times}
    )
    | json_values,
    max_size=4,
)
loose_points = st.lists(
    st.fixed_dictionaries({}, optional={"x": coordinates | json_values, "y": times, "t": times})
    | json_values,
    max_size=4,
)
loose_records = st.fixed_dictionaries(
    {},
    optional={
        "caption": texts | json_values,
        "timed_caption": loose_words | json_values,
        "traces": st.lists(loose_points, max_size=3) | json_values,
        "image_id": json_values,
        "annotator_id": json_values,
        "dataset_id": json_values,
        "trecs_bindings": json_values,
    },
)


def checked(told: Narrative) -> None:
    """What every narrative that was let through promises to the stages after it."""
    assert told.words or told.strokes
    starts = [word.start for word in told.words]
    assert starts == sorted(starts)
    for word in told.words:
        assert word.text
        assert word.text.split() == [word.text]
        assert word.text.encode()
        assert 0 <= word.start <= word.end < math.inf
    for stroke in told.strokes:
        assert stroke.shape == (len(stroke), 3)
        assert len(stroke)
        assert np.isfinite(stroke).all()
        assert (np.diff(stroke[:, 2]) >= 0).all()
    assert same(narrative.loads(narrative.dumps(told)), told)


@given(loose_records | json_values)
def test_any_json_is_a_sound_narrative_or_an_input_error(value: Any) -> None:
    try:
        told = narrative.loads(json.dumps(value))
    except InputError:
        return
    checked(told)


@given(st.text() | st.binary())
@example('{"caption": "a"}\n{')
@example("\ufeff{}")
@example(b"\xff\xfe{}")
def test_any_text_or_bytes_are_a_sound_narrative_or_an_input_error(text: str | bytes) -> None:
    try:
        told = narrative.loads(text)
    except InputError:
        return
    checked(told)
