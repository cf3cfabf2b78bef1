"""The JavaScript of the clock and of label maps, run in the browser without the page."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page

from trecs.interface.assets import script


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    names = ("narrative_clock", "colours", "seeds", "bindings", "matches")
    kept = ("kept_items.js", "panels/pictures/shelf_store.js")
    others = (*kept, "panels/canvas/label_map.js", "shortcut.js")
    scripts = script(*(f"panels/trace/{name}.js" for name in names), *others)
    opened.add_script_tag(content=scripts)
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


def test_the_clock_takes_long_pauses_for_half_a_minute(page: Page) -> None:
    read = (
        "((c) => [c, a.map((seconds) => c.read(1000 * seconds + 5000))][1])(new NarrativeClock())"
    )
    day = 86400
    assert call(page, read, 0, 29, day, day - 1, day + 2) == pytest.approx([0, 29, 59, 58, 61])
    fresh = "((c) => (c.reset(7), [c.read(a[0]), c.read(a[1])]))(new NarrativeClock())"
    assert call(page, fresh, 1e9, 2e9) == [7, 37]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a cat", ""),
        ("a " * 1000, ""),
        ("a " * 1001, "These are 1,001 words; at most 1,000 can be used. Shorten the text."),
        ("b" * 1_000, "One word has 1,000 letters; only its first 100 count."),
        ("b" * 400_000, "One word has 400,000 letters; a word has 1,000 at most. Put spaces"),
    ],
)
def test_too_much_text_is_told(page: Page, text: str, told: str) -> None:
    limits = "{words: 1000, letters: 100, most: 1000}"
    beyond = f"beyond(timedWords(a[0], [...a[0]].map(() => 1)), {limits})"
    said = call(page, beyond, text)
    assert said.startswith(told)
    assert bool(said) == bool(told)


@pytest.mark.parametrize(
    ("key", "code", "expected"),
    [
        ("z", "KeyZ", "z"),
        ("Z", "KeyY", "z"),  # a German keyboard
        ("\u044f", "KeyZ", "z"),  # a Russian one
        ("\u0396", "KeyZ", "z"),  # a Greek one
        ("\u0445", "BracketLeft", "["),
        ("\u00fc", "BracketLeft", "\u00fc"),
        ("Enter", "NumpadEnter", "enter"),
    ],
)
def test_shortcuts_go_by_the_letter_or_its_place(
    page: Page, key: str, code: str, expected: str
) -> None:
    assert call(page, "shortcutKey({key: a[0], code: a[1]})", key, code) == expected


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
    told: dict[str, Any] = {
        "caption": "a dog",
        "timed_caption": [
            {"utterance": "a", "start_time": 0.5, "end_time": 0.5},
            {"utterance": "dog", "start_time": 1, "end_time": 1.75},
        ],
        "traces": [[{"x": -0.05, "y": 0.5, "t": 1.25}, {"x": 0.1, "y": 0.5, "t": 1.5}]],
    }
    parts = "n.text, n.times, n.strokes, n.bindings, n.labels"
    out = f"((n) => narrativeJson({parts}))(parseNarrative(a[0]))"
    assert json.loads(call(page, out, json.dumps(told))) == told
    told["trecs_bindings"] = [{"stroke": 0, "word": 1}]
    assert json.loads(call(page, out, json.dumps(told))) == told
    empty = {**told, "traces": [[], *told["traces"]]}
    empty["trecs_bindings"] = [{"stroke": 1, "word": 1}, {"stroke": 0, "word": 0}]
    assert json.loads(call(page, out, json.dumps(empty))) == told
    given = {**told, "trecs_bindings": [{"stroke": 0, "word": 1, "label": "dog"}]}
    told["trecs_bindings"].append({"word": 1, "label": "dog"})
    assert json.loads(call(page, out, json.dumps(given))) == told
    assert json.loads(call(page, out, json.dumps(told))) == told


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


def test_seeds_follow_their_words_and_go_out_and_come_back(page: Page) -> None:
    told = [{"word": 1, "seed": 0}, {"word": 3, "seed": 8}, {"label": "tree", "seed": 2}]
    assert call(page, "seedsJson(parseSeeds(a[0], 4))", told[::-1]) == told
    followed = "seedsJson(followedSeeds(parseSeeds(a[0], 4), [0, -1, 1, 2]))"
    assert call(page, followed, told) == [{"word": 2, "seed": 8}, told[2]]
    changed = "seedsJson(reseeded(parseSeeds(a[0], 4), a[1], a[2] ?? undefined, a[3], a[4]))"
    assert call(page, changed, told, [0, 1], 1, "bus", 5) == [{"word": 1, "seed": 5}, *told[1:]]
    # One tree's seed leaves the others theirs.
    assert call(page, changed, told, [0, 1], 1, "tree", 5) == [{"word": 1, "seed": 5}, *told[1:]]
    assert call(page, changed, told, [], None, "tree", 6) == [
        *told[:2],
        {"label": "tree", "seed": 6},
    ]
    wrong = [{"word": 4, "seed": 1}, {"word": 0, "seed": -1}, {"word": 0}, {"seed": 1}, 7]
    for one in wrong:
        with pytest.raises(Error, match="trecs_seeds"):
            call(page, "parseSeeds([a[0]], 4)", one)


def test_the_next_seed_is_not_the_pictures(page: Page) -> None:
    assert call(page, "nextSeed(undefined, 0)") == 1
    assert call(page, "nextSeed(undefined, 1)") == 2
    assert call(page, "nextSeed(4, 9)") == 5
    assert call(page, "nextSeed(4294967295, 7)") == 0
    assert call(page, "nextSeed(4294967294, 4294967295)") == 0


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


def test_nouns_without_a_label_are_followed_until_they_are_given_one(page: Page) -> None:
    told = {
        "caption": "a violin and a violin",
        "strokes": 1,
        "regions": [],
        "unlabelled": [{"noun": "violin", "words": [start, start + 2]} for start in (0, 3)],
    }
    lacking = """(() => {
        const stroke = [[0, 0, 1], [0, 1, 2]], matches = new Matches();
        const state = {text: "a violin and a violin", strokes: [stroke], bindings: new Map()};
        const lacking = (labels) => matches.lacking(new Map(labels)).map(({noun, word, words}) =>
            [noun, word, words]);
        matches.accept(a[0], state);
        const [before] = [lacking([])];
        matches.follow(followedWords("a violin and a violin", "a violin and"), 3);
        const [mark] = matches.shown({...state, text: "a violin and"}).marks;
        return [before, lacking([]), lacking([[1, "wood"]]), mark.lacks];
    })()"""
    assert call(page, lacking, told) == [
        [["violin", 1, [0, 1, 3, 4]]],
        [["violin", 1, [0, 1]]],
        [],
        True,
    ]


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
        '{"caption": "a", "trecs_bindings": [{"word": 0}]}',
        '{"caption": "a", "trecs_bindings": [{"word": 1, "label": "dog"}]}',
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


def test_the_oldest_pictures_go_first_and_starred_ones_last(page: Page) -> None:
    items = [{"saved": i, "starred": i < 2} for i in range(5)]
    assert [item["saved"] for item in call(page, "surplus(a[0], 2)", items)] == [2, 3, 4]
    assert call(page, "surplus(a[0], 5)", items) == []


@pytest.mark.parametrize("size", [(0, 4), (4, 2049), (1.5, 2), ("4", 4), (None, 4)])
def test_a_label_map_of_no_size_is_refused(page: Page, size: tuple[Any, Any]) -> None:
    told = json.dumps({"height": size[0], "width": size[1], "runs": [1, 16]})
    with pytest.raises(Error, match="no label map"):
        call(page, "decodeLabels(a[0])", told)
