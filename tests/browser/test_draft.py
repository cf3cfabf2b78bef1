"""What is on the page comes back: after a reload, after a lost server, or by a warning before."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser import steps
from tests.browser.conftest import PATIENCE, Server, ready

DENIED = """for (const kind of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, kind, { get() { throw new DOMException("no", "SecurityError") }})
"""
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }"


@pytest.fixture
def page(alone: Server, browser: Browser) -> Iterator[Page]:
    opened = opened_page(browser, alone)
    wrong: list[Any] = []
    opened.on("pageerror", lambda error: wrong.append(error))
    yield opened
    opened.context.close()
    assert not wrong


def opened_page(browser: Browser, alone: Server, script: str = "") -> Page:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.add_init_script(script)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(alone.address)
    ready(page)
    return page


def scene(page: Page) -> None:
    """Words with two spaces, a bound stroke, a painted canvas and a seed."""
    steps.live(page, False)
    page.locator(".tc-text").press_sequentially("a  red boat", delay=5)
    steps.loop(page, 0.4, 0.5, 0.1)
    page.locator(".tc-mark").click()
    page.get_by_role("button", name="boat", exact=True).click()
    steps.choose_label(page, "sea")
    page.get_by_role("button", name="Start with a blank canvas").click()
    steps.choose_label(page, "boat")
    steps.loop(page, 0.5, 0.5, 0.2, ".le-canvas")
    page.get_by_label("Seed").fill("7")


def whole(page: Page) -> tuple[Any, ...]:
    text, seed = page.locator(".tc-text").input_value(), page.get_by_label("Seed").input_value()
    return text, seed, steps.legend(page), steps.narrative(page)


@pytest.mark.parametrize("way", ["reload", "back"])
def test_what_was_left_is_offered_and_restored(page: Page, way: str) -> None:
    scene(page)
    before = whole(page)
    assert before[3]["trecs_bindings"]
    if way == "reload":
        page.reload()
    else:
        page.goto("about:blank")
        page.go_back()
    ready(page)
    expect(page.locator(".draft")).to_contain_text("you left a canvas, 3 words, and 1 stroke here")
    expect(page.locator(".tc-text")).to_have_value("")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".draft")).to_be_hidden()
    steps.eventually(lambda: whole(page), before)
    page.reload()  # it is this page's own now
    ready(page)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".draft")).to_be_hidden()
    steps.eventually(lambda: whole(page), before)


def test_what_is_discarded_or_cleared_does_not_come_back(page: Page) -> None:
    page.locator(".tc-text").fill("a cat")
    page.reload()
    ready(page)
    page.get_by_role("button", name="Discard").click()
    page.reload()
    ready(page)
    expect(page.locator(".draft")).to_be_hidden()
    scene(page)
    page.get_by_role("button", name="Clear").click()
    page.reload()
    ready(page)
    expect(page.locator(".draft")).to_be_hidden()


def test_an_unanswered_offer_stays_beside_newer_work(page: Page) -> None:
    page.locator(".tc-text").fill("a cat")
    page.reload()
    ready(page)
    page.locator(".tc-text").fill("two dogs here")
    page.reload()
    ready(page)
    expect(page.locator(".draft")).to_contain_text("3 words")
    page.get_by_role("button", name="Discard").click()
    page.reload()
    ready(page)
    expect(page.locator(".draft")).to_contain_text("2 words")


def test_drafts_are_few(page: Page) -> None:
    for i in range(6):
        page.locator(".tc-text").fill(f"cat {i}")
        page.reload()
        ready(page)
    drafts = "Object.keys(localStorage).filter((key) => key.startsWith('trecs-draft-')).length"
    assert page.evaluate(drafts) == 3
    page.evaluate("for (const key of Object.keys(localStorage)) localStorage[key] = 'no draft'")
    page.reload()
    ready(page)
    expect(page.locator(".draft")).to_be_hidden()


def test_what_a_lost_server_took_is_back_without_a_question(page: Page, alone: Server) -> None:
    scene(page)
    before = whole(page)
    alone.stop()
    steps.live(page, True)  # asks the server, in vain
    expect(page.get_by_text("Connection to the server was lost")).to_be_visible()
    with page.expect_navigation():
        alone.start()
    expect(page.locator(".draft")).to_contain_text("what you had is here again")
    steps.eventually(lambda: whole(page), before)
    page.get_by_role("button", name="OK", exact=True).click()
    expect(page.locator(".draft")).to_be_hidden()
    page.reload()  # which is the person's own
    expect(page.get_by_role("button", name="Restore")).to_be_visible()


@pytest.mark.parametrize("script", [DENIED, FULL], ids=["denied", "full"])
def test_where_nothing_can_be_kept_all_else_works_and_leaving_is_asked(
    browser: Browser, alone: Server, script: str
) -> None:
    page = opened_page(browser, alone, script)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.locator(".tc-text").click()
    page.reload()
    ready(page)
    assert asked == []
    scene(page)
    page.locator(".tc-undo").click()
    assert "trecs_bindings" not in steps.narrative(page)
    page.reload()
    ready(page)
    assert asked == ["beforeunload"]
    page.context.close()


def test_the_largest_narrative_is_kept(page: Page, tmp_path: Any) -> None:
    point = "(i) => ({x: (i % 9973) / 9973, y: (i % 9967) / 9967, t: i / 100 + 10001.123})"
    word = '{utterance: "sand", start_time: 10001, end_time: 10002}'
    json = page.evaluate(f"""() => JSON.stringify({{caption: "sand", timed_caption: [{word}],
        traces: [Array.from({{length: 100000}}, (_, i) => ({point})(i))]}})""")
    (tmp_path / "sand.json").write_text(json)
    page.locator(".tc-file").set_input_files(tmp_path / "sand.json")
    expect(page.get_by_text("Imported sand.json.")).to_be_visible()
    page.reload()
    ready(page)
    expect(page.locator(".draft")).to_contain_text("1 word and 1 stroke")
