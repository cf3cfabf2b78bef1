"""Strokes and their words: numbers that are seen, and bindings that a person makes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import steps

CAT = "A black cat is sleeping on a couch"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def numbers(page: Page) -> list[str]:
    """The numbers beside the strokes, in order."""
    return page.locator(".tc-mark").all_inner_texts()


def number_of(page: Page, word: str) -> str:
    """The number that a word has below the text."""
    return run_of(page, word).locator("i").inner_text()


def run_of(page: Page, word: str) -> Locator:
    return page.locator(".tc-run", has=page.get_by_role("button", name=word, exact=True))


def button(page: Page, word: str) -> Locator:
    return page.locator(".tc-words").get_by_role("button", name=word, exact=True)


def bound(page: Page) -> list[dict[str, int]]:
    told: list[dict[str, int]] = steps.narrative(page).get("trecs_bindings", [])
    return told


def matched(page: Page, count: int) -> None:
    """Waits until so many strokes have a number."""
    expect(page.locator(".tc-mark:not(.tc-unmatched)")).to_have_count(count)


def drag(page: Page, mark: Locator, word: Locator) -> None:
    start, end = mark.bounding_box(), word.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 30, end["y"] - 30, steps=5)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=5)
    page.mouse.up()


def asleep(visit: Callable[..., Page], **settings: Any) -> Page:
    """All is typed, then the subject alone is drawn."""
    page = visit(**settings)
    page.locator(".tc-text").press_sequentially(CAT, delay=20)
    steps.loop(page, 0.5, 0.55, 0.12)
    matched(page, 1)
    return page


def test_all_is_typed_then_the_subject_is_drawn(visit: Callable[..., Page]) -> None:
    page = asleep(visit)
    steps.eventually(lambda: numbers(page), [number_of(page, "cat")])
    expect(page.locator(".tc-run.tc-guessed")).to_have_count(1)
    expect(page.locator(".tc-run.tc-guessed")).to_contain_text("couch")
    assert "predicted" in (button(page, "couch").get_attribute("title") or "")
    expect(page.locator(".run.guessed")).to_have_count(1)


def test_clause_by_clause(visit: Callable[..., Page]) -> None:
    page = visit()
    page.locator(".tc-text").press_sequentially("a brown dog ", delay=20)
    steps.loop(page, 0.5, 0.6, 0.1)
    page.keyboard.type("stands on the green grass", delay=20)
    steps.rest(page)
    steps.loop(page, 0.5, 0.85, 0.12)
    matched(page, 2)
    steps.eventually(lambda: numbers(page), [number_of(page, "dog"), number_of(page, "grass")])
    expect(page.locator(".tc-guessed")).to_have_count(0)


def test_each_thing_is_drawn_then_named_without_live(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    steps.loop(page, 0.5, 0.6, 0.1)
    steps.rest(page)
    page.keyboard.type("a dog ", delay=20)
    steps.rest(page)
    steps.loop(page, 0.5, 0.85, 0.12)
    page.keyboard.type("on the grass", delay=20)
    expect(page.locator(".tc-mark.tc-unmatched")).to_have_count(2)
    steps.compose(page)
    matched(page, 2)
    steps.eventually(lambda: numbers(page), [number_of(page, "dog"), number_of(page, "grass")])


def test_what_belongs_together_lights_up_together(visit: Callable[..., Page]) -> None:
    page = asleep(visit)
    mark, run = page.locator(".tc-mark"), run_of(page, "cat")
    button(page, "black").hover()
    expect(mark).to_have_class("tc-mark lit")
    button(page, "couch").hover()
    expect(mark).to_have_class("tc-mark")
    mark.hover()
    expect(run).to_have_class("tc-run lit")
    page.locator(".tc-canvas").hover(position={"x": 20, "y": 20})
    expect(run).to_have_class("tc-run")
    box = page.locator(".tc-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.38 * box["width"], box["y"] + 0.55 * box["height"])  # its left
    expect(run).to_have_class("tc-run lit")


def test_a_number_is_dragged_onto_another_word(visit: Callable[..., Page]) -> None:
    page = asleep(visit)
    drag(page, page.locator(".tc-mark"), button(page, "couch"))
    expect(page.get_by_text("Bound to \u201ccouch\u201d.")).to_be_visible()
    steps.eventually(lambda: numbers(page), [number_of(page, "couch")])  # at once
    page.wait_for_function(
        "document.querySelector('.run.guessed')?.textContent.includes('cat')"
    )  # the server honours it
    expect(page.locator(".tc-mark")).to_have_attribute("aria-pressed", "false")
    steps.eventually(lambda: numbers(page), [number_of(page, "couch")])
    steps.eventually(lambda: bound(page), [{"stroke": 0, "word": 7}])


def test_the_keyboard_binds_unbinds_and_removes(visit: Callable[..., Page]) -> None:
    page = asleep(visit)
    mark = page.locator(".tc-mark")
    page.locator(".tc-text").focus()
    page.keyboard.press("Shift+Tab")
    while not mark.evaluate("e => e === document.activeElement"):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(mark).to_have_attribute("aria-pressed", "true")
    expect(button(page, "A")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(mark).to_be_focused()
    expect(mark).to_have_attribute("aria-label", "Stroke 1, bound to \u201ccouch\u201d")
    page.keyboard.press("Enter")
    expect(button(page, "couch")).to_be_focused()
    page.keyboard.press("Escape")
    expect(mark).to_have_attribute("aria-pressed", "false")
    steps.eventually(lambda: bound(page), [{"stroke": 0, "word": 7}])

    mark.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # its own word: the model decides again
    steps.eventually(lambda: bound(page), [])
    matched(page, 1)
    mark.focus()
    page.keyboard.press("Delete")
    expect(mark).to_have_count(0)
    page.locator(".tc-undo").click()
    expect(mark).to_have_count(1)
    mark.click()
    page.keyboard.press("Backspace")
    expect(mark).to_have_count(0)
    expect(page.locator(".tc-text")).to_have_value(CAT)


def test_a_word_is_chosen_first_then_drawn(visit: Callable[..., Page]) -> None:
    page = asleep(visit)
    button(page, "couch").click()
    expect(button(page, "couch")).to_have_attribute("aria-pressed", "true")
    steps.loop(page, 0.5, 0.2, 0.1)  # up in the air, where no couch is
    matched(page, 2)
    assert numbers(page)[1] == number_of(page, "couch")
    expect(button(page, "couch")).to_have_attribute("aria-pressed", "false")
    steps.eventually(lambda: bound(page), [{"stroke": 1, "word": 7}])


def test_bindings_follow_their_word_and_go_with_it(visit: Callable[..., Page]) -> None:
    page = asleep(visit)
    page.locator(".tc-mark").click()
    button(page, "couch").click()
    text = page.locator(".tc-text")
    text.press("Home")
    page.keyboard.type("Here ")
    steps.eventually(lambda: bound(page), [{"stroke": 0, "word": 8}])
    matched(page, 1)
    text.fill(CAT.removeprefix("A black "))
    steps.eventually(lambda: bound(page), [{"stroke": 0, "word": 5}])
    steps.rest(page, 1600)  # what is typed now is undone by itself
    text.fill("cat is sleeping on a")
    steps.eventually(lambda: bound(page), [])
    text.press("Control+z")
    steps.eventually(lambda: bound(page), [{"stroke": 0, "word": 5}])
    text.press("Control+Shift+Z")
    steps.eventually(lambda: bound(page), [])


def test_undo_export_and_import_keep_bindings(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = asleep(visit)
    drag(page, page.locator(".tc-mark"), button(page, "couch"))
    page.locator(".tc-text").focus()
    page.keyboard.press("Control+z")
    steps.eventually(lambda: bound(page), [])
    page.locator(".tc-text").focus()
    page.keyboard.press("Control+y")
    told = steps.narrative(page)
    assert told["trecs_bindings"] == [{"stroke": 0, "word": 7}]

    path = tmp_path / "cat.json"
    path.write_text(json.dumps(told), "utf-8")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".tc-mark")).to_have_count(0)
    page.locator(".tc-file").set_input_files(path)
    expect(page.locator(".tc-mark")).to_have_class("tc-mark tc-bound")
    steps.eventually(lambda: bound(page), told["trecs_bindings"])
    steps.eventually(lambda: numbers(page), [number_of(page, "couch")])
    steps.compose(page)
    steps.eventually(lambda: numbers(page), [number_of(page, "couch")])
    expect(page.locator(".run.guessed")).to_have_count(1)


def test_what_was_cleared_has_its_numbers_again_after_undo(visit: Callable[..., Page]) -> None:
    page = asleep(visit)
    matched(page, 1)
    before = numbers(page)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".tc-mark")).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).first.click()
    matched(page, 1)
    steps.eventually(lambda: numbers(page), before)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fingers_bind_on_a_phone(visit: Callable[..., Page], scheme: str) -> None:
    page = asleep(visit, color_scheme=scheme, **PHONE)
    page.locator(".tc-mark").tap()
    button(page, "couch").tap()
    expect(page.get_by_text("Bound to \u201ccouch\u201d.")).to_be_visible()
    steps.eventually(lambda: bound(page), [{"stroke": 0, "word": 7}])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".tc-mark").tap()
    page.get_by_role("button", name="Remove stroke").tap()
    expect(page.locator(".tc-mark")).to_have_count(0)
    expect(page.get_by_role("button", name="Remove stroke")).to_be_hidden()
