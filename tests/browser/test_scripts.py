"""The JavaScript of the clock and of label maps, run in the browser without the page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import trecs.interface

FOLDER = Path(trecs.interface.__file__).parent


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    trace = [f"panels/trace/{name}.js" for name in ("narrative_clock", "bindings", "matches")]
    for name in (*trace, "panels/canvas/label_map.js"):
        opened.add_script_tag(path=FOLDER / name)
    yield opened
    opened.close()


def call(page: Page, expression: str, *arguments: Any) -> Any:
    return page.evaluate(f"(a) => {expression}", list(arguments))


@pytest.mark.parametrize(
    ("before", "times", "after", "expected"),
    [
        ("", [], "a", [9]),
        ("cat", [1, 2, 3], "cats", [1, 2, 3, 9]),
        ("ct", [1, 3], "cat", [1, 9, 3]),
        ("cat", [1, 2, 3], "ct", [1, 3]),
        ("cat", [1, 2, 3], "", []),
        ("", [], "abcd", [6, 7, 8, 9]),  # pasted: spread over [5, 9]
        ("aa", [1, 2], "aaa", [1, 2, 9]),
        ("the cat", [1, 2, 3, 4, 5, 6, 7], "the big cat", [1, 2, 3, 4, 6, 7, 8, 9, 5, 6, 7]),
    ],
)
def test_each_character_keeps_its_time(
    page: Page, before: str, times: list[float], after: str, expected: list[float]
) -> None:
    assert call(page, "retime(a[0], a[1], a[2], 5, 9)", before, times, after) == expected


def test_a_word_lasts_from_its_earliest_to_its_latest_character(page: Page) -> None:
    words = call(page, "timedWords('a  dog', [1, 2, 2, 3, 4, 5])")
    assert words == [
        {"text": "a", "start": 1, "end": 1},
        {"text": "dog", "start": 3, "end": 5},
    ]


def test_a_word_corrected_later_takes_its_successors_place(page: Page) -> None:
    # "bg" was typed at 1, its "i" at 30, after "dog".
    words = call(page, "timedWords('big dog', [1, 30, 1, 2, 3, 4, 5])")
    assert words[0] == {"text": "big", "start": 1, "end": 3}
    # A word put in front at 30 must not start after the one that follows it.
    words = call(page, "timedWords('a dog', [30, 30, 3, 4, 5])")
    assert words[0] == {"text": "a", "start": 3, "end": 3}


def test_idle_time_is_left_out_of_the_story(page: Page) -> None:
    words = [{"text": "a", "start": 10, "end": 11}]
    strokes = [[[0, 0, 100], [1, 1, 102]]]
    story = "storyClock(a[0], a[1])"
    assert call(page, f"{story}.length", words, strokes) == pytest.approx(3.5)
    at = call(page, f"[5, 10, 11, 60, 100, 101, 999].map({story}.at)", words, strokes)
    assert at[:3] == [0, 0, 1]
    assert 1 < at[3] < 1.5
    assert at[4:] == pytest.approx([1.5, 2.5, 3.5])


def test_a_narrative_goes_out_and_comes_back(page: Page) -> None:
    told = {
        "caption": "a dog",
        "timed_caption": [
            {"utterance": "a", "start_time": 0.5, "end_time": 0.5},
            {"utterance": "dog", "start_time": 1, "end_time": 1.75},
        ],
        "traces": [[{"x": -0.05, "y": 0.5, "t": 1.25}, {"x": 0.1, "y": 0.5, "t": 1.5}]],
    }
    out = "((n) => narrativeJson(n.text, n.times, n.strokes, n.bindings))(parseNarrative(a[0]))"
    assert json.loads(call(page, out, json.dumps(told))) == told
    told["trecs_bindings"] = [{"stroke": 0, "word": 1}]
    assert json.loads(call(page, out, json.dumps(told))) == told
    empty = {**told, "traces": [[], *told["traces"]]}
    empty["trecs_bindings"] = [{"stroke": 1, "word": 1}, {"stroke": 0, "word": 0}]
    assert json.loads(call(page, out, json.dumps(empty))) == told


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a cat", "a black cat", [0, 2]),
        ("a black cat", "a cat", [0, -1, 1]),
        ("a cat", "", [-1, -1]),
        ("a cat", "a cats", [0, 1]),
        ("a ct", "a cat", [0, 1]),
        ("a cat sat", "a catsat", [0, 1, 1]),
        ("a cat sat", "a c at sat", [0, 1, 3]),
        ("cat dog", "dog", [-1, 0]),
        ("  cat", "cat", [0]),
    ],
)
def test_words_are_followed_through_edits(
    page: Page, before: str, after: str, expected: list[int]
) -> None:
    assert call(page, "followedWords(a[0], a[1])", before, after) == expected


def test_an_answer_belongs_to_what_was_asked(page: Page) -> None:
    shown = """(() => {
        const stroke = [[0, 0, 1], [0, 1, 2]], later = [[0, 0, 5]], matches = new Matches();
        matches.ask({text: "a cat", strokes: [stroke]});
        const state = {text: "a black cat", strokes: [stroke, later], bindings: new Map()};
        const told = {label: "cat", colour: "#ffffff", words: [0, 2], pieces: [[0, 1, 2]]};
        matches.accept({caption: "a cat", strokes: 1, regions: [told]}, state);
        const {marks, drawn} = matches.shown(state);
        return [matches.words, marks.map((mark) => mark.region), [...drawn]];
    })()"""
    assert call(page, shown) == [[0, None, 0], [0, None], [0, None]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "3",
        '{"caption": 1, "traces": 5}',
        '{"caption": 5}',
        '{"caption": "a", "traces": [5]}',
        '{"caption": "a", "timed_caption": [null]}',
        '{"caption": "a", "traces": [[null]]}',
        '{"caption": "a", "trecs_bindings": [{"stroke": 0, "word": 0}]}',
        '{"caption": "a", "traces": [[]], "trecs_bindings": [{"stroke": 0, "word": 1}]}',
        '{"caption": "a", "trecs_bindings": [null]}',
        '{"caption": "a", "trecs_bindings": 5}',
        "{",
    ],
)
def test_what_is_no_narrative_is_refused(page: Page, text: str) -> None:
    told = page.evaluate(
        "(t) => { try { parseNarrative(t); return null } catch (e) { return e.message } }", text
    )
    assert told.startswith(
        ("This file is not JSON", "This is JSON but", "A word of", "A point of", "trecs_bind")
    )


def test_runs_agree_with_the_servers(page: Page) -> None:
    import numpy as np

    from trecs.interface.panels.canvas.label_editor import decode_runs, encode_runs

    label_map = np.random.default_rng(0).choice([0, 7, 255], (5, 6)).astype(np.uint8)
    text = call(page, "encodeLabels(decodeLabels(a[0]))", encode_runs(label_map))
    np.testing.assert_array_equal(decode_runs(text), label_map)


def test_the_brush_is_a_disc_and_the_fill_stops_at_borders(page: Page) -> None:
    blank = "{height: 9, width: 9, labels: new Uint8Array(81)}"
    disc = f"((m) => (paintDisc(m, 4.5, 4.5, a[0], 1), [...m.labels]))({blank})"
    assert sum(call(page, disc, 0.5)) == 1
    assert sum(call(page, disc, 1)) == 5
    assert sum(call(page, disc, 2)) == 13
    filled = (
        f"((m) => (paintLine(m, [4.5, -2], [4.5, 11], 0.5, 1), fillArea(m, 0, 0, 2),"
        f" [...m.labels]))({blank})"
    )
    labels = call(page, filled)
    assert [labels.count(value) for value in (0, 1, 2)] == [36, 9, 36]
