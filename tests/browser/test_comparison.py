"""TReCS, AttnGAN and the best scene side by side, and AttnGAN's attention."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.test_looks import PHONE


def compare(page: Page, *systems: str) -> None:
    """Has systems draw, by their names on the page and no others."""
    for chip in page.locator("#chips label").all():
        wanted = any(name in chip.inner_text() for name in systems)
        chip.get_by_role("checkbox").set_checked(wanted)
    page.get_by_role("button", name="Compare with these").click()
    page.wait_for_selector(".comparison")
    expect(page.locator(".gallery div")).to_have_count(0)


def test_three_systems_draw_the_same_words(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    steps.load_example(page, "A horse in a field")
    drawn = steps.compose(page)
    compare(page, "AttnGAN", "Best retrieved scene")
    years = [int(year) for year in page.locator(".gallery b").all_inner_texts()]
    assert years == sorted(years)
    sources = [
        page.locator(f'.gallery [data-system="{name}"] img').get_attribute("src") or ""
        for name in ("TReCS", "AttnGAN", "Best retrieved scene")
    ]
    assert steps.pixels(sources[0]) == steps.pixels(drawn)  # which carries its record beside them
    assert len(set(sources)) == 3
    left, right = page.locator(".slider .left"), page.locator(".slider .right")
    assert left.get_attribute("src") == sources[0]
    assert right.get_attribute("src") == sources[1]

    slider = page.locator(".slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    at = float(slider.evaluate("e => parseFloat(e.style.getPropertyValue('--at'))"))
    assert 15 < at < 27
    slider.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert float(slider.evaluate("e => parseFloat(e.style.getPropertyValue('--at'))")) > at

    page.get_by_label("Right picture", exact=True).select_option("Best retrieved scene")
    expect(right).to_have_attribute("src", sources[2])
    expect(right).to_have_attribute("alt", "Right: Best retrieved scene")


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_a_word_shows_where_it_counted(
    visit: Callable[..., Page], device: dict[str, object]
) -> None:
    page = visit(**device)
    steps.live(page, False)
    page.locator(".tc-text").fill("a brown horse on the grass")
    steps.compose(page)
    compare(page, "AttnGAN", "Best retrieved scene")
    expect(page.locator(".map").first).to_be_attached()
    before = page.locator(".map").first.screenshot()
    word = page.locator(".spoken").get_by_role("button", name="horse")
    word.click()
    expect(word).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".spoken [aria-pressed=true]")).to_have_count(1)
    assert page.locator(".map").first.screenshot() != before
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_to_compare_is_a_line(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("button", name="Compare with these").click()
    expect(page.get_by_text("no words to compare with yet")).to_be_visible()


def test_the_timeline_tells_of_a_system(visit: Callable[..., Page]) -> None:
    page = visit()
    page.locator(".timeline summary").filter(has_text="GAN-INT-CLS").click()
    expect(page.get_by_text("Generative Adversarial Text to Image Synthesis")).to_be_visible()
