"""Speak while you trace: a microphone that a sound file feeds, a recogniser that hears it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Route, expect

from tests.browser import steps
from tests.browser.conftest import PATIENCE, QUIET, SLOWER, Server, _slow, ready
from tests.browser.voices import (
    BETWEEN,
    LEAD,
    NOTED,
    SENTENCES,
    SPEECH,
    expect_text,
    exported,
    opened,
    samples,
    speak,
    text,
)
from tests.speaking import spoken, whisper, with_pauses, write_wav
from trecs.speech.sound import RATE

SERVER_CALLS = re.compile("/component_server/?$")


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears: two sentences with a pause between them."""
    first, second = (spoken(sentence).at(RATE) for sentence in SENTENCES)
    sound = with_pauses(LEAD, first, BETWEEN, second, 30.0)
    return write_wav(tmp_path_factory.mktemp("microphone") / "voice.wav", sound)


@pytest.fixture(scope="module")
def listening(browser: Browser, chromium: str, microphone: Path) -> Iterator[Browser]:
    """Chromium with that microphone."""
    fake = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
    )
    started = browser.browser_type.launch(executable_path=chromium, args=[*QUIET, *fake])
    if SLOWER > 1:
        _slow(started)
    yield started
    started.close()


def served(folder: Path, model: str, before: str = "") -> Iterator[Server]:
    server = Server(folder, "-c", SPEECH.format(before=before), model)
    try:
        server.start()
        yield server
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def hearing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A page whose recogniser hears."""
    yield from served(tmp_path_factory.mktemp("hearing"), whisper())


@pytest.fixture(scope="module")
def deaf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A page whose recogniser has damaged weights, until they are mended."""
    folder = tmp_path_factory.mktemp("deaf")
    (folder / "whisper").mkdir()
    for file in Path(whisper()).iterdir():
        (folder / "whisper" / file.name).symlink_to(file)
    (folder / "whisper" / "model.bin").unlink()
    (folder / "whisper" / "model.bin").write_bytes(b"none")
    yield from served(folder, str(folder / "whisper"))


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A page whose studio was installed without the extra."""
    absent = "sys.modules['faster_whisper'] = None"
    yield from served(tmp_path_factory.mktemp("without"), "base.en", absent)


@pytest.fixture
def context(listening: Browser) -> Iterator[BrowserContext]:
    made = listening.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    made.add_init_script(NOTED)
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


def test_words_appear_while_somebody_speaks_on_the_clock_of_the_trace(
    context: BrowserContext, hearing: Server, tmp_path: Path
) -> None:
    page = opened(context, hearing)
    steps.loop(page, 0.4, 0.5, 0.1)  # the clock begins here
    speak(page)
    expect_text(page, "tree")  # before anybody has pressed Stop
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    steps.loop(page, 0.6, 0.5, 0.1)
    expect_text(page, "tree", "grass")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Speak")).to_be_visible()

    files = exported(page, tmp_path)
    told = json.loads(files["narrative.json"].read_text("utf-8"))
    assert told["voice_recording"] == "narrative.wav"
    starts = {word["utterance"].strip(".,").lower(): word for word in told["timed_caption"]}
    noted = page.evaluate("noted")
    begun = (noted["lent"] - noted["pressed"]) / 1000  # when the file began, on the trace's clock
    first, second = (spoken(sentence) for sentence in SENTENCES)
    for before, said, word in (
        (LEAD, first, "tree"),
        (LEAD + len(first.samples) / first.rate + BETWEEN, second, "grass"),
    ):
        (true,) = (start for name, start, _ in said.words if name == word)
        assert abs(starts[word]["start_time"] - (begun + before + true)) < 0.5

    sound = samples(files["narrative.wav"])
    loud = np.flatnonzero(np.abs(sound) > 0.05) / RATE
    assert abs(loud[0] - (begun + LEAD)) < 0.4
    assert abs(loud[0] - told["timed_caption"][0]["start_time"]) < 0.3


def test_spoken_words_are_corrected_keep_their_times_and_undo_works(
    context: BrowserContext, hearing: Server
) -> None:
    page = opened(context, hearing)
    page.locator(".tc-text").fill("typed")
    speak(page)
    expect_text(page, "tree")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Speak")).to_be_visible()
    expect(page.locator(".tc-status")).to_have_text("Ctrl-Enter composes.")
    before = steps.narrative(page)["timed_caption"]
    assert before[0]["utterance"] == "typed"
    at = next(i for i, w in enumerate(before) if w["utterance"].startswith("tree"))
    heard = text(page)
    page.evaluate(
        "(at) => document.querySelector('.tc-text').setSelectionRange(at, at + 4)",
        heard.index("tree"),
    )
    page.locator(".tc-text").focus()
    page.keyboard.type("lamp")
    page.keyboard.press("Backspace")
    page.keyboard.type("p")
    expect_text(page, "lamp")
    after = steps.narrative(page)["timed_caption"]
    assert after[at]["utterance"].startswith("lamp")
    for name in ("start_time", "end_time"):
        assert abs(after[at][name] - before[at][name]) < 0.05
    page.keyboard.press("Control+z")
    expect(page.locator(".tc-text")).to_have_value(heard)
    while text(page) != "typed":  # piece by piece
        before_undo = text(page)
        assert before_undo
        page.keyboard.press("Control+z")
        expect(page.locator(".tc-text")).not_to_have_value(before_undo)


def test_replay_plays_the_voice_and_files_bring_it_back(
    context: BrowserContext, hearing: Server, tmp_path: Path
) -> None:
    page = opened(context, hearing)
    speak(page)
    expect_text(page, "tree", "grass")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Replay").click()
    page.wait_for_selector(".tc-spoken .tc-lit")
    played = page.evaluate("noted.played")
    assert len(played) == 2
    assert all(loudest > 0.05 for _, _, loudest in played)
    assert 0.3 < played[1][0] - played[0][0] - played[0][1] < 0.7  # a longer pause is shortened
    page.locator(".tc-replay").click()

    heard = text(page)
    files = exported(page, tmp_path)
    again = opened(context, hearing)
    again.locator(".tc-file").set_input_files(list(files.values()))
    expect(again.locator(".tc-status")).to_contain_text("with its recording narrative.wav")
    assert text(again) == heard
    again.get_by_role("button", name="Replay").click()
    again.wait_for_function("noted.played.length === 2")
    again.locator(".tc-replay").click()
    again.get_by_role("button", name="Clear").click()
    again.locator(".tc-file").set_input_files(files["narrative.json"])
    expect(again.locator(".tc-status")).to_contain_text("Its voice is in narrative.wav")
    again.get_by_role("button", name="Clear").click()
    again.locator(".tc-file").set_input_files(files["narrative.wav"])  # alone: it is recognised
    expect_text(again, "tree", "grass")


def test_a_recogniser_that_fails_leaves_the_sound_also_after_a_reload(
    context: BrowserContext, deaf: Server, tmp_path: Path
) -> None:
    page = opened(context, deaf)
    speak(page)
    wrong = page.locator(".tc-status.tc-wrong")
    expect(wrong).to_contain_text("Your voice is kept, but not recognised: The speech network")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Recognise again")).to_be_visible()
    sound = samples(exported(page, tmp_path, 1)["narrative.wav"])
    assert np.abs(sound).max() > 0.05

    page.reload()
    ready(page)
    expect(page.locator(".draft")).to_contain_text("s of your voice")
    page.get_by_role("button", name="Restore").click()
    again = page.get_by_role("button", name="Recognise again")
    expect(again).to_be_visible()
    broken = deaf.log.parent / "whisper" / "model.bin"
    broken.unlink()
    broken.symlink_to(Path(whisper()) / "model.bin")
    again.click()
    expect_text(page, "tree")
    expect(again).to_be_hidden()


def test_a_page_that_is_left_while_somebody_speaks_has_kept_the_sound(
    context: BrowserContext, hearing: Server, tmp_path: Path
) -> None:
    page = opened(context, hearing)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.extend(["piece"] * ("recognise" in (route.request.post_data or "")))
        if len(asked) > 1:
            route.abort()
        else:
            route.continue_()

    page.route(SERVER_CALLS, answer)
    speak(page)
    expect_text(page, "tree")
    wrong = page.locator(".tc-status.tc-wrong")
    expect(wrong).to_contain_text("Your voice is kept, but not recognised: The studio does not")
    page.wait_for_timeout(5000)  # what is under way is kept every two seconds
    minutes, seconds = page.get_by_role("button", name="Stop").inner_text().split()[1].split(":")
    page.unroute(SERVER_CALLS)
    page.reload()
    ready(page)
    page.get_by_role("button", name="Restore").click()
    expect_text(page, "tree")
    page.get_by_role("button", name="Recognise again").click()
    expect_text(page, "tree", "grass")
    expect(page.get_by_role("button", name="Recognise again")).to_be_hidden()
    sound = samples(exported(page, tmp_path)["narrative.wav"])
    assert len(sound) / RATE > 60 * int(minutes) + int(seconds) - 4


def test_without_the_extra_the_button_explains(context: BrowserContext, without: Server) -> None:
    page = opened(context, without)
    page.get_by_role("button", name="Speak").click()
    expect(page.locator(".tc-status.tc-wrong")).to_contain_text("make app SPEECH=1")
    expect(page.get_by_role("button", name="Speak")).to_be_visible()
    assert page.evaluate("noted.lent") is None  # the microphone was not asked for


def test_a_denied_microphone_is_said(context: BrowserContext, hearing: Server) -> None:
    context.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('no', 'NotAllowedError') }"
    )
    page = opened(context, hearing)
    page.get_by_role("button", name="Speak").click()
    expect(page.locator(".tc-status.tc-wrong")).to_contain_text("The browser denies this page")
