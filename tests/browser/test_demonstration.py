"""What a new visitor is shown on the empty sheet, once."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import ready

USUAL = "In front there is"
INKED = """() => {
    const canvas = document.querySelector('.tc-canvas')
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
    let inked = 0
    for (let i = 0; i < pixels.length; i += 4)
        inked += pixels[i + 3] > 200 && Math.max(...pixels.slice(i, i + 3))
            - Math.min(...pixels.slice(i, i + 3)) > 120
    return inked > 400
}"""


PRESS = f"""(function look() {{
    const skip = document.querySelector('.tc-skip')
    const said = document.querySelector('.tc-text')?.placeholder ?? ''
    if (!skip || !said.startsWith('A brown dog') || !({INKED})()) return requestAnimationFrame(look)
    window.hintWasHidden = getComputedStyle(document.querySelector('.tc-hint')).display === 'none'
    skip.click()
}})()"""


def test_it_draws_and_says_and_ends_at_a_press(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    skip, hint = page.get_by_role("button", name="Skip"), page.locator(".tc-hint")
    page.add_init_script(PRESS)  # the page itself looks: seconds may pass on the way to here
    page.evaluate("localStorage.clear()")
    page.reload()
    page.wait_for_function("window.hintWasHidden")
    expect(skip).to_have_count(0)
    expect(hint).to_be_visible()
    expect(page.get_by_placeholder(USUAL)).to_be_visible()
    assert not page.evaluate(INKED)
    expect(page.get_by_role("button", name="Export")).to_be_disabled()  # nothing was said or drawn
    page.reload()
    ready(page)
    expect(hint).to_be_visible()
    expect(skip).to_have_count(0)


def test_it_ends_by_itself(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    page.wait_for_function("localStorage['trecs-demonstrated']")
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)
    expect(page.get_by_placeholder(USUAL)).to_be_visible()
    assert not page.evaluate(INKED)


def test_a_stroke_ends_it_and_counts(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    steps.loop(page, 0.5, 0.5, 0.2)
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)
    steps.eventually(lambda: len(steps.narrative(page)["traces"]), 1)


def test_who_wants_no_motion_sees_none(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone(reduced_motion="reduce")
    expect(page.locator(".tc-hint")).to_be_visible()
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)
