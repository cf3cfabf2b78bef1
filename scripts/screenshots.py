"""Makes the README's pictures in docs/: the studio's page, and the stages of one narrative.

Starts the studio with the bundled checkpoints and drives it in headless Chromium, so the pictures
show what a visitor sees: `python scripts/screenshots.py [--port 7899] [--out docs]`.
"""

import argparse
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, sync_playwright

from files.pictures import read_rgb

ROOT = Path(__file__).parents[1]
CHROMIUM = "/usr/bin/chromium"
EXAMPLE = "Skiers in the mountains"
STAGES = (
    (".words", "Words, coloured by label"),
    (".tc-sheet", "What was traced"),
    (".regions svg", "Regions: hulls over the trace"),
    (".choices", "Masks and runners-up"),
    ("#editor .le-sheet", "Segmentation canvas"),
    (".picture img", "Picture"),
)
PHONE = {"width": 390, "height": 844}
SIDE, GAP, LINE = 420, 20, 40  # of a stage in the picture of stages, in pixels
COLUMNS = 3


def main() -> None:
    """Writes studio.png, studio-dark.png, studio-phone.png, stages.png and comparison.png."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=7899)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with studio(args.port) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = composed(browser, address)
        page.screenshot(path=args.out / "studio.png")
        stages(page).save(args.out / "stages.png", optimize=True)
        compared(page).save(args.out / "comparison.png", optimize=True)
        composed(browser, address, color_scheme="dark").screenshot(
            path=args.out / "studio-dark.png"
        )
        composed(browser, address, viewport=PHONE, device_scale_factor=2).screenshot(
            path=args.out / "studio-phone.png"
        )
        browser.close()
    for path in sorted(args.out.glob("*.png")):
        print(path)


@contextmanager
def studio(port: int) -> Iterator[str]:
    """The running studio's address."""
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT)
    try:
        while True:
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except (urllib.error.URLError, TimeoutError):
                if process.poll() is not None:
                    sys.exit("The studio did not start.")
                time.sleep(0.3)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def composed(browser: Browser, address: str, **settings: Any) -> Page:
    """The page with an example drawn on it, scrolled to its top."""
    page = browser.new_page(**{"viewport": {"width": 1400, "height": 1060}, **settings})
    page.goto(address)
    page.get_by_role("switch", name="Live").click()
    page.get_by_role("button", name="Load example").click()
    page.get_by_role("button", name=EXAMPLE).click()
    page.wait_for_function("document.querySelector('.tc-text').value.length > 20")
    page.get_by_role("button", name="Compose", exact=True).click()
    page.wait_for_selector(".picture img", timeout=120_000)
    page.mouse.move(1, 1)
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(1000)
    return page


def compared(page: Page) -> Image.Image:
    """The comparison; with the attention to one of the words, where a system attends to it."""
    page.locator("#compare").click()
    page.wait_for_selector(".comparison")
    for word in page.locator(".spoken").get_by_role("button", name="snow").all()[:1]:
        word.click()
    page.wait_for_timeout(1000)
    return read_rgb(page.locator(".comparison").screenshot())


def stages(page: Page) -> Image.Image:
    """The stages in rows, in their order, with their names."""
    rows = -(-len(STAGES) // COLUMNS)
    size = (COLUMNS * (SIDE + GAP) + GAP, rows * (SIDE + LINE + GAP) + GAP)
    grid = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(grid)
    # The rail sticks to the top, over whatever is scrolled beneath it.
    page.locator("#rail").evaluate("e => e.style.setProperty('position', 'static', 'important')")
    page.locator(".words").evaluate(  # a band across the page; here a sheet like the others
        "(e, side) => e.style.cssText = `box-sizing: border-box; width: ${side}px; padding: 16px;"
        "height: ${side}px; border: 1px solid var(--line); background: var(--sheet)`",
        SIDE,
    )
    font = ImageFont.load_default(20)
    for i, (selector, name) in enumerate(STAGES):
        shot = read_rgb(page.locator(selector).screenshot())
        square = shot.crop((0, 0, min(shot.size), min(shot.size)))
        left = GAP + i % COLUMNS * (SIDE + GAP)
        top = GAP + i // COLUMNS * (SIDE + LINE + GAP)
        grid.paste(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (left, top))
        draw.text((left, top + SIDE + 8), name, "#10202c", font)
    return grid


if __name__ == "__main__":
    main()
