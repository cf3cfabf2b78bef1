"""Makes docs/tour.png, the README's tour: what a person can do on the page, in six pictures.

Starts the studio with the bundled checkpoints and drives it in headless Chromium:
`python -m scripts.tour [--port 7897] [--out docs/tour.png]`.
"""

import argparse
import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, sync_playwright

from files.pictures import read_rgb
from scripts.screenshots import CHROMIUM, ROOT, studio

TEXT = "A black cow and a red bus on the grass, a tree on the left"
BROWN, PICTURE = "#8c4a1e", ".picture img"
STOPS = (
    "Strokes and words find one another",
    "A colour that was said, another chosen",
    "A mask is moved, turned, scaled",
    "Every picture stays; four more at once",
    "The same words, 2015 to today",
    "Layers out, and in again",
)
WIDTH, HEIGHT, GAP, LINE, COLUMNS = 620, 380, 20, 38, 2
PAPER, INK = "#e6ecef", "#10202c"


def main() -> None:
    """Writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=7897)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "tour.png")
    args = parser.parse_args()
    with studio(args.port) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1100})
        page.set_default_timeout(180_000)
        page.goto(address)
        page.locator(".tc-text").wait_for()
        pictures = toured(page)
        browser.close()
    sheet(pictures).save(args.out, optimize=True)
    print(args.out)


def toured(page: Page) -> list[Image.Image]:
    """What is seen at each of STOPS."""
    page.get_by_role("switch", name="Live").click()
    page.locator(".tc-text").click()
    page.keyboard.type(TEXT, delay=10)
    for x, y, radius in ((0.3, 0.62, 0.14), (0.68, 0.55, 0.2), (0.5, 0.88, 0.4), (0.14, 0.4, 0.13)):
        loop(page, x, y, radius)
    compose(page)
    page.wait_for_timeout(1500)
    pictures = [shot(page, [".tc-sheet", ".tc-text"], [".regions"])]

    before = page.locator(PICTURE).get_attribute("src")
    page.locator('.pot[data-noun="cow"] input').evaluate(
        """(input, colour) => {
            input.value = colour
            for (const kind of ["input", "change"]) {
                input.dispatchEvent(new Event(kind, { bubbles: true }))
            }
        }""",
        BROWN,
    )
    page.get_by_role("button", name="Compose", exact=True).click()
    page.wait_for_function(
        "([at, before]) => document.querySelector(at).src !== before", arg=[PICTURE, before]
    )
    pictures.append(shot(page, [PICTURE], [".regions ol, .regions ul"]))

    page.get_by_role("button", name="Move", exact=True).click()
    page.locator("#editor .le-canvas").evaluate("(e) => e.scrollIntoView({ block: 'center' })")
    page.locator("#editor .le-canvas").focus()
    for _ in range(9):
        if "bus" in page.locator("#editor .le-chosen").inner_text():
            break
        page.keyboard.press("n")
        page.wait_for_timeout(400)
    for key in ("ArrowRight", "ArrowUp"):
        page.keyboard.press(f"Shift+{key}")
    page.wait_for_timeout(3000)
    pictures.append(shot(page, ["#editor .le-sheet", "#editor .le-chosen"], [PICTURE]))

    page.get_by_role("button", name="Four more pictures").click()
    page.wait_for_function("document.querySelectorAll('.shelf-list li').length >= 6")
    page.wait_for_timeout(1500)
    pictures.append(shot(page, [".shelf .tools", ".shelf-list"]))

    page.locator("#compare").click()
    page.wait_for_selector(".comparison")
    page.wait_for_function("!document.querySelector('#compare-cancel:not([disabled])')")
    page.wait_for_timeout(15_000)
    pictures.append(
        shot(page, [".comparison .slider", ".comparison .sides"], [".comparison .gallery"])
    )

    page.get_by_text("Save layers").click()
    page.wait_for_timeout(500)
    pictures.append(shot(page, [".picture img", ".layer-menu > div"]))
    return pictures


def compose(page: Page) -> None:
    """Presses Compose and waits for the picture."""
    page.get_by_role("button", name="Compose", exact=True).click()
    page.wait_for_selector(PICTURE)


def loop(page: Page, x: float, y: float, radius: float) -> None:
    """Draws one with the mouse, in fractions of the sheet."""
    box = page.locator(".tc-canvas").bounding_box()
    assert box
    size = box["width"]
    for turn in range(25):
        page.mouse.move(
            box["x"] + (x + radius * math.cos(turn / 4)) * size,
            box["y"] + min(y + 0.7 * radius * math.sin(turn / 4), 0.98) * size,
        )
        if not turn:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(300)


def shot(page: Page, *columns: list[str]) -> Image.Image:
    """The page around the elements of each column, one column beside the other."""
    page.locator("#rail").evaluate("e => e.style.setProperty('position', 'static', 'important')")
    shots = [read_rgb(page.screenshot(full_page=True, clip=around(page, one))) for one in columns]  # type: ignore[arg-type]
    height = max(one.height for one in shots)
    whole = Image.new("RGB", (sum(one.width for one in shots), height), PAPER)
    left = 0
    for one in shots:
        whole.paste(one, (left, 0))
        left += one.width
    return whole


def around(page: Page, elements: list[str]) -> dict[str, float]:
    """The rectangle around elements, on the whole page."""
    found = [page.locator(one).first.bounding_box() for one in elements]
    boxes = [box for box in found if box]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    scrolled = page.evaluate("scrollY")
    return {
        "x": left - 6,
        "y": top + scrolled - 6,
        "width": right - left + 12,
        "height": bottom - top + 12,
    }


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """The pictures in rows, each with its line below."""
    for picture in pictures:
        picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    rows = [pictures[i : i + COLUMNS] for i in range(0, len(pictures), COLUMNS)]
    heights = [max(one.height for one in row) + LINE + GAP for row in rows]
    whole = Image.new("RGB", (COLUMNS * (WIDTH + GAP) + GAP, sum(heights) + GAP), PAPER)
    draw, font, lines = ImageDraw.Draw(whole), ImageFont.load_default(20), iter(STOPS)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(row):
            left = GAP + column * (WIDTH + GAP)
            whole.paste(picture, (left, top))
            draw.text((left, top + height - LINE - GAP + 6), next(lines), INK, font)
        top += height
    return whole


if __name__ == "__main__":
    main()
