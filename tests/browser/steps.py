"""What a person does on the page, and what a test reads from it."""

import base64
import json
import math
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, Page

from files.pictures import read_rgb

PICTURE = ".picture img"
EVENTUALLY = 30  # seconds


def rest(page: Page, milliseconds: int = 400) -> None:
    """Waits as a person does between two actions."""
    page.wait_for_timeout(milliseconds)


def live(page: Page, on: bool) -> None:
    """Sets the switch that lets words, regions and canvas follow."""
    switch = page.get_by_role("switch", name="Live")
    if (switch.get_attribute("aria-checked") == "true") != on:
        switch.click()


def click_once(page: Page, button: str, *, there: str) -> None:
    """Has the page itself click as soon as something is there; the way from here is longer."""
    page.evaluate(
        """([button, there]) => new MutationObserver((_, observer) => {
            if (!document.querySelector(there)) return
            observer.disconnect()
            document.querySelector(button).click()
        }).observe(document.body, { childList: true, subtree: true })""",
        [button, there],
    )


def loop(page: Page, x: float, y: float, radius: float, canvas: str = ".tc-canvas") -> None:
    """Draws a loop with the mouse; x, y and radius in fractions of the canvas."""
    page.locator(canvas).scroll_into_view_if_needed()
    box = page.locator(canvas).bounding_box()
    assert box
    left, top, size = box["x"], box["y"], box["width"]
    place = [
        (left + (x + radius * math.cos(i / 3)) * size, top + (y + radius * math.sin(i / 3)) * size)
        for i in range(24)
    ]
    page.mouse.move(*place[0])
    page.mouse.down()
    for corner in place[1:]:
        page.mouse.move(*corner)
        page.wait_for_timeout(12)
    page.mouse.up()


def narrative(page: Page) -> dict[str, Any]:
    """What Export would save."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    return json.loads(download.value.path().read_text("utf-8"))


def load_example(page: Page, title: str) -> None:
    """Opens the tray and takes a card."""
    page.get_by_role("button", name="Load example").click()
    page.get_by_role("button", name=title).click()
    page.wait_for_function("document.querySelector('.tc-text').value.length > 20")


def compose(page: Page) -> str:
    """Presses Compose and waits for the picture; returns it as a data URI."""
    before = picture(page)
    page.get_by_role("button", name="Compose", exact=True).click()
    return next_picture(page, before)


def picture(page: Page) -> str:
    """The picture as a data URI, empty where there is none."""
    image = page.locator(PICTURE)
    return (image.get_attribute("src") or "") if image.count() else ""


def pixels(uri: str | None) -> bytes:
    """Those of a picture in a data URI, which carries its narrative beside them."""
    return read_rgb(base64.b64decode((uri or "").split(",")[1])).tobytes()


def next_picture(page: Page, before: str) -> str:
    """Waits for a picture other than `before`."""
    page.wait_for_function(
        "([at, before]) => (document.querySelector(at)?.src ?? before) !== before",
        arg=[PICTURE, before],
    )
    return picture(page)


def legend(page: Page) -> dict[str, str]:
    """The labels on the canvas with their shares."""
    return dict(
        page.locator(".le-legend button").evaluate_all(
            "items => items.map((e) => [e.childNodes[1].textContent, "
            "e.querySelector('small').innerText])"
        )
    )


def eventually(read: Callable[[], object], wanted: object) -> None:
    """Reads the page until it shows what is wanted: what follows an action takes its time."""
    deadline = time.monotonic() + EVENTUALLY
    while read() != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert read() == wanted


def choose_label(page: Page, name: str) -> None:
    """Searches the palette and takes a label with the keyboard."""
    page.get_by_role("combobox", name="Paint with").fill(name)
    page.keyboard.press("Enter")


def touch(devtools: CDPSession, what: str, *fingers: tuple[float, float]) -> None:
    """Fingers as the screen tells of them, all that are down: Start, Move or End."""
    points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(fingers)]
    devtools.send("Input.dispatchTouchEvent", {"type": f"touch{what}", "touchPoints": points})


def pen(devtools: CDPSession, what: str, x: float, y: float) -> None:
    """A pen on the screen: Pressed, Moved or Released."""
    devtools.send(
        "Input.dispatchMouseEvent",
        {
            "type": f"mouse{what}",
            "pointerType": "pen",
            "button": "left",
            "buttons": 0 if what == "Released" else 1,
            "clickCount": 1,
            "x": x,
            "y": y,
        },
    )


def place(page: Page, canvas: str, x: float, y: float) -> tuple[float, float]:
    """A place of a canvas, in fractions of it, on the screen."""
    box = page.locator(canvas).bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]
