"""Another cow on the same meadow: asked for beside a region, typed, taken back, kept."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.test_bindings import PHONE

SAID = "A cow on the grass under a sky"


def another(page: Page, noun: str) -> Locator:
    return page.get_by_role("button", name=f"Another {noun}", exact=True)


def seed(page: Page, noun: str) -> Locator:
    return page.get_by_role("spinbutton", name=f"Seed of {noun}", exact=True)


def seeds(page: Page) -> Any:
    return steps.narrative(page).get("trecs_seeds")


def shown(picture: str) -> NDArray[np.int16]:
    pixels = np.frombuffer(steps.pixels(picture), np.uint8)
    return pixels.reshape(256, 256, 3).astype(np.int16)


def changed(first: str, second: str) -> float:
    """The share of pixels that look different."""
    apart = np.abs(shown(first) - shown(second)).mean(2)
    return float((apart > 8).mean())


def composed(visit: Callable[..., Page], **settings: Any) -> tuple[Page, str]:
    page = visit(**settings)
    page.locator(".tc-text").press_sequentially(SAID, delay=20)
    expect(another(page, "cow")).to_be_visible()
    return page, steps.compose(page)


def test_another_cow_by_the_keyboard_and_the_old_one_by_its_seed_by_back_and_by_undo(
    visit: Callable[..., Page],
) -> None:
    page, drawn = composed(visit)
    another(page, "cow").press("Enter")
    first = steps.next_picture(page, drawn)
    expect(seed(page, "cow")).to_have_value("1")
    assert 0.01 < changed(drawn, first) < 0.5

    expect(another(page, "cow")).to_be_focused()  # though the list was shown anew
    page.keyboard.press("Enter")
    second = steps.next_picture(page, first)
    expect(seed(page, "cow")).to_have_value("2")
    assert steps.pixels(second) != steps.pixels(first)

    seed(page, "cow").fill("1")
    seed(page, "cow").press("Enter")
    assert steps.pixels(steps.next_picture(page, second)) == steps.pixels(first)

    page.get_by_role("button", name="The picture's seed for cow").click()
    back = steps.next_picture(page, first)
    assert steps.pixels(back) == steps.pixels(drawn)
    expect(seed(page, "cow")).to_have_count(0)
    page.get_by_role("button", name="Undo").first.click()
    assert steps.pixels(steps.next_picture(page, back)) == steps.pixels(first)
    steps.eventually(lambda: seeds(page), [{"word": 1, "seed": 1}])


def test_what_was_painted_has_a_seed_and_a_file_and_the_picture_bring_it_back(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page, drawn = composed(visit, **PHONE)
    steps.choose_label(page, "tree")
    page.locator(".le-canvas").scroll_into_view_if_needed()
    page.touchscreen.tap(*steps.place(page, ".le-canvas", 0.2, 0.8))
    page.get_by_role("button", name="Render", exact=True).click()
    painted = steps.next_picture(page, drawn)
    another(page, "tree").tap()
    tree = steps.next_picture(page, painted)
    another(page, "grass").tap()
    both = steps.next_picture(page, tree)
    steps.eventually(lambda: seeds(page), [{"word": 4, "seed": 1}, {"label": "tree", "seed": 1}])

    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file, picture = tmp_path / "narrative.json", tmp_path / "picture.png"
    download.value.save_as(file)
    page.locator(".tc-file").set_input_files(file)
    steps.eventually(lambda: seeds(page), [{"word": 4, "seed": 1}, {"label": "tree", "seed": 1}])

    uri = page.locator(steps.PICTURE).get_attribute("src") or ""
    picture.write_bytes(base64.b64decode(uri.split(",")[1]))
    page.get_by_role("button", name="Clear").click()
    page.locator(".tc-file").set_input_files(picture)
    expect(seed(page, "tree")).to_have_value("1", timeout=60_000)
    expect(seed(page, "grass")).to_have_value("1")
    assert steps.pixels(steps.picture(page)) == steps.pixels(both)
