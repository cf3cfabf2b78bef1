"""Masks moved on the canvas: by mouse, keys and fingers, with the brush in one history."""

import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.test_looks import PHONE

CANVAS = ".le-canvas"
COLOUR = """([x, y]) => {
    const canvas = document.querySelector(".le-canvas")
    const [left, top] = [x * canvas.width, y * canvas.height]
    return [...canvas.getContext("2d").getImageData(left, top, 1, 1).data.slice(0, 3)].join()
}"""
HORSE, GRASS = (0.38, 0.46), (0.5, 0.92)  # where they are in the example


def composed(page: Page) -> str:
    """The example with the horse; returns its picture."""
    steps.live(page, False)
    steps.load_example(page, "A horse in a field")
    drawn = steps.compose(page)
    page.get_by_role("button", name="Move", exact=True).click()
    expect(chosen(page)).to_have_text("Choose a mask on the canvas")
    page.locator(CANVAS).evaluate("(e) => e.scrollIntoView({ block: 'center' })")
    return drawn


def chosen(page: Page) -> Any:
    return page.locator(".le-chosen")


def choose(page: Page, name: str) -> None:
    """Goes from mask to mask with the keyboard."""
    page.locator(CANVAS).focus()
    for _ in range(12):
        before = chosen(page).inner_text()
        if before.startswith(name):
            return
        page.keyboard.press("n")
        expect(chosen(page)).not_to_have_text(before)
    pytest.fail(f"There is no {name}.")


def done(page: Page) -> dict[str, Any]:
    """What the zip tells, once the canvas is composed."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download zip").click()
    record: dict[str, Any] = json.loads(zipfile.ZipFile(download.value.path()).read("result.json"))
    return record


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """With the mouse, in small steps; the button stays down."""
    (x, y), (to_x, to_y) = steps.place(page, CANVAS, *start), steps.place(page, CANVAS, *end)
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, 9):
        page.mouse.move(x + (to_x - x) * i / 8, y + (to_y - y) * i / 8)
        page.wait_for_timeout(16)


def shows(page: Page, place: tuple[float, float], colour: str) -> None:
    page.wait_for_function(f"(a) => ({COLOUR})(a[0]) === a[1]", arg=[place, colour])


def test_a_mask_is_dragged_and_the_trace_stays(visit: Callable[..., Page]) -> None:
    page = visit()
    before = composed(page)
    told = steps.narrative(page)
    horse, grass = (page.evaluate(COLOUR, place) for place in (HORSE, GRASS))
    drag(page, HORSE, (HORSE[0] + 0.125, HORSE[1] + 0.25))
    expect(chosen(page)).to_contain_text("horse chosen")
    shows(page, (HORSE[0] + 0.125, HORSE[1] + 0.25), horse)  # before it is let go
    page.mouse.up()
    after = steps.next_picture(page, before)
    record = done(page)
    (move,) = record["moves"]
    assert record["regions"][move["region"]]["label"] == "horse"
    assert [round(256 * one) for one in move["shift"]] == pytest.approx([32, 64], abs=1)
    assert steps.narrative(page) == told
    shows(page, (HORSE[0] + 0.125, HORSE[1] + 0.25), horse)

    page.locator(CANVAS).press("Control+z")
    assert steps.next_picture(page, after) == before
    shows(page, HORSE, horse)
    shows(page, GRASS, grass)
    assert done(page)["moves"] == []
    page.locator(CANVAS).press("Control+Shift+z")
    assert steps.next_picture(page, before) == after
    page.reload()  # what was left has the horse where it is now
    page.get_by_role("button", name="Restore").click()
    shows(page, (HORSE[0] + 0.125, HORSE[1] + 0.25), horse)


def test_corners_scale_and_the_knob_turns(visit: Callable[..., Page]) -> None:
    page = visit()
    before = composed(page)
    page.mouse.click(*steps.place(page, CANVAS, *HORSE))
    expect(chosen(page)).to_contain_text("horse chosen")
    box = done(page)["placements"][0]["box"]  # in the example, the horse is said first
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    corner = (box[2], box[3])
    drag(page, corner, tuple(m + 0.5 * (c - m) for m, c in zip(middle, corner, strict=True)))
    page.mouse.up()
    smaller = steps.next_picture(page, before)
    (move,) = done(page)["moves"]
    assert move["scale"] == pytest.approx([0.5, 0.5], abs=0.03)

    canvas = page.locator(CANVAS).bounding_box()
    assert canvas
    height = (box[3] - box[1]) / 4 + 26 / canvas["width"]
    drag(page, (middle[0], middle[1] - height), (middle[0] + height, middle[1]))
    page.mouse.up()
    steps.next_picture(page, smaller)
    (move,) = done(page)["moves"]
    assert move["turn"] == pytest.approx(90, abs=4)


def test_everything_has_a_key_and_is_one_history(visit: Callable[..., Page]) -> None:
    page = visit()
    composed(page)
    choose(page, "horse")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    (move,) = done(page)["moves"]
    assert move["shift"] == [3 / 256, 10 / 256]
    page.locator(CANVAS).focus()
    for key in ("r", "r", "+", "m"):
        page.keyboard.press(key)
    (move,) = done(page)["moves"]
    # A mirror turns what was turned.
    assert (move["turn"], move["scale"], move["mirrored"]) == (350, [1.05, 1.05], True)
    page.locator(CANVAS).focus()
    page.keyboard.press("d")
    page.keyboard.press("Delete")
    expect(chosen(page)).to_have_text("Choose a mask on the canvas")
    assert [move.get("copy", 0) for move in done(page)["moves"]] == [0]
    choose(page, "horse")
    page.keyboard.press("PageDown")
    (move,) = done(page)["moves"]
    assert move["order"] < 7
    page.locator(CANVAS).focus()
    page.keyboard.press("l")
    page.keyboard.type("zebra")
    page.keyboard.press("Enter")
    expect(page.locator(".le-legend")).to_contain_text("zebra")
    (move,) = done(page)["moves"]
    assert move["label"] == "zebra"
    page.locator(CANVAS).focus()
    page.keyboard.press("Delete")
    expect(page.locator(".le-legend")).not_to_contain_text("zebra")
    record = done(page)
    assert record["moves"][0]["deleted"]
    assert move["region"] not in [placed["region"] for placed in record["placements"]]
    page.locator(CANVAS).focus()
    for _ in range(14):  # more than there were steps
        page.keyboard.press("Control+z")
    expect(page.locator(".le-undo")).to_be_disabled()
    assert done(page)["moves"] == []
    page.locator(CANVAS).focus()
    for _ in range(14):
        page.keyboard.press("Control+Shift+z")
    expect(page.locator(".le-redo")).to_be_disabled()
    assert done(page)["moves"] == record["moves"]


def test_the_brush_paints_above_and_moves_go_on_below(visit: Callable[..., Page]) -> None:
    page = visit()
    before = composed(page)
    page.get_by_role("button", name="Brush").click()
    steps.choose_label(page, "giraffe")
    steps.loop(page, 0.7, 0.75, 0.08, CANVAS)
    expect(page.locator(".le-legend")).to_contain_text("giraffe")
    painted = page.locator(".le-legend button", has_text="giraffe").inner_text()
    page.keyboard.press("v")
    drag(page, HORSE, (0.7, 0.75))
    page.mouse.up()
    after = steps.next_picture(page, before)
    assert page.locator(".le-legend button", has_text="giraffe").inner_text() == painted
    record = done(page)
    assert record["painted"] > 0.005
    assert len(record["moves"]) == 1

    page.locator(CANVAS).focus()
    page.keyboard.press("b")
    steps.choose_label(page, "snow")
    steps.loop(page, 0.3, 0.85, 0.05, CANVAS)
    expect(page.locator(".le-legend")).to_contain_text("snow")
    page.locator(CANVAS).press("Control+z")  # the snow
    expect(page.locator(".le-legend")).not_to_contain_text("snow")
    page.locator(CANVAS).press("Control+z")  # the move
    steps.next_picture(page, after)
    expect(page.locator(".le-legend")).to_contain_text("giraffe")
    page.locator(CANVAS).press("Control+z")  # the giraffe
    expect(page.locator(".le-legend")).not_to_contain_text("giraffe")
    page.get_by_role("button", name="Render").click()
    page.wait_for_function(
        "([at, first]) => document.querySelector(at).src === first", arg=[steps.PICTURE, before]
    )


def test_another_mask_keeps_the_moves_and_can_be_undone(visit: Callable[..., Page]) -> None:
    page = visit()
    before = composed(page)
    drag(page, HORSE, (HORSE[0], HORSE[1] + 0.25))
    page.mouse.up()
    moved = steps.next_picture(page, before)
    page.get_by_role("button", name="Other mask").click()
    other = steps.next_picture(page, moved)
    swapped = done(page)
    assert len(swapped["moves"]) == 1
    page.locator(CANVAS).press("Control+z")
    assert steps.next_picture(page, other) == moved
    again = done(page)
    assert again["moves"] == swapped["moves"]
    assert again["painted"] == 0
    assert again["placements"][0]["mask"] != swapped["placements"][0]["mask"]


def test_what_uses_the_canvas_waits_for_a_mask_on_the_move(visit: Callable[..., Page]) -> None:
    page = visit()
    composed(page)
    drag(page, HORSE, (HORSE[0], HORSE[1] + 0.25))
    page.mouse.up()
    record = done(page)  # at once
    assert len(record["moves"]) == 1
    assert record["painted"] == 0


def test_fingers_move_masks_on_a_phone(visit: Callable[..., Page]) -> None:
    page = visit(**PHONE)
    before = composed(page)
    devtools = page.context.new_cdp_session(page)
    steps.touch(devtools, "Start", steps.place(page, CANVAS, *HORSE))
    for i in range(1, 7):
        place = steps.place(page, CANVAS, HORSE[0] + 0.02 * i, HORSE[1] + 0.04 * i)
        steps.touch(devtools, "Move", place)
        page.wait_for_timeout(16)
    steps.touch(devtools, "End")
    expect(chosen(page)).to_contain_text("horse chosen")
    after = steps.next_picture(page, before)
    page.get_by_role("button", name="Mirror").tap()
    steps.next_picture(page, after)
    (move,) = done(page)["moves"]
    assert move["mirrored"]
    assert move["shift"][1] == pytest.approx(0.24, abs=0.02)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_masks_nothing_can_be_moved(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    page.get_by_role("button", name="Start with a blank canvas").click()
    expect(page.get_by_role("button", name="Move", exact=True)).to_be_disabled()
    page.keyboard.press("v")
    expect(page.get_by_role("button", name="Brush")).to_have_attribute("aria-pressed", "true")
