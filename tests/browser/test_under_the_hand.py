"""What is drawn or painted stays where the hand is, whatever else happens to the page meanwhile."""

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser import steps

INKED = """([x, y]) => {
    const canvas = document.querySelector(".tc-canvas"), box = canvas.getBoundingClientRect()
    const scale = canvas.width / canvas.clientWidth
    const [left, top] = [(x - box.left) * scale - 4, (y - box.top) * scale - 4]
    const { data } = canvas.getContext("2d").getImageData(left, top, 9, 9)
    for (let i = 0; i < data.length; i += 4)
        if (Math.hypot(data[i] - 236, data[i + 1] - 104, data[i + 2] - 36, data[i + 3] - 255) < 60)
            return true
    return false
}"""
CONTROL = 2  # the DevTools' number of the key
UNDER_WAY = ((0.3, 0.3), (0.4, 0.35), (0.5, 0.4))


def inked(page: Page, *places: tuple[float, float]) -> bool:
    """Whether the ink of a stroke under way is at all of some places of the sheet."""
    page.wait_for_timeout(200)  # some redraws wait for the next frame
    there = [steps.place(page, ".tc-canvas", *place) for place in places]
    return all(page.evaluate(INKED, place) for place in there)


def begin(page: Page) -> None:
    page.mouse.move(*steps.place(page, ".tc-canvas", *UNDER_WAY[0]))
    page.mouse.down()
    for place in UNDER_WAY[1:]:
        page.mouse.move(*steps.place(page, ".tc-canvas", *place))
        page.wait_for_timeout(12)


def test_a_stroke_under_way_is_seen_through_every_redraw(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    steps.live(page, False)
    begin(page)
    assert inked(page, *UNDER_WAY)
    page.keyboard.type("cat")
    assert inked(page, *UNDER_WAY)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.body.classList.contains('dark')")
    assert inked(page, *UNDER_WAY)
    page.set_viewport_size({"width": 1300, "height": 1000})
    assert inked(page, *UNDER_WAY)
    # Zooming: fewer pixels of CSS, each of more of the screen's. The line goes on where it is.
    metrics = {"width": 1200, "height": 900, "deviceScaleFactor": 2, "mobile": False}
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setDeviceMetricsOverride", metrics)
    page.wait_for_timeout(200)
    page.mouse.move(*steps.place(page, ".tc-canvas", 0.6, 0.7))
    page.wait_for_timeout(12)
    page.mouse.move(*steps.place(page, ".tc-canvas", 0.6, 0.75))
    assert inked(page, *UNDER_WAY, (0.6, 0.7))
    assert page.evaluate(
        "(({ width, clientWidth }) => width / clientWidth)(document.querySelector('.tc-canvas'))"
    ) == pytest.approx(2, abs=0.01)
    page.mouse.up()
    (stroke,) = steps.narrative(page)["traces"]
    assert len(stroke) >= 4


def test_the_line_goes_on_where_it_is_before_the_sheet_is_fitted(
    visit_alone: Callable[..., Page],
) -> None:
    page = visit_alone()
    steps.live(page, False)
    begin(page)
    page.evaluate("Object.defineProperty(window, 'devicePixelRatio', { value: 3 })")
    page.mouse.move(*steps.place(page, ".tc-canvas", 0.6, 0.7))
    assert inked(page, (0.6, 0.7))
    page.mouse.up()


@pytest.fixture
def touched(visit_alone: Callable[..., Page]) -> Page:
    page = visit_alone(has_touch=True)
    steps.live(page, False)
    steps.choose_label(page, "sea")
    page.get_by_role("button", name="Start with a blank canvas").click()
    steps.choose_label(page, "boat")
    return page


def rest_and_move(page: Page, canvas: str) -> CDPSession:
    """A finger rests on a canvas while another one moves there."""
    devtools = page.context.new_cdp_session(page)
    rests = steps.place(page, canvas, 0.2, 0.2)
    steps.touch(devtools, "Start", rests)
    for i in range(5):
        moves = steps.place(page, canvas, 0.8, 0.9 - 0.05 * i)
        steps.touch(devtools, "Move" if i else "Start", rests, moves)
    return devtools


def test_a_resting_finger_and_another_one_are_not_joined(touched: Page) -> None:
    steps.touch(rest_and_move(touched, ".le-canvas"), "End")
    steps.eventually(lambda: steps.legend(touched)["boat"], "1%")  # the brush's disc
    steps.touch(rest_and_move(touched, ".tc-canvas"), "End")
    (stroke,) = steps.narrative(touched)["traces"]
    assert max(point["x"] for point in stroke) < 0.3


def test_a_pen_takes_back_what_the_palm_began(touched: Page) -> None:
    for canvas in (".tc-canvas", ".le-canvas"):
        devtools = touched.context.new_cdp_session(touched)
        steps.touch(devtools, "Start", steps.place(touched, canvas, 0.8, 0.9))
        for i in range(6):
            place = steps.place(touched, canvas, 0.2 + 0.05 * i, 0.2)
            steps.pen(devtools, "Moved" if i else "Pressed", *place)
            touched.wait_for_timeout(12)
        steps.pen(devtools, "Released", *steps.place(touched, canvas, 0.45, 0.2))
        steps.touch(devtools, "End")
    (stroke,) = steps.narrative(touched)["traces"]
    assert stroke[-1]["x"] - stroke[0]["x"] > 0.2
    assert max(point["y"] for point in stroke) < 0.3
    steps.eventually(
        lambda: steps.legend(touched)["boat"], "3%"
    )  # a bar of the brush's width, without the palm
    touched.locator(".le-undo").click()
    steps.eventually(lambda: steps.legend(touched), {"sea": "100%"})


@pytest.mark.parametrize(("key", "code"), [("\u044f", "KeyZ"), ("\u03b6", "KeyZ"), ("z", "KeyY")])
def test_shortcuts_are_where_they_are_on_other_keyboards(
    visit_alone: Callable[..., Page], key: str, code: str
) -> None:
    page = visit_alone()
    steps.live(page, False)
    steps.choose_label(page, "sea")
    page.get_by_role("button", name="Start with a blank canvas").click()
    steps.choose_label(page, "boat")
    devtools = page.context.new_cdp_session(page)

    def press(key: str, code: str, modifiers: int = 0) -> None:
        pressed = {"key": key, "code": code, "modifiers": modifiers}
        devtools.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **pressed})

    steps.loop(page, 0.4, 0.4, 0.1)
    press(key, code, CONTROL)
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    page.locator(".le-canvas").press("Space")
    steps.eventually(lambda: "boat" in steps.legend(page), True)
    press("\u0445", "BracketLeft")  # a Russian keyboard's
    expect(page.locator(".le-pixels")).to_have_text("21 px")
    press(key, code, CONTROL)
    steps.eventually(lambda: steps.legend(page), {"sea": "100%"})


def test_too_much_pasted_is_told_and_nothing_lost(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    steps.live(page, False)
    steps.loop(page, 0.4, 0.4, 0.1)
    pasted = "a" * 400_000
    for text, told in (
        (pasted, "One word has 400,000 letters; a word has 1,000 at most."),
        ("a " * 150_000, "These are 150,000 words; at most 1,000 can be used."),
    ):
        page.locator(".tc-text").fill(text)
        expect(page.locator(".tc-status.tc-wrong")).to_contain_text(told)
        expect(page.locator(".tc-text")).to_have_value(text)
    page.locator(".tc-text").fill("a cat")
    expect(page.locator(".tc-status")).not_to_contain_text("words")
    steps.eventually(lambda: len(steps.narrative(page)["traces"]), 1)


def test_paper_is_white_and_swatches_have_their_colours(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone(color_scheme="dark")
    page.get_by_role("button", name="Start with a blank canvas").click()
    ribbon = "document.querySelector('.tc-ribbon').toDataURL()"
    dark = page.evaluate(ribbon)
    page.emulate_media(media="print")
    page.wait_for_function("!document.body.classList.contains('dark')")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    swatch = page.locator(".le-legend i").first
    assert swatch.evaluate("(e) => getComputedStyle(e).printColorAdjust") == "exact"
    assert page.evaluate(ribbon) != dark
    expect(page.locator(".tc-undo")).to_be_hidden()
    page.emulate_media(media="screen")
    page.wait_for_function("document.body.classList.contains('dark')")
    assert page.evaluate(ribbon) == dark
