"""The gallery as it fills, in the browser without the page."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from trecs.interface.assets import FOLDER, script
from trecs.interface.panels.comparison.comparison import Exhibit
from trecs.interface.panels.comparison.comparison import comparison as gallery
from trecs.systems import registry

PANEL = "panels/comparison/comparison"


def shown(caption: str, *drawn: str) -> str:
    """The gallery of the page's own picture and three systems, of which some have drawn."""
    exhibits = [Exhibit(registry.own(), np.full((4, 4, 3), 9, np.uint8))]
    for shade, name in enumerate(("aligndraw", "attngan", "retrieval"), 1):
        picture = np.full((4, 4, 3), 60 * shade, np.uint8) if name in drawn else None
        exhibits.append(Exhibit(registry.card(name), picture))
    return gallery(exhibits, caption, 3)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 700, "height": 900})
    opened.set_content("<main></main>")
    opened.add_style_tag(path=FOLDER / f"{PANEL}.css")
    start = "(source) => new Function('element', source)(document.querySelector('main'))"
    opened.evaluate(start, script(f"{PANEL}.js"))
    yield opened
    opened.close()


def fill(page: Page, content: str) -> None:
    page.evaluate("(content) => { document.querySelector('main').innerHTML = content }", content)


def test_what_was_chosen_stays_while_others_draw(page: Page) -> None:
    fill(page, shown("a dog", "aligndraw", "attngan"))
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.get_by_label("Right picture").select_option("AttnGAN")

    fill(page, shown("a dog", "aligndraw", "attngan", "retrieval"))
    expect(page.get_by_role("slider")).to_have_value("0")
    assert page.locator(".slider").evaluate("e => e.style.getPropertyValue('--at')") == "0%"
    expect(page.get_by_label("Right picture")).to_have_value("AttnGAN")
    expect(page.locator(".slider .right")).to_have_attribute("alt", "Right: AttnGAN")
    drawn = page.locator('[data-system="AttnGAN"] img').get_attribute("src") or ""
    expect(page.locator(".slider .right")).to_have_attribute("src", drawn)


def test_other_words_begin_anew(page: Page) -> None:
    fill(page, shown("a dog", "aligndraw", "attngan"))
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.get_by_label("Right picture").select_option("AttnGAN")

    fill(page, shown("a cat", "aligndraw", "attngan"))
    expect(page.get_by_role("slider")).to_have_value("50")
    expect(page.get_by_label("Right picture")).to_have_value("alignDRAW")
