"""The shelf of pictures: kept over a reload, brought back, varied, compared."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.conftest import ready

TEXT = "a zebra on the grass"
CARDS = ".shelf-list li"


def two_drawn(visit: Callable[..., Page]) -> tuple[Page, str, str]:
    """The page with two pictures; the first one and the second."""
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill(TEXT)
    first = steps.compose(page)
    page.get_by_label("Seed").fill("3")
    second = steps.compose(page)
    expect(page.locator(CARDS)).to_have_count(2)
    return page, first, second


def test_a_click_brings_a_picture_back_after_a_reload(visit: Callable[..., Page]) -> None:
    page, first, second = two_drawn(visit)
    page.reload()
    ready(page)
    expect(page.locator(CARDS)).to_have_count(2)
    expect(page.locator(f"{CARDS} img").first).to_have_attribute("src", second)  # the newest
    page.locator(f"{CARDS} > button").last.click()
    page.wait_for_selector(steps.PICTURE)
    steps.eventually(lambda: steps.picture(page), first)
    expect(page.locator(".tc-text")).to_have_value(TEXT)
    expect(page.get_by_label("Seed")).to_have_value("0")
    expect(page.locator(CARDS)).to_have_count(2)  # it is on the shelf already


def test_starred_ones_stay_and_two_are_compared(visit: Callable[..., Page]) -> None:
    page, first, second = two_drawn(visit)
    compare = page.get_by_role("button", name="Compare", exact=True)
    expect(compare).to_be_disabled()
    for choose in page.get_by_role("button", name="Compare it with another").all():
        choose.click()
    compare.click()
    pair = page.get_by_role("dialog", name="Two pictures")
    assert {image.get_attribute("src") for image in pair.locator("img").all()} == {first, second}
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keep it when").last.click()
    page.get_by_role("button", name="Delete all but starred").click()
    expect(page.locator(f"{CARDS} img")).to_have_attribute("src", first)
    page.reload()
    ready(page)
    expect(page.locator(f"{CARDS} img")).to_have_attribute("src", first)
    page.get_by_role("button", name="Delete it").click()
    expect(page.locator(CARDS)).to_have_count(0)
    expect(page.get_by_text("comes to stand here")).to_be_visible()


def test_four_variations_of_picture_and_layout(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.get_by_role("button", name="Four more pictures").click()
    expect(page.get_by_text("There is no canvas to vary yet")).to_be_visible()
    page.locator(".tc-text").fill(TEXT)
    shown, labels = steps.compose(page), steps.legend(page)
    page.get_by_role("button", name="Four more pictures").click()
    expect(page.locator(CARDS)).to_have_count(5)
    page.get_by_role("button", name="Four more layouts").click()
    expect(page.locator(CARDS)).to_have_count(9)
    steps.eventually(lambda: steps.picture(page), shown)  # what is shown stays
    sources = [image.get_attribute("src") for image in page.locator(f"{CARDS} img").all()]
    assert len(set(sources)) == 9
    page.locator(f"{CARDS} > button").nth(7).click()  # the first other picture
    steps.next_picture(page, shown)
    steps.eventually(lambda: steps.legend(page), labels)
    expect(page.get_by_label("Seed")).to_have_value("1")
