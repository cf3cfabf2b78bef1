"""The JavaScript of the voice, run in the browser without the page."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from trecs.interface.assets import script

RATE = 16_000
LOUD = "(n) => Array.from({ length: n * 16000 }, (_, i) => 0.3 * Math.sin(i / 5))"
QUIET = "(n) => Array(n * 16000).fill(0)"
CUT = f"""(parts) => {{
    const pieces = [];
    const cutter = new PieceCutter((piece) => pieces.push(piece));
    const make = {{ loud: {LOUD}, quiet: {QUIET} }};
    const all = parts.flatMap(([kind, seconds]) => make[kind](seconds));
    for (let i = 0; i < all.length; i += 341) cutter.feed(Float32Array.from(all.slice(i, i + 341)));
    cutter.flush();
    const seconds = (counts) => counts.map((count) => count / 16000);
    return pieces.map(({{ samples, from, to }}) => seconds([samples.length, from, to]));
}}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    names = ("narrative_clock", "colours", "seeds", "bindings", "sound", "tape", "spoken")
    scripts = script("kept_items.js", *(f"panels/trace/{name}.js" for name in names))
    opened.add_script_tag(content=scripts)
    yield opened
    opened.close()


def test_a_recording_is_cut_at_pauses_and_nothing_is_left_out(page: Page) -> None:
    told = page.evaluate(CUT, [["quiet", 1], ["loud", 2], ["quiet", 2], ["loud", 1]])
    assert sum(length for length, _, _ in told) == pytest.approx(6)
    first, second = told
    assert first[0] == pytest.approx(3.5, abs=0.05)  # half a second after the sound
    assert first[1:] == pytest.approx([0.8, 3.2], abs=0.05)  # with a margin
    assert second[1:] == pytest.approx([1.3, 2.5], abs=0.05)


def test_who_makes_no_pause_is_cut_at_fifteen_seconds_at_the_latest(page: Page) -> None:
    told = page.evaluate(CUT, [["loud", 13], ["quiet", 0.25], ["loud", 8]])
    assert sum(length for length, _, _ in told) == pytest.approx(21.25)
    assert 13 <= told[0][0] <= 13.3  # where it is most quiet
    assert len(told) == 2


def test_silence_is_kept_and_holds_nothing_to_be_heard(page: Page) -> None:
    told = page.evaluate(CUT, [["quiet", 20]])
    assert sum(length for length, _, _ in told) == pytest.approx(20)
    assert all(start == end for _, start, end in told)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_samples_at_another_rate_last_as_long_and_sound_alike(page: Page, rate: int) -> None:
    made = page.evaluate(
        """(rate) => {
        const resampler = new Resampler(rate);
        const sine = (_, i) => Math.sin((440 * 2 * Math.PI * i) / rate);
        const tone = Float32Array.from({ length: rate }, sine);
        const made = [];
        for (let i = 0; i < rate; i += 1000) made.push(...resampler.next(tone.slice(i, i + 1000)));
        return made;
    }""",
        rate,
    )
    assert abs(len(made) - RATE) <= 1
    for i in range(0, RATE - 2, 997):
        wanted = math.sin(440 * 2 * math.pi * max(i / RATE - 1 / rate, 0))  # a sample late
        assert made[i] == pytest.approx(wanted, abs=0.01)


def test_a_tape_is_a_wav_whose_first_sample_is_at_the_clocks_zero(page: Page) -> None:
    content = page.evaluate(
        """async () => [...new Uint8Array(await wavOf([
        { start: 0.5, samples: Int16Array.of(1, 2) }, { start: 1, samples: Int16Array.of(-3) },
    ]).arrayBuffer())]"""
    )
    assert bytes(content[:4]) == b"RIFF"
    assert len(content) == 44 + 2 * (RATE + 1)
    assert content[44 + RATE : 44 + RATE + 4] == [1, 0, 2, 0]
    assert content[-2:] == [253, 255]


def spoken(page: Page, text: str, times: list[float], word: dict[str, Any]) -> dict[str, Any]:
    return page.evaluate(
        "([text, times, word]) => withSpoken(text, times, word)", [text, times, word]
    )


def test_a_spoken_word_has_its_place_by_the_clock(page: Page) -> None:
    dog = {"text": "dog", "start": 3, "end": 4}
    assert spoken(page, "", [], dog)["text"] == "dog"
    assert spoken(page, "a ", [1, 1], dog)["text"] == "a dog"
    after = spoken(page, "a", [1], dog)
    assert (after["text"], after["times"]) == ("a dog", [1, 3, 3, 3.5, 4])
    before = spoken(page, "a cat", [1, 2, 5, 5, 6], dog)
    assert (before["text"], before["at"], before["count"]) == ("a dog cat", 2, 4)
    assert before["times"] == [1, 2, 3, 3.5, 4, 4, 5, 5, 6]


@pytest.mark.parametrize(
    ("steps", "text", "expected"),
    [
        # "a dig ran" was said from 1 to 3; "dig" from 1.5 to 2
        (["a dog ran"], "a dog ran", (1.5, 2)),  # one letter replaced
        (["a dg ran", "a dog ran"], "a dog ran", (1.5, 2)),  # taken out, then typed
        (["a  ran", "a c ran", "a ca ran", "a cat ran"], "a cat ran", (1.5, 2)),  # the whole word
        (["a digs ran"], "a digs ran", (1.5, 2)),
    ],
)
def test_corrected_words_keep_the_times_at_which_they_were_said(
    page: Page, steps: list[str], text: str, expected: tuple[float, float]
) -> None:
    words = page.evaluate(
        """(steps) => {
        let [text, times] = ["a dig ran", [1, 1.5, 1.5, 1.75, 2, 2.5, 2.5, 2.75, 3]];
        const corrections = new Corrections();
        for (const next of steps) {
            times = corrections.times(text, times, next, 3, 60, (t) => t >= 0.5 && t <= 3.5);
            text = next;
        }
        return timedWords(text, times);
    }""",
        steps,
    )
    assert " ".join(word["text"] for word in words) == text
    assert words[1]["start"] == pytest.approx(expected[0])
    assert words[1]["end"] == pytest.approx(expected[1], abs=0.3)


def test_what_is_typed_after_the_spoken_words_has_its_own_time(page: Page) -> None:
    told = page.evaluate(
        """() => {
        let [text, times] = ["dog", [1, 1.5, 2]];
        const corrections = new Corrections();
        for (const next of ["dog ", "dog a"]) {
            times = corrections.times(text, times, next, 3, 60, (t) => t <= 3.5);
            text = next;
        }
        return timedWords(text, times);
    }"""
    )
    assert [(word["start"], word["end"]) for word in told] == [(1, 2), (60, 60)]


def test_a_replay_leaves_no_speech_out(page: Page) -> None:
    length = "(voice) => storyClock([{ start: 1, end: 2 }], [], voice).length"
    assert page.evaluate(length, []) == 1
    assert page.evaluate(length, [[0.5, 2.5], [9, 11]]) == 2 + 0.5 + 2
