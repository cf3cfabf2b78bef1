"""How many frames a second does the page draw while a mask is dragged?

    python -m benchmarks.moving [--seconds 5] [--narrow] [-- arguments of app.py]

Starts `app.py` on a free port and Chromium without a GPU, composes an example, and drags a thing of
it, then stuff, with the mouse, whose events come as fast as Chromium takes them. A frame counts
where the canvas was drawn anew in it. Exit code 1 where there are fewer than 30 a second.
"""

import argparse
import itertools
import math
import shutil
import statistics
import sys
import time

from playwright.sync_api import Page, sync_playwright

from benchmarks.soak import started

WANTED = 30  # frames a second
EXAMPLE = "A horse in a field"
QUIET = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
COUNT = """() => {
    window.frames_drawn = []
    const draw = CanvasRenderingContext2D.prototype.drawImage
    CanvasRenderingContext2D.prototype.drawImage = function (...given) {
        if (this.canvas.matches(".le-canvas")) window.frames_drawn.push(performance.now())
        return draw.apply(this, given)
    }
}"""
BOX = """() => {
    const box = document.querySelector(".le-canvas").getBoundingClientRect()
    return [box.left, box.top, box.width, box.height]
}"""


def composed(page: Page, url: str) -> None:
    """Opens the page, composes the example and chooses its foremost mask."""
    page.goto(url)
    page.wait_for_selector(".tc-canvas")
    page.get_by_role("button", name="Load example").click()
    page.get_by_role("button", name=EXAMPLE).click()
    page.wait_for_function("document.querySelector('.tc-text').value.length > 20")
    page.get_by_role("button", name="Compose", exact=True).click()
    page.wait_for_selector(".picture img")
    page.get_by_role("button", name="Move", exact=True).click()
    page.locator(".le-canvas").evaluate("(e) => e.scrollIntoView({ block: 'center' })")
    page.locator(".le-canvas").focus()
    page.evaluate(COUNT)


def drawn(page: Page, start: tuple[float, float], seconds: float) -> list[float]:
    """Milliseconds between the frames drawn while the mouse, pressed at `start`, goes round."""
    left, top, width, height = page.evaluate(BOX)
    x, y = left + start[0] * width, top + start[1] * height
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("window.frames_drawn = []")
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        angle = 4 * passed
        page.mouse.move(x + 40 * math.sin(angle), y + 40 * (1 - math.cos(angle)))
    times = page.evaluate("window.frames_drawn")
    page.mouse.up()
    return [after - before for before, after in itertools.pairwise(times)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--narrow", action="store_true", help="a phone's screen, 390 x 844 by 3")
    parser.add_argument("arguments", nargs="*", help="of app.py, after --")
    args = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    slow = False
    with started(args.arguments) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET.split())
        screen = {"width": 390, "height": 844} if args.narrow else {"width": 1400, "height": 1000}
        page = browser.new_page(viewport=screen, device_scale_factor=3 if args.narrow else 1)  # type: ignore[arg-type]
        page.set_default_timeout(180_000)
        composed(page, url)
        print("| | frames a second | between two, median / 95th percentile |\n| --- | --- | --- |")
        for name, start in (("drag a thing", (0.38, 0.46)), ("drag stuff", (0.2, 0.9))):
            between = drawn(page, start, args.seconds)
            rate = 1000 * len(between) / sum(between)
            high = statistics.quantiles(between, n=20)[-1]
            print(f"| {name} | {rate:.0f} | {statistics.median(between):.0f} / {high:.0f} ms |")
            slow |= rate < WANTED
        browser.close()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
