"""A photo of one's own: opened, painted over, added."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect


def test_a_photo_is_painted_over_and_added(visit_own: Callable[..., Page], tmp_path: Path) -> None:
    page = visit_own()
    path = tmp_path / "photo.png"
    Image.fromarray(np.full((90, 120, 3), (200, 30, 30), np.uint8)).save(path)
    editor = page.locator("#photo-editor")
    expect(editor.locator(".le-canvas")).to_be_hidden()
    page.locator("input[type=file][accept*='.webp']").set_input_files(path)
    canvas = editor.locator(".le-canvas")
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    middle = """canvas => [...canvas.getContext("2d").getImageData(
        canvas.width / 2, canvas.height / 2, 1, 1).data]"""
    page.wait_for_function(
        "() => document.querySelector('#photo-editor .le-canvas').getContext('2d')"
        ".getImageData(9, 9, 1, 1).data[0] > 150"
    )
    assert canvas.evaluate(middle) == [200, 30, 30, 255]  # nothing is painted on it yet
    search = editor.locator(".lp-search")
    search.fill("grass")
    search.press("Enter")
    editor.get_by_role("button", name="Fill").click()
    canvas.click()
    expect(editor.locator(".le-legend")).to_contain_text("grass")
    red, green, *_ = canvas.evaluate(middle)
    assert red < 180
    assert green > 60  # the photo is seen through the label
    page.get_by_role("button", name="Add to my library").click()
    expect(page.get_by_text("Added. Your library has")).to_be_visible()
    expect(canvas).to_be_hidden()
