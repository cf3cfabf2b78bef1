"""Labels that a person picks for words that the tagger has none for."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.test_bindings import PHONE, bound, button, drag, matched, number_of, numbers

VIOLIN = "A man plays a violin on the grass"
ASKED = "No label for \u201cviolin\u201d; pick one"
WOOD = {"word": 4, "label": "wood"}
STROKE = {"stroke": 1, "word": 4}


def asked(page: Page) -> Locator:
    """The lines that tell of nouns without a label, and of labels that were picked."""
    return page.locator(".tc-asks li")


def palette(page: Page) -> Locator:
    return page.get_by_role("combobox", name=ASKED)


def playing(visit: Callable[..., Page], **settings: Any) -> Page:
    """All is typed, then the man is drawn."""
    page = visit(**settings)
    page.locator(".tc-text").press_sequentially(VIOLIN, delay=20)
    steps.loop(page, 0.35, 0.5, 0.15)
    matched(page, 1)
    expect(asked(page)).to_have_text([ASKED])
    return page


def picked(page: Page, marks: int = 2) -> None:
    """Waits until the server has taken the label that was picked."""
    matched(page, marks)
    expect(page.locator(".le-legend")).to_contain_text("wood")
    expect(asked(page)).to_contain_text(["\u201cviolin\u201d is wood."])


def test_a_stroke_for_a_noun_without_a_label_asks_and_the_mouse_picks(
    visit: Callable[..., Page],
) -> None:
    page = playing(visit)
    button(page, "violin").click()
    steps.loop(page, 0.65, 0.55, 0.1)
    expect(palette(page)).to_be_focused()
    expect(page.locator(".tc-mark").nth(1)).to_have_text("?")
    page.get_by_role("option", name="metal").first.scroll_into_view_if_needed()
    palette(page).press_sequentially("wo")
    page.get_by_role("option", name="wood", exact=True).click()
    expect(palette(page)).to_have_count(0)
    picked(page)
    assert numbers(page)[1] == number_of(page, "violin")
    steps.eventually(lambda: bound(page), [STROKE, WOOD])
    expect(page.locator(".run", has_text="violin")).to_contain_text("wood")


def test_the_keyboard_binds_picks_changes_and_forgets(visit: Callable[..., Page]) -> None:
    page = playing(visit)
    steps.loop(page, 0.65, 0.55, 0.1)
    page.locator(".tc-mark").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tc-word:focus")).to_have_count(1)
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(button(page, "violin")).to_be_focused()
    page.keyboard.press("Enter")
    expect(palette(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    pick = asked(page).get_by_role("button", name="pick one")
    expect(pick).to_be_focused()
    steps.eventually(lambda: bound(page), [STROKE])
    pick.press("Enter")
    page.keyboard.type("wood")
    page.keyboard.press("Enter")
    picked(page)
    change = page.get_by_role("button", name="Change the label of \u201cviolin\u201d")
    change.press("Enter")
    page.keyboard.type("metal")
    page.keyboard.press("Enter")
    expect(change).to_be_focused()
    steps.eventually(lambda: bound(page), [STROKE, {"word": 4, "label": "metal"}])
    page.get_by_role("button", name="Forget the label").press("Enter")
    steps.eventually(lambda: bound(page), [STROKE])
    expect(asked(page)).to_have_text([ASKED])


def test_a_label_is_picked_without_a_stroke(visit: Callable[..., Page]) -> None:
    page = playing(visit)
    expect(page.locator(".lacking li")).to_have_text([ASKED])
    expect(page.locator(".run.unlabelled")).to_contain_text("a violin")
    steps.eventually(lambda: "wood" in steps.legend(page), False)
    page.locator(".lacking").get_by_role("button").click()
    page.keyboard.type("wood")
    page.keyboard.press("Enter")
    picked(page, 1)
    expect(page.locator(".lacking")).to_have_count(0)
    expect(page.locator(".tc-guessed", has_text="violin")).to_have_count(1)
    steps.eventually(lambda: bound(page), [WOOD])


def test_what_was_picked_is_kept(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = playing(visit)
    steps.loop(page, 0.65, 0.55, 0.1)
    drag(page, page.locator(".tc-mark").last, button(page, "violin"))
    expect(palette(page)).to_be_focused()
    page.keyboard.type("wood")
    page.keyboard.press("Enter")
    picked(page)
    text = page.locator(".tc-text")
    text.press("Home")
    page.keyboard.type("Here ")
    steps.eventually(lambda: bound(page), [{"stroke": 1, "word": 5}, {"word": 5, "label": "wood"}])
    matched(page, 2)
    for key in ("Control+z", "Control+z"):
        text.press(key)
    steps.eventually(lambda: bound(page), [STROKE])
    for key in ("Control+y", "Control+y"):
        text.press(key)
    told = steps.narrative(page)
    assert told["trecs_bindings"][1] == {"word": 5, "label": "wood"}

    path = tmp_path / "violin.json"
    path.write_text(json.dumps(told), "utf-8")
    page.get_by_role("button", name="Clear").click()
    expect(asked(page)).to_have_count(0)
    page.locator(".tc-file").set_input_files(path)
    picked(page)
    steps.eventually(lambda: bound(page), told["trecs_bindings"])
    steps.compose(page)
    assert numbers(page)[1] == number_of(page, "violin")
    told["trecs_bindings"][1]["label"] = "violin"
    path.write_text(json.dumps(told), "utf-8")
    page.locator(".tc-file").set_input_files(path)
    expect(page.locator(".tc-status")).to_have_text(
        re.compile("'violin' is not a COCO-Stuff label")
    )


def test_it_asks_once_the_server_has_told(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").press_sequentially("a man and a dragon", delay=20)
    button(page, "dragon").click()
    steps.loop(page, 0.5, 0.5, 0.1)
    expect(asked(page)).to_have_count(0)
    steps.compose(page)
    expect(page.get_by_role("combobox", name="No label for \u201cdragon\u201d")).to_be_focused()
    steps.eventually(lambda: "bear" in steps.legend(page), False)


def test_what_stands_in_is_told_where_no_noun_has_a_label(visit: Callable[..., Page]) -> None:
    page = visit()
    page.locator(".tc-text").press_sequentially("a dragon", delay=20)
    expect(asked(page)).to_have_text(
        ["No label for \u201cdragon\u201d; pick one Until then it is drawn as bear."]
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fingers_pick_on_a_phone(visit: Callable[..., Page], scheme: str) -> None:
    page = playing(visit, color_scheme=scheme, **PHONE)
    steps.loop(page, 0.65, 0.55, 0.1)
    page.locator(".tc-mark").last.tap()
    button(page, "violin").tap()
    palette(page).fill("wood")
    option = page.get_by_role("option", name="wood", exact=True)
    expect(option).to_be_in_viewport(ratio=1)
    option.tap()
    picked(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
