"""Pages that hear, Chromium with a microphone that a sound file feeds, and what is done there."""

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Download, Page, expect

from tests.browser import steps
from tests.browser.conftest import Server, ready
from trecs.speech.sound import RATE

SPEECH = """
import sys
{before}
from trecs.interface.limits import Limits
from trecs.interface.look import look
from trecs.interface.models import Models
from trecs.interface.page import build
from trecs.interface.serving import opened, stay
from trecs.speech.recogniser import Recogniser

page = build(Models(lambda: None, recogniser=Recogniser(sys.argv[1])))
opened(page, "127.0.0.1", int(sys.argv[2]), limits=Limits(), **look())
stay(page)
"""
SENTENCES = "A man is standing near the tree.", "There is a dog on the grass."
LEAD, BETWEEN = 1.5, 1.2  # seconds of silence before the first sentence, and between the two
NOTED = """
window.noted = { played: [] };
const lent = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (lent) navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await lent(wanted);
    noted.lent = performance.now();
    return stream;
};
addEventListener("pointerdown", (event) => (noted.pressed ??= event.timeStamp), true);
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
    const loudest = this.buffer.getChannelData(0).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    noted.played.push([when, this.buffer.duration, loudest]);
    start.call(this, when);
};
"""


def opened(context: BrowserContext, server: Server) -> Page:
    page = context.new_page()
    wrong: list[Any] = []
    page.on("pageerror", lambda error: wrong.append(error))
    page.on("close", lambda _: pytest.fail(str(wrong)) if wrong else None)
    page.goto(server.address)
    ready(page)
    steps.live(page, False)
    return page


def text(page: Page) -> str:
    return page.locator(".tc-text").input_value()


def speak(page: Page) -> None:
    page.get_by_role("button", name="Speak").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()


def expect_text(page: Page, *words: str) -> None:
    page.wait_for_function(
        "(words) => words.every((w) => document.querySelector('.tc-text').value.includes(w))",
        arg=list(words),
    )


def exported(page: Page, folder: Path, count: int = 2) -> dict[str, Path]:
    """The files that Export saves, by their names."""
    got: list[Download] = []

    def take(download: Download) -> None:
        got.append(download)

    page.on("download", take)
    page.get_by_role("button", name="Export").click()
    for _ in range(600):  # a tenth of a second each
        if len(got) >= count:
            break
        page.wait_for_timeout(100)
    assert len(got) == count
    page.remove_listener("download", take)
    for one in got:
        one.save_as(folder / one.suggested_filename)
    return {one.suggested_filename: folder / one.suggested_filename for one in got}


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
