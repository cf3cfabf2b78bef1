"""Dark, light and a narrow phone: everything fits and can be read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import steps

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
def test_the_whole_way_on_every_screen(
    visit: Callable[..., Page], device: dict[str, object], scheme: str
) -> None:
    page = visit(color_scheme=scheme, **device)
    steps.live(page, False)
    steps.load_example(page, "A bus on a street")
    steps.compose(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    brightness = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)"
        ".reduce((sum, c) => sum + Number(c), 0) / 3"
    )
    assert brightness > 200 if scheme == "light" else brightness < 50
    sheets = [page.locator(s).bounding_box() for s in (".tc-canvas", ".le-canvas", ".picture img")]
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in sheets)
    sides = {round(box["width"]) for box in sheets if box}
    assert max(sides) - min(sides) <= 2


def test_every_control_has_a_name(visit: Callable[..., Page]) -> None:
    page = visit()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, textarea, [role=application]')]
        .filter((e) => e.offsetParent && !(e.textContent.trim() || e.ariaLabel || e.labels?.length))
        .map((e) => e.outerHTML.slice(0, 200))"""
    )
    assert nameless == []


def test_motion_is_calm_where_wanted(visit: Callable[..., Page]) -> None:
    page = visit(reduced_motion="reduce")
    page.evaluate("document.querySelector('.rail li').classList.add('running')")
    running = page.locator(".rail li.running").first
    assert running.evaluate("e => getComputedStyle(e).animationName") == "none"
