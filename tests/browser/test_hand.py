"""Which pointer draws, from where to where: real mouse, pen and fingers on a bare surface."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Page

import trecs.interface
from tests.browser import steps

SURFACE = "<div style='position: absolute; inset: 0; touch-action: none'></div>"
LOG = """() => {
    window.told = []
    const log = (name) => (e) => told.push(e?.pointerType ? `${name} ${e.pointerType}` : name)
    window.hand = new Hand(document.querySelector("div"), {
        begin: log("begin"), end: () => told.push("end"), drop: log("drop"),
        move: (events) => log("move")(events.at(-1)),
    })
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(has_touch=True, viewport={"width": 300, "height": 300})
    yield opened
    opened.close()


@pytest.fixture
def devtools(page: Page) -> CDPSession:
    page.goto("about:blank")
    page.set_content(SURFACE)
    page.add_script_tag(path=Path(trecs.interface.__file__).parent / "hand.js")
    page.evaluate(LOG)
    return page.context.new_cdp_session(page)


def told(page: Page) -> list[str]:
    """What came, of equal ones in a row the first."""
    every: list[str] = page.evaluate("told.splice(0)")
    return [one for i, one in enumerate(every) if i == 0 or one != every[i - 1]]


def test_a_stroke_ends_with_its_button_whatever_else_is_pressed(
    page: Page, devtools: CDPSession
) -> None:
    page.mouse.move(50, 50)
    page.mouse.down()
    page.mouse.move(60, 60)
    page.mouse.down(button="right")
    page.mouse.up()
    page.mouse.move(90, 90)
    assert told(page) == ["begin mouse", "move mouse", "end"]
    page.mouse.down()  # the right one is down still
    page.mouse.up()
    page.mouse.up(button="right")
    page.mouse.down()
    page.mouse.up()
    assert told(page)[-2:] == ["begin mouse", "end"]


@pytest.mark.parametrize(
    "loss",
    [
        "window.dispatchEvent(new Event('blur'))",
        "document.querySelector('div').releasePointerCapture(hand.held.id)",
    ],
)
def test_a_stroke_ends_where_the_page_loses_the_pointer(
    page: Page, devtools: CDPSession, loss: str
) -> None:
    page.mouse.move(50, 50)
    page.mouse.down()
    page.mouse.move(60, 60)
    page.evaluate(loss)
    page.mouse.move(90, 90)
    page.mouse.move(100, 100)
    assert page.evaluate("hand.held") is None
    assert told(page) == ["begin mouse", "move mouse", "end"]
    page.mouse.up()


def test_only_the_first_of_two_fingers_draws(page: Page, devtools: CDPSession) -> None:
    rests, paints = (50, 50), (200, 200)
    steps.touch(devtools, "Start", rests)
    steps.touch(devtools, "Start", rests, paints)
    for i in range(4):
        steps.touch(devtools, "Move", rests, (200, 150 - 10 * i))
    assert "move touch" not in told(page)
    steps.touch(devtools, "Move", rests)  # the other is lifted
    assert told(page) == []
    steps.touch(devtools, "Move", (80, 80))
    steps.touch(devtools, "End")
    assert told(page) == ["move touch", "end"]


@pytest.mark.parametrize(
    ("slid", "expected"),
    [(4, ["begin touch", "drop"]), (60, ["begin touch", "move touch", "end"])],
)
def test_a_pen_takes_over_from_a_palm_and_follows_a_finger(
    page: Page, devtools: CDPSession, slid: int, expected: list[str]
) -> None:
    steps.touch(devtools, "Start", (200, 200))
    steps.touch(devtools, "Move", (200, 200 - slid))
    steps.pen(devtools, "Pressed", 50, 50)
    before = [one for one in told(page) if one != "move touch" or slid > 10]
    assert before == [*expected, "begin pen"]
    steps.pen(devtools, "Moved", 70, 70)
    steps.touch(devtools, "Move", (210, 210))
    steps.pen(devtools, "Moved", 80, 80)
    steps.pen(devtools, "Released", 80, 80)
    assert told(page) == ["move pen", "end"]
    steps.touch(devtools, "End")
    assert told(page) == []


def test_fingers_are_nothing_while_a_pen_is_down(page: Page, devtools: CDPSession) -> None:
    steps.pen(devtools, "Pressed", 50, 50)
    steps.touch(devtools, "Start", (200, 200))
    steps.touch(devtools, "Move", (150, 150))
    steps.touch(devtools, "End")
    steps.pen(devtools, "Moved", 80, 80)
    steps.pen(devtools, "Released", 80, 80)
    assert told(page) == ["begin pen", "move pen", "end"]
