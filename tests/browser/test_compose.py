"""From trace and words to the picture, as a person does it."""

import io
import zipfile
from collections.abc import Callable

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import steps


def test_tracing_while_typing_leads_to_a_picture(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").press_sequentially("a brown dog ", delay=30)
    steps.loop(page, 0.5, 0.7, 0.15)
    # The mouse has not taken the keyboard away from the narration.
    page.keyboard.type("stands on the green grass", delay=30)
    steps.loop(page, 0.5, 0.8, 0.1)
    steps.compose(page)

    expect(page.locator(".run small").first).to_be_visible()
    expect(page.locator(".words")).to_contain_text("dog")
    expect(page.locator(".regions polygon").first).to_be_attached()
    assert page.locator(".choices li").count() == page.locator(".regions li").count()
    assert steps.legend(page)
    expect(page.locator(".rail li.done")).to_have_count(5)
    assert page.locator(".picture img").evaluate("e => e.naturalWidth") == 256


def test_the_clock_of_words_and_strokes_is_one(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").press_sequentially("cat", delay=40)
    steps.rest(page, 600)
    steps.loop(page, 0.3, 0.3, 0.1)
    page.keyboard.type(" sofa", delay=40)
    told = steps.narrative(page)

    cat, sofa = told["timed_caption"]
    (stroke,) = told["traces"]
    assert cat["end_time"] + 0.4 < stroke[0]["t"] < stroke[-1]["t"] < sofa["start_time"]
    assert len(stroke) > 15
    # The sheet is larger than the picture: its loop is wider in fractions of the picture.
    assert 0.2 < max(p["x"] for p in stroke) - min(p["x"] for p in stroke) < 0.26


def test_words_without_a_trace_and_a_trace_without_words(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill("a zebra on the grass under a blue sky")
    first = steps.compose(page)
    expect(page.locator(".regions")).to_contain_text("trace predicted from the words")

    page.get_by_role("button", name="Clear").click()
    steps.loop(page, 0.4, 0.5, 0.2)
    assert steps.compose(page) != first
    expect(page.locator(".regions")).to_contain_text("drawn without words")


def test_the_same_seed_gives_the_same_picture(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    steps.load_example(page, "An airplane above the trees")
    page.get_by_label("Seed").fill("3")
    third = steps.pixels(steps.compose(page))
    page.get_by_role("button", name="Randomise").click()
    expect(page.get_by_label("Seed")).not_to_have_value("3")
    other = steps.pixels(steps.compose(page))
    page.get_by_label("Seed").fill("3")
    assert steps.pixels(steps.compose(page)) == third != other


def test_the_zip_holds_everything_and_its_label_map_is_the_painted_one(
    visit: Callable[..., Page],
) -> None:
    page = visit()
    steps.live(page, False)
    steps.load_example(page, "A horse in a field")
    steps.compose(page)
    steps.choose_label(page, "umbrella")
    steps.loop(page, 0.5, 0.3, 0.1, ".le-canvas")
    shown = steps.legend(page)
    assert "umbrella" in shown

    with page.expect_download() as download:
        page.get_by_role("button", name="Download zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        names = set(archive.namelist())
        labels = np.asarray(Image.open(io.BytesIO(archive.read("label_map.png"))))
    assert {"image.png", "instance_map.png", "canvas.png", "narrative.json", "masks.npz"} <= names
    assert "result.json" in names
    assert labels.shape == (256, 256)
    assert labels.dtype == np.uint8
    share = (labels == 27).mean()  # umbrella
    assert shown["umbrella"] == f"{share:.0%}"


def test_a_runner_up_can_be_swapped_in(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    steps.load_example(page, "A horse in a field")
    before = steps.compose(page)
    row = page.locator(".choices li", has=page.locator("[data-rank='1']")).first
    row.locator("[data-rank='1']").click()
    steps.next_picture(page, before)
    expect(row.locator("[data-rank='1']")).to_have_attribute("aria-pressed", "true")
    expect(row.locator("[data-rank='0']")).to_have_attribute("aria-pressed", "false")


def test_live_follows_after_a_pause_and_can_be_turned_off(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").press_sequentially("a dog on the sand", delay=20)
    steps.rest(page, 2000)
    expect(page.locator(".run")).to_have_count(0)
    steps.live(page, True)
    page.keyboard.press("End")
    page.wait_for_selector(".run")
    page.wait_for_selector(".le-legend button")
    steps.eventually(lambda: steps.picture(page), "")  # the picture waits for Compose


def test_live_leaves_a_finished_page_as_it_is(visit: Callable[..., Page]) -> None:
    page = visit()
    page.locator(".tc-text").fill("a zebra on the grass")
    page.get_by_role("button", name="Compose", exact=True).click()  # before the pause is over
    page.wait_for_selector(steps.PICTURE)
    steps.rest(page, 1500)
    shown = steps.picture(page), steps.legend(page)
    with page.expect_response("**/queue/join*"):
        page.locator(".tc-text").press("End")
        page.keyboard.type(" ")
    steps.rest(page, 3000)
    assert (steps.picture(page), steps.legend(page)) == shown
    expect(page.locator(".rail li.done")).to_have_count(5)
    expect(page.locator(".run").first).to_be_attached()


def test_cancel_stops_and_keeps_what_was_ready(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill("a zebra on the grass under a blue sky")
    steps.click_once(page, "#cancel", there=".run")  # the words are tagged, the picture is to come
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.get_by_text("Cancelled. What was ready stays.")).to_be_visible()
    expect(page.locator(".rail li.running")).to_have_count(0)
    expect(page.locator(".run").first).to_be_attached()
    # The page is as usable as before. Of another seed, the picture is new even if Cancel came late.
    page.get_by_label("Seed").fill("5")
    steps.compose(page)


def test_a_seed_that_is_none_is_refused(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill("a zebra on the grass")
    page.get_by_label("Seed").fill("1.5")
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.get_by_text("The seed (1.5) is no whole number")).to_be_visible()
    page.get_by_label("Seed").fill("-1")
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.get_by_text("The seed -1 cannot be used")).to_be_visible()


def test_composing_nothing_is_answered_kindly(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.get_by_text("Describe a picture, trace where things are")).to_be_visible()


def test_words_that_nobody_knows_are_answered_kindly(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill("\N{GRINNING FACE} \u4f60\u597d")
    page.get_by_role("button", name="Compose", exact=True).click()
    expect(page.locator(".toast-body")).to_be_visible()
    expect(page.locator(".rail li.running")).to_have_count(0)
    steps.eventually(lambda: steps.picture(page), "")


def test_markup_in_a_narrative_is_shown_not_run(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill(
        "a dog <img src=x onerror=document.title='broken'> <b>on</b> grass"
    )
    steps.compose(page)
    expect(page.locator(".words")).to_contain_text("<b>on</b>")
    expect(page.locator(".words img, .words b, .regions img")).to_have_count(0)
    assert page.title() == "TReCS Studio"
