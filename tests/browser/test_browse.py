"""The page of `trecs browse`, as a researcher uses it."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, Server, _errors, _foreign
from tests.browser.test_accessible import faults
from trecs.interface.examples import examples
from trecs.narrative import dumps

FEW = 20  # rows on a page
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of 50 narratives, the examples three times and others, and two bad lines."""
    folder = tmp_path_factory.mktemp("browse")
    told = [dumps(one.narrative) for one in examples()]
    plain = [json.dumps({"caption": f"a giraffe eats from tree {i}"}) for i in range(26)]
    lines = [*told, "{", *told, *plain, '{"caption": 3}', *told]
    (folder / "some.jsonl").write_text("\n".join(lines), "utf-8")
    server = Server(folder, "-m", "trecs", "browse", str(folder / "some.jsonl"), "--port")
    try:
        server.start()
        yield server.address
        assert "Traceback" not in server.log.read_text()
    finally:
        server.stop()


@pytest.fixture(params=[{}], ids=["wide"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    wrong: list[str] = []
    context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **request.param})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda told: wrong.extend(_errors(told)))
    page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
    page.on("request", lambda request: wrong.extend(_foreign(request.url, address)))
    page.goto(address)
    expect(page.locator(".narratives tr[data-number]")).to_have_count(FEW)
    yield page
    before = list(wrong)
    context.close()
    assert not before


def chosen(page: Page, number: int) -> None:
    """Waits until a narrative is chosen, in the table and beside it."""
    expect(page.locator(".narratives tr[aria-selected=true]")).to_have_attribute(
        "data-number", str(number)
    )
    expect(page.locator("#detail-panel section")).to_have_attribute("data-number", str(number))


def test_keys_step_turn_pages_and_draw(page: Page) -> None:
    status = page.locator(".found")
    expect(status).to_have_text("50 of 50 narratives, page 1 of 3")
    expect(page.locator(".bad summary")).to_have_text("2 cannot be used")
    chosen(page, 0)
    page.keyboard.press("j")
    chosen(page, 1)
    page.keyboard.press("ArrowDown")
    chosen(page, 2)
    page.keyboard.press("k")
    chosen(page, 1)
    page.keyboard.press("n")
    expect(status).to_contain_text("page 2 of 3")
    chosen(page, FEW)
    page.keyboard.press("k")
    expect(status).to_contain_text("page 1 of 3")
    chosen(page, FEW - 1)
    expect(page.locator("#detail-panel .run small").first).not_to_be_empty()
    page.keyboard.press("d")
    expect(page.locator("#detail-panel figure img")).to_have_count(2)
    expect(page.locator(".numbers tbody tr").first).to_contain_text("giraffe")
    page.keyboard.press("j")
    chosen(page, FEW)
    expect(page.locator("#detail-panel figure img")).to_have_count(0)
    page.keyboard.press("k")  # and what was drawn is there still
    expect(page.locator("#detail-panel figure img")).to_have_count(2)


def test_the_mouse_chooses_a_row_and_draws_it(page: Page) -> None:
    page.locator(".narratives tr[data-number='3'] td").first.click()
    chosen(page, 3)
    expect(page.locator("#detail-panel polyline")).not_to_have_count(0)
    page.locator("#draw").click()
    pictures = page.locator("#detail-panel figure img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        size = picture.evaluate("image => [image.naturalWidth, image.naturalHeight]")
        assert size == [256, 256]
    expect(page.locator("#detail-panel polygon")).not_to_have_count(0)
    if folder := os.environ.get("SHOW"):
        page.screenshot(path=Path(folder) / "browse.png")
    page.locator("#after").click()
    chosen(page, 4)


def test_words_and_labels_filter(page: Page) -> None:
    status = page.locator(".found")
    page.get_by_label("Words").click()
    page.keyboard.type("Tree, 7")
    expect(status).to_have_text("1 of 50 narratives, page 1 of 1")
    chosen(page, 23)
    page.keyboard.press("j")  # a letter in the box, no command
    expect(status).to_have_text("0 of 50 narratives, page 1 of 1")
    expect(page.locator(".narratives")).to_contain_text("No narrative has all of this.")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(status).to_contain_text("50 of 50")
    page.locator(".filters select").focus()
    page.keyboard.type("giraffe")  # as a list of choices is searched
    expect(status).to_have_text(re.compile(r"^(2[6-9]|3\d) of 50 narratives, page 1 of 2$"))
    expect(
        page.locator(".narratives tr", has=page.locator(".mark", has_text="giraffe"))
    ).to_have_count(FEW)


def test_what_cannot_be_used_is_named(page: Page) -> None:
    page.locator(".bad summary").click()
    expect(page.locator(".bad li")).to_have_count(2)
    expect(page.locator(".bad li").first).to_contain_text(re.compile("line 9.*not JSON"))


@pytest.mark.parametrize("page", [{**PHONE, "color_scheme": "dark"}], ids=["phone"], indirect=True)
def test_on_a_phone_a_finger_chooses_and_sees_what_it_chose(page: Page) -> None:
    page.locator(".narratives tr[data-number='2'] td").first.tap()
    chosen(page, 2)
    expect(page.locator("#detail-panel h2")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#draw").tap()
    expect(page.locator("#detail-panel figure img")).to_have_count(2)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize(
    "page", [{}, {"color_scheme": "dark"}], ids=["light", "dark"], indirect=True
)
def test_axe_finds_nothing_serious(page: Page) -> None:
    expect(page.locator("#detail-panel .run small").first).not_to_be_empty()
    assert faults(page) == []
