"""A drawing that grew, played in the browser without the page."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import steps
from trecs.interface.assets import FOLDER, script
from trecs.interface.panels.comparison.comparison import inspected
from trecs.systems.interface import Drawing, Frame

PANEL = "panels/comparison/comparison"
WINDOWS = ((0.0, 0.0, 0.5, 0.5), (0.25, 0.5, 1.25, 0.75), (0.5, 0.5, 1.0, 1.0))
SHADES = (20, 120, 240)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 500, "height": 700})
    pictures = [np.full((8, 8, 3), shade, np.uint8) for shade in SHADES]
    frames = tuple(map(Frame, pictures, WINDOWS))
    opened.set_content(inspected("alignDRAW", Drawing(pictures[-1], frames=frames)))
    opened.add_style_tag(path=FOLDER / f"{PANEL}.css")
    start = "(source) => new Function('element', source)(document.body)"
    opened.evaluate(start, script(f"{PANEL}.js"))
    yield opened
    opened.close()


def shade(page: Page) -> int:
    """The brightness of the frame that is shown, at a place beside every window."""
    png = page.locator(".grown").screenshot()
    picture = np.asarray(Image.open(BytesIO(png)).convert("L"))
    return int(picture[len(picture) // 4, len(picture) * 3 // 4])


def test_a_step_is_chosen_and_its_window_is_where_it_was(page: Page) -> None:
    slider, mark = page.get_by_label("Step of alignDRAW"), page.locator(".grown i")
    steps.eventually(lambda: shade(page), pytest.approx(SHADES[2], abs=4))
    expect(mark).to_be_hidden()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("output")).to_have_text("2 of 3")
    steps.eventually(lambda: shade(page), pytest.approx(SHADES[1], abs=4))
    grown, window = page.locator(".grown").bounding_box(), mark.bounding_box()
    assert grown
    assert window
    shares = [
        (window["x"] - grown["x"]) / grown["width"],
        (window["y"] - grown["y"]) / grown["height"],
        window["width"] / grown["width"],
        window["height"] / grown["height"],
    ]
    assert shares == pytest.approx([0.25, 0.5, 1.0, 0.25], abs=0.02)


def test_it_plays_to_its_end_and_can_be_stopped(page: Page) -> None:
    page.clock.install()
    button, told = page.get_by_role("button"), page.locator("output")
    button.click()
    expect(told).to_have_text("1 of 3")
    expect(button).to_have_text("Stop")
    page.clock.run_for(250)
    expect(told).to_have_text("2 of 3")
    button.click()
    page.clock.run_for(1000)
    expect(told).to_have_text("2 of 3")
    button.click()
    page.clock.run_for(1000)
    expect(told).to_have_text("3 of 3")
    expect(button).to_have_text("Play")
