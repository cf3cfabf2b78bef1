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


def test_it_draws_and_says_and_ends_at_a_press(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    skip, hint = page.get_by_role("button", name="Skip"), page.locator(".tc-hint")
    expect(page.get_by_placeholder("A brown dog")).to_be_visible()
    page.wait_for_function(INKED)
    expect(hint).to_be_hidden()
    skip.click()
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
    expect(page.get_by_placeholder("A brown dog on the grass under a blue sky")).to_be_visible()
    expect(page.get_by_placeholder(USUAL)).to_be_visible()
    assert not page.evaluate(INKED)


def test_a_stroke_ends_it_and_counts(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    expect(page.get_by_role("button", name="Skip")).to_be_visible()
    steps.loop(page, 0.5, 0.5, 0.2)
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)
    steps.eventually(lambda: len(steps.narrative(page)["traces"]), 1)


def test_who_wants_no_motion_sees_none(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone(reduced_motion="reduce")
    expect(page.locator(".tc-hint")).to_be_visible()
    expect(page.get_by_role("button", name="Skip")).to_have_count(0)
