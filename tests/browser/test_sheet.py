"""The tracing sheet: undo, redo, replay, import, export, fingers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps

HORSE = "A horse in a field"


def test_undo_and_redo_bring_strokes_and_words_back(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    steps.loop(page, 0.3, 0.3, 0.1)
    page.keyboard.type("a cat")
    steps.loop(page, 0.6, 0.6, 0.1)
    steps.eventually(lambda: len(steps.narrative(page)["traces"]), 2)
    page.locator(".tc-text").focus()
    page.keyboard.press("Control+z")
    steps.eventually(lambda: len(steps.narrative(page)["traces"]), 1)
    page.locator(".tc-text").focus()
    page.keyboard.press("Control+z")
    told = steps.narrative(page)
    assert (told["caption"], len(told["traces"])) == ("", 1)
    page.locator(".tc-text").focus()
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+Z")
    told = steps.narrative(page)
    assert (told["caption"], len(told["traces"])) == ("a cat", 2)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("button", name="Export")).to_be_disabled()
    page.locator(".tc-undo").click()
    steps.eventually(lambda: steps.narrative(page), told)


def test_words_typed_as_soon_as_the_page_is_there_can_be_undone(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    # Event times count from here on, as on a machine that opens the page in no time.
    page.evaluate(
        "Object.defineProperty(Event.prototype, 'timeStamp',"
        " {get: ((start) => () => performance.now() - start)(performance.now())})"
    )
    steps.loop(page, 0.3, 0.3, 0.1)
    page.keyboard.type("a cat")
    page.keyboard.press("Control+z")
    told = steps.narrative(page)
    assert (told["caption"], len(told["traces"])) == ("", 1)


def test_export_and_import_keep_every_time(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit()
    steps.live(page, False)
    steps.load_example(page, HORSE)
    told = steps.narrative(page)
    assert len(told["traces"]) == 6
    path = tmp_path / "horse.json"
    path.write_text(json.dumps(told), "utf-8")

    page.get_by_role("button", name="Clear").click()
    page.locator(".tc-file").set_input_files(path)
    expect(page.get_by_text("Imported horse.json.")).to_be_visible()
    again = steps.narrative(page)
    assert again["traces"] == told["traces"]
    assert again["caption"] == told["caption"]
    for first, second in zip(again["timed_caption"], told["timed_caption"], strict=True):
        assert abs(first["start_time"] - second["start_time"]) <= 0.002


def test_a_file_that_is_no_narrative_is_refused(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill("a dog")
    for content in (
        "",
        "no json",
        "[1, 2]",
        '{"caption": "a", "traces": [[{"x": "<b>"}]]}',
        '{"caption": "", "timed_caption": [], "traces": []}',
    ):
        path = tmp_path / "wrong.json"
        path.write_text(content)
        page.locator(".tc-file").set_input_files(path)
        expect(page.locator(".tc-status.tc-wrong")).to_be_visible()
        expect(page.locator(".tc-text")).to_have_value("a dog")


def test_what_compose_would_refuse_is_refused_at_once(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit()
    steps.live(page, False)
    path = tmp_path / "told.json"
    for words, point, why in (
        (("dog", 1.2, 0.6), (0.5, 0.5, 1), "ends (0.6 s) before it starts (1.2 s)"),
        (("dog", -1, 0.6), (0.5, 0.5, 1), "The time -1 s of the word 'dog'"),
        (("dog", 0, 0.6), (416, 192, 1), "Divide pixels by the picture's size"),
    ):
        path.write_text(told([words], [[point]]))
        page.locator(".tc-file").set_input_files(path)
        expect(page.locator(".tc-status.tc-wrong")).to_contain_text(why)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_is_mended_is_said(visit: Callable[..., Page], tmp_path: Path, encoding: str) -> None:
    page = visit()
    steps.live(page, False)
    path = tmp_path / "told.json"
    words = [("döner", 1.0, 2.0), ("a", 0.0, 1.0)]
    path.write_text(told(words, [[(0.5, 0.5, 2), (0.6, 0.5, 1)]]), encoding)
    page.locator(".tc-file").set_input_files(path)
    status = page.locator(".tc-status")
    expect(status).to_contain_text("Imported told.json. The words were not in the order")
    expect(status).to_contain_text("The points of a stroke were not in the order")
    steps.eventually(lambda: steps.narrative(page)["caption"], "a döner")


def told(words: list[tuple[str, float, float]], strokes: list[list[tuple[float, ...]]]) -> str:
    names = ("utterance", "start_time", "end_time")
    return json.dumps(
        {
            "caption": "",
            "timed_caption": [dict(zip(names, word, strict=True)) for word in words],
            "traces": [[dict(zip("xyt", p, strict=True)) for p in stroke] for stroke in strokes],
        },
        ensure_ascii=False,
    )


def test_replay_lights_the_words_up_and_stops(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    steps.load_example(page, HORSE)
    page.locator(".tc-replay").click()
    page.wait_for_selector(".tc-spoken .tc-lit")
    lit = page.locator(".tc-spoken .tc-lit").count()
    page.wait_for_function(f"document.querySelectorAll('.tc-lit').length > {lit}")
    page.locator(".tc-replay").click()
    expect(page.locator(".tc-text")).to_be_visible()
    expect(page.locator(".tc-spoken")).to_be_hidden()


def test_fingers_draw_and_do_not_open_the_keyboard(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    steps.live(page, False)
    page.locator(".tc-canvas").scroll_into_view_if_needed()
    box = page.locator(".tc-canvas").bounding_box()
    assert box
    devtools = page.context.new_cdp_session(page)
    for i in range(12):
        x, y = box["x"] + 60 + 12 * i, box["y"] + 120
        kind = "touchStart" if i == 0 else "touchMove"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        page.wait_for_timeout(15)
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    (stroke,) = steps.narrative(page)["traces"]
    assert stroke[-1]["x"] - stroke[0]["x"] > 0.3
    assert page.evaluate("document.activeElement.className") != "tc-text"


def test_control_enter_composes(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").press_sequentially("a bus on the road")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".picture img")
