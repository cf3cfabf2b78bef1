"""axe-core finds nothing serious on the page: empty, full, in the dark, on a phone."""

from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser import steps

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
PHONE = {"width": 390, "height": 844}


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical: the rule and the first element."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:120]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_empty_page(visit_alone: Callable[..., Page], scheme: str) -> None:
    page = visit_alone(color_scheme=scheme)
    page.keyboard.press("?")
    assert faults(page) == []
    page.keyboard.press("Escape")
    assert faults(page) == []


@pytest.mark.parametrize("settings", [{}, {"color_scheme": "dark"}, {"viewport": PHONE}])
def test_the_full_page(visit: Callable[..., Page], settings: dict[str, object]) -> None:
    page = visit(**settings)
    steps.live(page, False)
    page.locator(".tc-text").fill("two zebras on the grass, and a violin")
    steps.loop(page, 0.5, 0.55, 0.2)
    steps.compose(page)
    assert faults(page) == []


def test_it_would_find_a_fault(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    page.evaluate("document.querySelector('.tc-undo').replaceChildren()")
    page.evaluate("document.querySelector('.tc-undo').removeAttribute('title')")
    assert [fault.split(":")[0] for fault in faults(page)] == ["button-name"]
