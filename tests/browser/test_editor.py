"""Painting on the segmentation canvas."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import steps


def test_brush_fill_undo_and_render(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    steps.load_example(page, "A horse in a field")
    before = steps.compose(page)
    composed = steps.legend(page)

    steps.choose_label(page, "giraffe")
    steps.loop(page, 0.3, 0.5, 0.12, ".le-canvas")
    steps.eventually(lambda: "giraffe" in steps.legend(page), True)
    page.get_by_role("button", name="Render").click()
    painted = steps.next_picture(page, before)
    steps.eventually(lambda: "giraffe" in steps.legend(page), True)

    page.locator(".le-canvas").press("Control+z")
    steps.eventually(lambda: steps.legend(page), composed)
    page.locator(".le-canvas").press("Control+Shift+z")
    steps.eventually(lambda: "giraffe" in steps.legend(page), True)
    page.locator(".le-canvas").press("Control+z")
    page.get_by_role("button", name="Render").click()
    assert steps.next_picture(page, painted) == before

    page.get_by_role("button", name="Fill").click()
    steps.choose_label(page, "snow")
    page.locator(".le-canvas").click(position={"x": 10, "y": 10})
    steps.eventually(lambda: "snow" in steps.legend(page), True)


def test_brackets_change_the_brush(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("button", name="Start with a blank canvas").click()
    expect(page.locator(".le-pixels")).to_have_text("24 px")
    page.keyboard.press("]")
    expect(page.locator(".le-pixels")).to_have_text("27 px")
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(page.locator(".le-pixels")).to_have_text("21 px")


def test_a_blank_canvas_is_painted_by_keyboard_and_rendered(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.choose_label(page, "sea")
    page.get_by_role("button", name="Start with a blank canvas").click()
    steps.eventually(lambda: steps.legend(page), {"sea": "100%"})
    steps.choose_label(page, "boat")
    page.locator(".le-canvas").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    # A disc of 24 pixels across on 256 x 256.
    steps.eventually(lambda: steps.legend(page), {"sea": "99%", "boat": "1%"})
    page.get_by_role("button", name="Render").click()
    page.wait_for_selector(".picture img")


def test_the_palette_is_searched(visit: Callable[..., Page]) -> None:
    page = visit()
    box = page.get_by_role("combobox", name="Paint with")
    box.fill("wall b")
    expect(page.get_by_role("option")).to_have_text(["wall-brick"])
    box.fill("no such thing")
    expect(page.get_by_text("No COCO-Stuff label has this name.")).to_be_visible()
    box.fill("")
    expect(page.get_by_role("option")).to_have_count(171)
    box.press("Escape")
    expect(box).to_have_value("person")


def test_a_label_map_is_opened_and_a_wrong_one_refused(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit()
    labels = np.full((300, 300), 105, np.uint8)
    labels[:150] = 156
    Image.fromarray(labels).save(tmp_path / "labels.png")
    page.locator("input[type=file][accept='.png']").set_input_files(tmp_path / "labels.png")
    page.wait_for_selector(".le-legend button")
    steps.eventually(lambda: steps.legend(page), {"sky-other": "50%", "clouds": "50%"})

    Image.fromarray(labels[:200]).save(tmp_path / "wide.png")
    page.locator("input[type=file][accept='.png']").set_input_files(tmp_path / "wide.png")
    expect(page.get_by_text("The label map is 300x200 pixels; it was stretched")).to_be_visible()
    page.wait_for_function("document.querySelector('.le-legend').textContent.includes('75%')")

    (tmp_path / "no.png").write_text("no picture")
    page.locator("input[type=file][accept='.png']").set_input_files(tmp_path / "no.png")
    expect(page.get_by_text("The label map 'no.png' cannot be read")).to_be_visible()

    Image.new("RGB", (8, 8)).save(tmp_path / "colours.png")
    page.locator("input[type=file][accept='.png']").set_input_files(tmp_path / "colours.png")
    expect(page.get_by_text("a colour that is no label's")).to_be_visible()
    steps.eventually(lambda: len(steps.legend(page)), 2)
