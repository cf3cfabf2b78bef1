"""Several narratives at once: a file of lines, or files together, and two buttons through them."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.test_looks import PHONE

TEXTS = "a dog on the grass", "a cat on a couch", "a boat on the sea"


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def text(page: Page) -> str:
    return page.locator(".tc-text").input_value()


def test_the_lines_of_a_file_are_gone_through(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit(**PHONE)
    steps.live(page, False)
    first, second, third = (json.dumps({"caption": one}) for one in TEXTS)
    many = written(tmp_path / "many.jsonl", first, "", '{"caption": 3}', second, third)
    page.locator(".tc-file").set_input_files(many)
    bar, status = page.locator(".tc-pile"), page.locator(".tc-status")
    expect(page.locator(".tc-text")).to_have_value(TEXTS[0])
    expect(status).to_contain_text("Imported many.jsonl, line 1.")
    expect(bar).to_contain_text("1 of 4 narratives")
    expect(page.get_by_role("button", name="The one before")).to_be_disabled()

    page.get_by_role("button", name="The next one").tap()
    expect(page.locator(".tc-status.tc-wrong")).to_be_visible()  # and the one before is there still
    assert text(page) == TEXTS[0]
    page.get_by_role("button", name="The next one").press("Enter")
    expect(page.locator(".tc-text")).to_have_value(TEXTS[1])
    expect(status).to_contain_text("Imported many.jsonl, line 4.")
    page.get_by_role("button", name="The next one").tap()
    expect(page.locator(".tc-text")).to_have_value(TEXTS[2])
    expect(bar).to_contain_text("4 of 4 narratives")
    expect(page.get_by_role("button", name="The next one")).to_be_disabled()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".tc-text")).to_have_value(TEXTS[1])


def test_files_together_are_a_pile_and_one_alone_is_none(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit()
    steps.live(page, False)
    files = [
        written(tmp_path / f"{i}.json", json.dumps({"caption": one}, indent=2))
        for i, one in enumerate(TEXTS)
    ]
    page.locator(".tc-file").set_input_files(files[:2])
    expect(page.locator(".tc-pile")).to_contain_text("1 of 2 narratives")
    page.get_by_role("button", name="The next one").click()
    expect(page.locator(".tc-text")).to_have_value(TEXTS[1])
    page.locator(".tc-file").set_input_files(files[2])
    expect(page.locator(".tc-text")).to_have_value(TEXTS[2])
    expect(page.locator(".tc-pile")).to_be_hidden()
