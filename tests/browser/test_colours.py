"""Colours: said in words, chosen in a pot beside a region, taken back, kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser import steps
from tests.browser.test_bindings import PHONE

BUS = "A red bus on a road under a sky"
GREEN = "#1e8c3a"


def pot(page: Page, noun: str) -> Locator:
    """The pot of colour beside a region's label."""
    return page.locator(f'.pot[data-noun="{noun}"] input')


def choose(page: Page, noun: str, colour: str) -> None:
    """Picks a colour, as the browser's own picker would."""
    pot(page, noun).evaluate(
        """(input, colour) => {
            input.value = colour
            for (const kind of ["input", "change"]) {
                input.dispatchEvent(new Event(kind, { bubbles: true }))
            }
        }""",
        colour,
    )


def colours(page: Page) -> Any:
    return steps.narrative(page).get("trecs_colours")


def said(visit: Callable[..., Page], **settings: Any) -> Page:
    page = visit(**settings)
    page.locator(".tc-text").press_sequentially(BUS, delay=20)
    expect(pot(page, "bus")).to_have_attribute("title", "bus: red, as said")
    return page


def test_a_colour_is_said_chosen_undone_and_taken_back(visit: Callable[..., Page]) -> None:
    page = said(visit)
    expect(page.locator(".pot.empty")).to_have_count(2)
    drawn = steps.compose(page)
    choose(page, "bus", GREEN)
    green = steps.next_picture(page, drawn)
    expect(pot(page, "bus")).to_have_attribute("title", "bus: chosen")
    steps.eventually(lambda: colours(page), [{"word": 2, "colour": GREEN}])

    page.locator(".tc-text").press("Home")
    page.locator(".tc-text").press_sequentially("Look: ", delay=20)
    expect(page.locator(".regions q").first).to_contain_text("Look")
    steps.eventually(lambda: colours(page), [{"word": 3, "colour": GREEN}])
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_role("button", name="Undo").first.click()
    expect(pot(page, "bus")).to_have_attribute("title", "bus: red, as said")
    assert colours(page) is None
    assert green != drawn

    page.get_by_role("button", name="No colour for bus").click()
    expect(pot(page, "bus")).to_have_attribute("title", "bus: no colour of its own")
    steps.eventually(lambda: colours(page), [{"word": 2, "colour": None}])
    page.get_by_role("button", name="As said for bus").click()
    expect(pot(page, "bus")).to_have_attribute("title", "bus: red, as said")
    assert colours(page) is None


def test_what_somebody_wears_is_told_beside_them(visit: Callable[..., Page]) -> None:
    page = visit()
    page.locator(".tc-text").press_sequentially("A man in a red shirt on the grass", delay=20)
    expect(page.locator(".regions .worn")).to_have_text(["red shirt"])
    expect(page.locator(".regions q")).to_contain_text(["A man in a red shirt", "the grass"])
    expect(page.locator(".pot.empty")).to_have_count(2)


def test_a_painted_canvas_stays_and_a_file_brings_the_colour_back(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = said(visit, **PHONE)
    steps.compose(page)
    steps.choose_label(page, "cow")
    page.locator(".le-canvas").scroll_into_view_if_needed()
    page.mouse.click(*steps.place(page, ".le-canvas", 0.2, 0.8))
    before = steps.picture(page)
    page.get_by_role("button", name="Render", exact=True).click()
    painted = steps.next_picture(page, before)
    steps.eventually(lambda: "cow" in steps.legend(page), True)
    choose(page, "road", "#303040")
    steps.next_picture(page, painted)
    steps.eventually(lambda: "cow" in steps.legend(page), True)

    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / "narrative.json"
    download.value.save_as(file)
    page.get_by_role("button", name="Clear").click()
    page.locator(".tc-file").set_input_files(file)
    expect(pot(page, "road")).to_have_attribute("title", "road: chosen")
    assert colours(page) == [{"word": 5, "colour": "#303040"}]
