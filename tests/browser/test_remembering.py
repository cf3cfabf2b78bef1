"""A picture dropped on the page, and a link, bring back what they were made of."""

import base64
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from files.png_text import with_text
from tests.browser import steps

TEXT = "a zebra on the grass"


def drawn(visit: Callable[..., Page]) -> Page:
    """A scene with a stroke, another label painted into its canvas, and a seed of its own."""
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill(TEXT)
    steps.loop(page, 0.5, 0.55, 0.2)
    page.get_by_label("Seed").fill("7")
    before = steps.compose(page)
    steps.choose_label(page, "boat")
    canvas = page.locator(".le-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 30, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Render").click()
    steps.next_picture(page, before)
    return page


def png_of(page: Page) -> bytes:
    return base64.b64decode(steps.picture(page).split(",")[1])


def drop(page: Page, content: bytes, name: str) -> None:
    """Lets a file fall on the page, as from the desktop."""
    page.evaluate(
        """([content, name]) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
            const files = new DataTransfer()
            files.items.add(new File([bytes], name))
            const settings = { dataTransfer: files, bubbles: true, cancelable: true }
            for (const kind of ["dragover", "drop"])
                document.querySelector("h1").dispatchEvent(new DragEvent(kind, settings))
        }""",
        [base64.b64encode(content).decode(), name],
    )


def test_a_dropped_picture_brings_all_back(visit: Callable[..., Page]) -> None:
    page = drawn(visit)
    content, labels = png_of(page), steps.legend(page)
    told = steps.narrative(page)
    assert "boat" in labels
    other = visit()
    drop(other, content, "from a friend.png")
    other.wait_for_selector(steps.PICTURE)
    assert png_of(other) == content  # to the last pixel and word
    steps.eventually(lambda: steps.legend(other), labels)
    expect(other.locator(".tc-text")).to_have_value(TEXT)
    expect(other.get_by_label("Seed")).to_have_value("7")
    steps.eventually(lambda: steps.narrative(other)["traces"], told["traces"])
    steps.rest(other, 2500)  # Live leaves it as it is
    assert png_of(other) == content


def test_a_picture_that_remembers_nothing_says_so(
    visit: Callable[..., Page], tmp_path: Path
) -> None:
    page = visit()
    page.locator(".tc-text").fill(TEXT)
    blank = (Path(__file__).parents[2] / "docs/studio.png").read_bytes()
    drop(page, blank, "screenshot.png")
    expect(page.get_by_text("The picture carries no narrative")).to_be_visible()
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(with_text(blank, "trecs", "{"))
    page.locator(".tc-file").set_input_files(damaged)
    expect(page.get_by_text("What the picture carries cannot be used")).to_be_visible()
    expect(page.locator(".tc-text")).to_have_value(TEXT)


def test_a_narrative_may_be_dropped_too(visit: Callable[..., Page]) -> None:
    page = visit()
    steps.live(page, False)
    drop(page, b'{"caption": "two sheep on a hill"}', "told.JSON")
    expect(page.locator(".tc-text")).to_have_value("two sheep on a hill")


def test_a_link_carries_the_scene(visit: Callable[..., Page]) -> None:
    page = drawn(visit)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    labels, told = steps.legend(page), steps.narrative(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("The link is on the clipboard")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    other = visit()
    other.goto("about:blank")
    other.goto(link)
    expect(other.get_by_text("All of this came with a link")).to_be_visible()
    expect(other.locator(".tc-text")).to_have_value(TEXT)
    expect(other.get_by_label("Seed")).to_have_value("7")
    other.wait_for_selector(".le-legend button")
    steps.eventually(lambda: steps.legend(other), labels)
    steps.eventually(lambda: steps.narrative(other)["traces"], told["traces"])
    assert "#" not in other.url
    other.get_by_role("button", name="Render").click()
    other.wait_for_selector(steps.PICTURE)


def test_a_link_that_was_cut_says_so(visit_alone: Callable[..., Page]) -> None:
    page = visit_alone()
    address = page.url
    for code in ("", "!!", "AAAA", "eJw"):
        page.goto("about:blank")
        page.goto(f"{address}#scene={code}")
        expect(page.get_by_text("This link is damaged")).to_be_visible()


def test_the_picture_goes_to_the_clipboard(visit: Callable[..., Page]) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy picture").click()
    expect(page.get_by_text("There is no picture yet")).to_be_visible()
    steps.live(page, False)
    page.locator(".tc-text").fill(TEXT)
    steps.compose(page)
    page.get_by_role("button", name="Copy picture").click()
    expect(page.get_by_text("The picture is on the clipboard")).to_be_visible()
    size = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read()
            const image = await createImageBitmap(await item.getType("image/png"))
            return [image.width, image.height]
        }"""
    )
    assert size == [256, 256]
