"""One person for an hour: does the memory of the page or of the server grow?

    python -m benchmarks.session [--pictures 300] [--minutes 60] [-- arguments of app.py]

Starts `app.py` on a free port and drives its page in headless Chromium with a mouse and a keyboard,
in rounds of three pictures: a new sentence with a loop for each of its three things is composed; a
thing is painted on the canvas and rendered; that is undone and rendered again; and a picture of the
shelf is taken back. After each round memory is read: the server's resident set, the proportional
sets of the browser's processes together, and what the page's scripts hold after a collection; the
browser is told before that memory is short, so that what it could do without does not count. It has
a profile on the disk, as a person's has, and no inspector of requests (`uninspected_chromium.py`).

The shelf keeps sixty pictures, the canvas sixty steps to undo, and the server its caches; all of
them fill at first. What counts is the median of the last thirty pictures against that of the thirty
that follow the first 120. Exit code 1 where one of the three has grown by more than 5 %, or the
page's console told of an error.
"""

import argparse
import math
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.moving import QUIET
from benchmarks.soak import resident, started

THINGS = ("dog", "horse", "cow", "bus", "bicycle", "person", "zebra", "bench", "elephant", "boat")
PLACES = ("grass", "road", "beach", "snow", "street", "field")
A_ROUND = 3  # pictures
FILLING, SPAN = 120, 30  # pictures
MOST = 0.05
PICTURE = ".picture img"
UNINSPECTED = Path(__file__).with_name("uninspected_chromium.py")


@dataclass(frozen=True)
class Held:
    """Memory after so many pictures, in MB."""

    pictures: int
    server: float
    browser: float
    scripts: float


class Person:
    """Draws on a page, round after round."""

    def __init__(self, page: Page) -> None:
        self.page, self.chance = page, random.Random(0)

    def round(self) -> None:
        """Three pictures, and one of the shelf."""
        page = self.page
        clear = page.get_by_role("button", name="Clear")
        if clear.is_enabled():
            clear.click()
        thing, other = self.chance.sample(THINGS, 2)
        place = self.chance.choice(PLACES)
        page.locator(".tc-text").click()
        page.keyboard.type(f"A {thing} is beside a {other} on the {place}.", delay=15)
        for x, y, radius in ((0.3, 0.6, 0.15), (0.7, 0.6, 0.15), (0.5, 0.85, 0.3)):
            self.loop(".tc-canvas", x, y, radius)
        self.drawn("Compose")
        page.get_by_role("combobox", name="Paint with").fill("giraffe")
        page.keyboard.press("Enter")
        self.loop(".le-canvas", self.chance.uniform(0.2, 0.8), 0.4, 0.1)
        self.drawn("Render")
        page.locator(".le-canvas").press("Control+z")
        self.drawn("Render")
        cards = page.locator(".shelf-list li > button")
        cards.nth(min(cards.count() - 1, 3)).click()
        page.wait_for_timeout(500)

    def loop(self, canvas: str, x: float, y: float, radius: float) -> None:
        """One with the mouse, in fractions of a canvas."""
        self.page.locator(canvas).scroll_into_view_if_needed()
        box = self.page.locator(canvas).bounding_box()
        assert box
        size = box["width"]
        corners = [
            (
                box["x"] + (x + radius * math.cos(turn / 4)) * size,
                box["y"] + min(y + radius * math.sin(turn / 4), 0.99) * size,
            )
            for turn in range(26)
        ]
        self.page.mouse.move(*corners[0])
        self.page.mouse.down()
        for corner in corners[1:]:
            self.page.mouse.move(*corner)
        self.page.mouse.up()

    def drawn(self, button: str) -> None:
        """Presses a button and waits for another picture."""
        image = self.page.locator(PICTURE)
        before = image.get_attribute("src") if image.count() else ""
        self.page.get_by_role("button", name=button, exact=True).click()
        self.page.wait_for_function(
            "([at, before]) => (document.querySelector(at)?.src ?? before) !== before",
            arg=[PICTURE, before],
        )


def session(page: Page, server: int, pictures: int, seconds: float) -> Iterator[Held]:
    """Draws so many pictures in so many seconds or more, and reads memory after each round."""
    person, devtools = Person(page), page.context.new_cdp_session(page)
    rounds = -(-pictures // A_ROUND)
    began = time.monotonic()
    for number in range(1, rounds + 1):
        person.round()
        devtools.send("Memory.simulatePressureNotification", {"level": "critical"})
        devtools.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(500)
        yield Held(
            number * A_ROUND, resident(server) / 1024, of_browser() / 1024,
            devtools.send("Runtime.getHeapUsage")["usedSize"] / 2**20,
        )  # fmt: skip
        page.wait_for_timeout(max(began + seconds * number / rounds - time.monotonic(), 0) * 1000)


def of_browser() -> int:
    """The memory of the browser's processes in kB, what they share counted once."""
    held = 0
    for process in _family(Path(f"/proc/{os.getpid()}")):
        try:
            if "chrom" in (process / "exe").readlink().name:
                rollup = (process / "smaps_rollup").read_text()
                held += sum(map(int, re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)))
        except OSError:  # it has ended meanwhile
            continue
    return held


def _family(process: Path) -> Iterator[Path]:
    """A process and all that came of it, as folders of /proc."""
    yield process
    for children in process.glob("task/*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from _family(process.with_name(child))


@contextmanager
def opened(url: str, wrong: list[str]) -> Iterator[Page]:
    """The page in a browser of its own; `wrong` gets what its console tells of errors."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=UNINSPECTED,
            args=QUIET.split(),
            viewport={"width": 1400, "height": 1000},
        )
        page = context.pages[0]
        page.on("console", lambda told: wrong.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.set_default_timeout(180_000)
        page.goto(url)
        page.locator(".tc-text").wait_for()
        yield page
        context.close()


def growth(values: list[tuple[int, float]]) -> float:
    """How much the last SPAN pictures' median is above that of those after the first FILLING."""
    last = values[-1][0]
    first = [value for at, value in values if FILLING < at <= FILLING + SPAN]
    return (
        statistics.median(v for at, v in values if at > last - SPAN) / statistics.median(first) - 1
    )


def main() -> int:
    """Prints a table; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("arguments", nargs="*", help="of app.py, after --")
    args = parser.parse_args()
    if args.pictures < FILLING + 2 * SPAN:
        parser.error(f"--pictures {args.pictures}: expected at least {FILLING + 2 * SPAN}")
    wrong: list[str] = []
    held: list[Held] = []
    with started(args.arguments) as (url, server), opened(url, wrong) as page:
        for one in session(page, server, args.pictures, args.minutes * 60):
            held.append(one)
            if one.pictures % SPAN == 0:
                print(one, flush=True)
    grown = 0.0
    print("\n| pictures | server, MB | browser, MB | scripts, MB |\n| --- | --- | --- | --- |")
    for end in range(SPAN, args.pictures + 1, SPAN):
        some = [one for one in held if end - SPAN < one.pictures <= end]
        medians = (statistics.median(v) for v in zip(*map(numbers, some), strict=True))
        print(f"| {end - SPAN + 1}-{end} | {' | '.join(f'{one:.0f}' for one in medians)} |")
    cells = []
    for part in range(3):
        more = growth([(one.pictures, numbers(one)[part]) for one in held])
        cells.append(f"{more:+.1%}")
        grown = max(grown, more)
    print(f"| last against {FILLING + 1}-{FILLING + SPAN} | {' | '.join(cells)} |")
    for told in wrong[:20]:
        print(told)
    return int(grown > MOST or bool(wrong))


def numbers(held: Held) -> tuple[float, float, float]:
    """Memory of the three."""
    return held.server, held.browser, held.scripts


if __name__ == "__main__":
    sys.exit(main())
