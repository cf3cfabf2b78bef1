"""The mask of every region and its runners-up, which can be swapped in."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from files.errors import InputError
from trecs.interface.assets import script
from trecs.interface.messages import speaking
from trecs.interface.panel import Panel, Updates, changed, empty, html
from trecs.interface.panels.masks.mask_choices import mask_choices, swapped, undeleted
from trecs.interface.seeds import checked_seed
from trecs.interface.texts import text
from trecs.result import Result


class Masks(Panel):
    """What was found for each region."""

    anchor = "masks"

    def __init__(self) -> None:
        super().__init__()
        scripts = script("links.js", "panels/masks/swap.js")
        self.masks = html(empty(text("masks.empty")), "masks", scripts)
        self.outputs = (self.masks,)

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("masks.title"), text("masks.what")

    def updates(self, result: Result, before: Result | None) -> Updates:
        """Other masks, or others of them painted over."""
        gone = result.painted_over
        painted = before is not None and before.painted_over != gone
        if result.retrieval is None or not (painted or changed(result, before, "retrieval")):
            return {}
        library = self.page.studio.trecs.library
        return {self.masks: mask_choices(result.retrieval.choices, library, gone)}

    def cancelled(self, result: Result) -> Updates:
        """Nothing, where the words on the page have no masks yet."""
        older = result.tags is not None and result.retrieval is None
        return {self.masks: empty(text("masks.empty"))} if older else {}

    def connect(self) -> list[Any]:
        """A click on a mask swaps it in."""
        page = self.page
        return [self.masks.swap(self.swap, [page.result, page.seed], **page.shown)]

    def swap(
        self, result: Result | None, seed: float | None, event: gr.EventData
    ) -> Iterator[Updates]:
        """Puts a runner-up on the canvas and draws the picture again."""
        with speaking():
            given = checked_seed(seed)
            if result is None or result.retrieval is None:
                raise InputError(text("masks.nothing"))
            choices = swapped(result.retrieval.choices, event._data)
            there = undeleted(result.moves, event._data["choice"])
            composed = self.page.studio.moved(result, choices, there)
            yield self.page.show(composed, result)
            drawn = self.page.studio.drawn(composed, given)
            yield self.page.show(drawn, composed, until="", note=text("masks.swapped"))
