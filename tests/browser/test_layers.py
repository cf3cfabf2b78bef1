"""Layers are saved from the page, changed elsewhere, and dropped on it again."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from psd_tools import PSDImage

from segmentation.canvas import Canvas
from tests.browser import steps
from tests.browser.test_remembering import drop
from trecs.exchange import read_layers

TEXT = "a zebra on the grass"


@pytest.fixture
def drawn(visit: Callable[..., Page]) -> Page:
    """A scene with a stroke around its zebra."""
    page = visit()
    steps.live(page, False)
    page.locator(".tc-text").fill(TEXT)
    steps.loop(page, 0.5, 0.55, 0.2)
    steps.compose(page)
    return page


def saved(page: Page, title: str) -> Path:
    """What the menu saves under a title, by mouse."""
    page.get_by_text("Save layers").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=title).click()
    path = Path(download.value.path())
    named = path.with_name(f"{path.name}-{download.value.suggested_filename}")
    return path.rename(named)


def labels(page: Page) -> Canvas:
    """The canvas as the browser has it."""
    return Canvas(*_zip_maps(page))


def _zip_maps(page: Page) -> tuple[np.ndarray, np.ndarray]:
    from segmentation.canvas import read_instance_map, read_label_map

    with page.expect_download() as download:
        page.get_by_role("button", name="Download zip").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        label_map = read_label_map(archive.read("label_map.png"))
        return label_map, read_instance_map(archive.read("instance_map.png"), label_map.shape)


def zebra_is_a_cow(content: bytes) -> bytes:
    """The PSD with its zebra's layer renamed and moved to the left, as an editor saves it."""
    psd = PSDImage.open(io.BytesIO(content))
    (layer,) = (one for one in psd.descendants() if one.name.startswith("zebra"))
    layer.name = "Cow"
    layer.offset = layer.left - 40, layer.top
    buffer = io.BytesIO()
    psd.save(buffer)
    return buffer.getvalue()


def test_a_renamed_and_moved_layer_comes_back(drawn: Page) -> None:
    before = labels(drawn)
    path = saved(drawn, "Photoshop (PSD)")
    assert path.name.endswith("trecs.psd")
    assert read_layers(path).equals(before)
    picture = steps.picture(drawn)
    drop(drawn, zebra_is_a_cow(path.read_bytes()), "from Krita.psd")
    expect(drawn.get_by_text("Opened from Krita.psd: the canvas follows")).to_be_visible()
    expect(drawn.locator(".le-legend")).to_contain_text("cow")
    expect(drawn.locator(".le-legend")).not_to_contain_text("zebra")
    expect(drawn.locator(".tc-text")).to_have_value(TEXT)
    drawn.get_by_role("button", name="Render").click()
    steps.next_picture(drawn, picture)
    after = labels(drawn)
    cow, zebra = after.instance_map > 0, before.instance_map > 0
    assert np.array_equal(cow[:, :-40], zebra[:, 40:])
    drawn.locator(".le-canvas").press("Control+z")  # opening is a step of the brush's history
    expect(drawn.locator(".le-legend")).to_contain_text("zebra")


@pytest.mark.parametrize(
    ("title", "name"), [("OpenRaster", "trecs.ora"), ("COCO JSON", "trecs.json")]
)
def test_other_formats_go_the_same_way(drawn: Page, title: str, name: str) -> None:
    before = labels(drawn)
    path = saved(drawn, title)
    assert path.name.endswith(name)
    drawn.locator(".le-canvas").focus()
    drawn.keyboard.press("Space")  # paints a dot of another label
    expect(drawn.locator(".le-legend")).to_contain_text("person")
    drawn.locator(".layers-in input").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
    )
    expect(drawn.get_by_text(f"Opened {name}: the canvas follows")).to_be_visible()
    expect(drawn.locator(".le-legend")).not_to_contain_text("person")
    assert labels(drawn).equals(before)


def test_panoptic_files_go_in_as_they_came_out(drawn: Page, tmp_path: Path) -> None:
    before = labels(drawn)
    path = saved(drawn, "Panoptic PNG and JSON")
    assert path.name.endswith("trecs-panoptic.zip")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(files) == ["trecs.json", "trecs.png"]
    drawn.locator(".le-canvas").focus()
    drawn.keyboard.press("Space")
    expect(drawn.locator(".le-legend")).to_contain_text("person")
    drop(drawn, files["trecs.png"], "segments.png")
    expect(drawn.get_by_text("Opened segments.png: the canvas follows")).to_be_visible()
    expect(drawn.locator(".le-legend")).not_to_contain_text("person")
    assert labels(drawn).equals(before)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    drawn.locator(".tc-file").set_input_files([tmp_path / name for name in sorted(files)])
    expect(drawn.get_by_text("Opened trecs.json and trecs.png: the canvas")).to_be_visible()
    assert labels(drawn).equals(before)


def test_the_menu_by_keyboard_and_a_trace_as_svg(drawn: Page) -> None:
    summary = drawn.locator(".layer-menu summary")
    summary.focus()
    drawn.keyboard.press("Enter")
    expect(drawn.get_by_role("button", name="Trace as SVG")).to_be_visible()
    drawn.keyboard.press("Escape")
    expect(drawn.get_by_role("button", name="Trace as SVG")).to_be_hidden()
    expect(summary).to_be_focused()
    drawn.keyboard.press("Enter")
    for _ in range(5):
        drawn.keyboard.press("Tab")
    expect(drawn.get_by_role("button", name="Trace as SVG")).to_be_focused()
    with drawn.expect_download() as download:
        drawn.keyboard.press("Enter")
    assert download.value.suggested_filename == "trecs.svg"
    assert b"<polyline" in Path(download.value.path()).read_bytes()


def test_what_cannot_be_opened_says_why(drawn: Page) -> None:
    path = saved(drawn, "OpenRaster")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["stack.xml"] = files["stack.xml"].replace(b'name="grass"', b'name="lawn"')
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as renamed:
        for name, content in files.items():
            renamed.writestr(name, content)
    legend = steps.legend(drawn)
    drop(drawn, packed.getvalue(), "a.ora")
    expect(drawn.get_by_text("has layers that name no label: 'lawn'")).to_be_visible()
    drop(drawn, path.read_bytes()[:5000], "b.ora")
    expect(drawn.get_by_text("'b.ora' is cut off or damaged")).to_be_visible()
    drop(drawn, b"8BPS and no more", "c.psd")
    expect(drawn.get_by_text("'c.psd' is")).to_be_visible()
    panoptic = {"annotations": [{"segments_info": [], "file_name": "d.png"}]}
    drop(drawn, json.dumps(panoptic).encode(), "d.json")
    expect(drawn.get_by_text("needs its PNG 'd.png'")).to_be_visible()
    drop(drawn, b"8BPS" + bytes(9 * 2**20), "e.psd")
    expect(drawn.get_by_text("at most 8 MB are read here")).to_be_visible()
    assert steps.legend(drawn) == legend


def test_layers_open_on_an_empty_page(drawn: Page, visit: Callable[..., Page]) -> None:
    before, path = labels(drawn), saved(drawn, "OpenRaster")
    page = visit()
    drop(page, path.read_bytes(), "a.ora")
    expect(page.get_by_text("Opened a.ora: the canvas follows")).to_be_visible()
    expect(page.locator(".le-legend")).to_contain_text("zebra")
    page.get_by_role("button", name="Render").click()
    expect(page.locator(steps.PICTURE)).to_be_visible()
    assert labels(page).equals(before)


def test_nothing_to_save_says_so(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_text("Save layers").click()
    page.get_by_role("button", name="OpenRaster").click()
    expect(page.get_by_text("There is nothing to download yet")).to_be_visible()
