"""What the page shows of a result that is not complete."""

import numpy as np
import pytest

from tests.trecs.interface.pages import laid_out, panel
from trecs.interface.assets import FOLDER, style
from trecs.interface.models import Models
from trecs.interface.page import LAYOUT, PHOTOS, build
from trecs.interface.panel import Panel, Updates, html
from trecs.interface.panels.masks.panel import Masks
from trecs.interface.panels.regions.panel import Regions
from trecs.narrative import from_text
from trecs.result import Result
from trecs.tagging.tagger import Tags


def tagged() -> Result:
    tags = Tags(np.zeros(2, np.uint8), np.full((2, 182), 1 / 182, np.float32))
    return Result(from_text("a dog"), seed=0).timed("tag", 0.012, tags=tags)


def test_cancel_keeps_what_belongs_to_the_words_on_the_page() -> None:
    page = laid_out(None)
    regions, masks = panel(page, Regions).regions, panel(page, Masks).masks
    updates = page.cancelled(tagged())
    assert set(updates) == {page.rail, regions, masks}
    assert 'class="done"' in updates[page.rail]
    assert "nothing" in updates[masks]


def test_cancel_before_anything_was_ready_says_so_on_the_rail_alone() -> None:
    page = laid_out(None)
    assert set(page.cancelled(None)) == {page.rail}


def test_every_folder_of_a_panel_is_on_the_page() -> None:
    kinds = [kind for row in {**LAYOUT, **PHOTOS}.values() for kind in row]
    there = {kind.__module__.split(".")[-2] for kind in kinds}
    folders = (FOLDER / "panels").iterdir()
    assert there == {path.name for path in folders if (path / "panel.py").is_file()}


def test_a_style_sheet_is_found_in_a_panels_folder() -> None:
    for sheet in (FOLDER / "panels").glob("*/*.css"):
        assert sheet.read_text("utf-8") in style()
    assert style().startswith((FOLDER / "page.css").read_text("utf-8"))


class Toy(Panel):
    """A panel as a newcomer would write one."""

    def __init__(self) -> None:
        super().__init__()
        self.length = html("", "toy")
        self.outputs = (self.length,)

    def heading(self) -> tuple[str, str]:
        return "Toy", "how long the caption is"

    def updates(self, result: Result, before: Result | None) -> Updates:
        return {self.length: str(len(result.narrative.caption))}


def test_a_new_panel_is_shown_wherever_a_result_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LAYOUT, "toy", (Toy,))
    page = laid_out(None)
    toy = panel(page, Toy).length
    assert page.show(tagged(), None)[toy] == "5"
    assert toy in page.shown["outputs"]
    build(Models(lambda: None))  # type: ignore[arg-type, return-value]
