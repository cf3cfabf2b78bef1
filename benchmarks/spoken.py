"""How long after the last word of a spoken sentence is its picture there?

    python -m benchmarks.spoken --speech DIR [--runs 5] [-- arguments of app.py]

Starts `app.py` and headless Chromium with a microphone that espeak-ng feeds. A sentence is spoken
while each of its three things is looped with the mouse; when its last word has ended, Stop is
pressed, and Compose as soon as that word is on the page. What is told are the seconds from the end
of the last word, by the synthesiser's own events, to the word on the page and to the picture. Each
run has a sentence of its own; one before them warms up. Exit code 1 where the median picture comes
after more than BAR.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, Playwright, sync_playwright

from benchmarks.espeak import speak
from benchmarks.moving import QUIET
from benchmarks.session import PICTURE, Person
from benchmarks.soak import started
from trecs.speech.sound import RATE

BAR = 4.0  # seconds
LEAD, AFTER = 1.5, 60.0  # seconds of silence before and after
SENTENCES = (
    "A cow is standing on the grass near a tree.",
    "A brown dog is running on the grass under the sky.",
    "Two horses are standing in the field behind a fence.",
    "There is a boat on the sea and a person on the beach.",
    "A red bus is on the road beside a building.",
    "An elephant is near the water and a bird is in the sky.",
)
LENT = """
const lend = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await lend(wanted);
    window.lent = performance.now();
    return stream;
};
"""


def recorded(sentence: str, path: Path) -> float:
    """Writes what the microphone hears, and returns when its last word ends, in seconds."""
    said = speak(sentence)
    silence = [np.zeros(round(seconds * RATE), np.float32) for seconds in (LEAD, AFTER)]
    sound = np.concatenate([silence[0], said.at(RATE), silence[1]])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    return LEAD + said.words[-1][2]


def run(playwright: Playwright, url: str, sentence: str, folder: Path) -> tuple[float, float]:
    """Seconds from the end of the last word to the word on the page, and to the picture."""
    sound = folder / "voice.wav"
    ends = recorded(sentence, sound)
    fake = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}%noloop",
    )
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET.split(), *fake])
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(120_000)
    page.add_init_script(LENT)
    page.goto(url)
    page.locator(".tc-text").wait_for()
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Speak").click()
    page.wait_for_function("window.lent")
    person = Person(page)
    for x, y, radius in ((0.3, 0.55, 0.15), (0.5, 0.85, 0.3), (0.7, 0.4, 0.15)):
        person.loop(".tc-canvas", x, y, radius)
        page.wait_for_timeout(300)
    said = page.evaluate("window.lent") + 1000 * ends  # on the page's clock
    page.wait_for_timeout(max(said - page.evaluate("performance.now()"), 0))
    page.get_by_role("button", name="Stop").click()
    last = sentence.split()[-1].strip(".")
    page.wait_for_function(
        "(word) => document.querySelector('.tc-text').value.toLowerCase().includes(word)", arg=last
    )
    heard = _since(page, said)
    page.get_by_role("button", name="Compose", exact=True).click()
    page.wait_for_selector(PICTURE)
    seen = _since(page, said)
    browser.close()
    return heard, seen


def _since(page: Page, moment: float) -> float:
    """Seconds since a moment of the page's clock."""
    return float(page.evaluate("performance.now()") - moment) / 1000


def main() -> int:
    """Prints a table; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--speech", required=True, metavar="DIR", help="the recogniser's weights")
    parser.add_argument("--runs", type=int, default=len(SENTENCES) - 1)
    parser.add_argument("arguments", nargs="*", help="of app.py, after --")
    args = parser.parse_args()
    if not 1 <= args.runs < len(SENTENCES):
        parser.error(f"--runs {args.runs}: expected 1 to {len(SENTENCES) - 1}")
    times = []
    with (
        tempfile.TemporaryDirectory() as folder,
        started(["--speech", args.speech, *args.arguments]) as (url, _),
        sync_playwright() as playwright,
    ):
        print("| sentence | last word on the page | picture |\n| --- | --- | --- |")
        for number in range(args.runs + 1):
            sentence = SENTENCES[number]
            heard, seen = run(playwright, url, sentence, Path(folder))
            if number:
                times.append((heard, seen))
                print(f"| {sentence} | {heard:.1f} s | {seen:.1f} s |", flush=True)
    heard, seen = (statistics.median(one) for one in zip(*times, strict=True))
    print(f"| median | {heard:.1f} s | {seen:.1f} s |")
    return int(seen > BAR)


if __name__ == "__main__":
    sys.exit(main())
