"""The comparison: the same words and seed drawn by the page and by the systems beside it."""

import logging
from typing import Any

import gradio as gr

from files.errors import InputError
from trecs.interface.assets import script
from trecs.interface.messages import speaking
from trecs.interface.panel import PRIVATE, Panel, empty, html
from trecs.interface.panels.comparison.comparison import (
    beside,
    comparison,
    inspected,
    missing,
    offer,
    to_come,
)
from trecs.interface.seeds import checked_seed
from trecs.interface.studio import NETWORKS
from trecs.narrative import Narrative
from trecs.result import Result
from trecs.systems import registry
from trecs.systems.card import Card
from trecs.systems.interface import Drawing

log = logging.getLogger(__name__)


class Comparison(Panel):
    """Two pictures of the same words under a slider."""

    title, what = "Side by side", "the same words and seed, with and without a trace"

    def __init__(self) -> None:
        super().__init__()
        self.compare = gr.Button(offer(), elem_id="compare")
        self.pictures = html(
            empty(to_come()), "compared", script("panels/comparison/comparison.js")
        )

    def connect(self) -> list[Any]:
        """The button draws what is on the page once more."""
        given = [self.page.result, self.page.seed]
        settings = {"show_progress": "minimal", **NETWORKS, **PRIVATE}
        self.compare.click(self.compared, given, self.pictures, **settings)
        return []

    def compared(self, result: Result | None, seed: float | None) -> str:
        """The same words and seed drawn by the page and by the systems beside it."""
        with speaking():
            if result is None or result.canvas is None or not result.narrative.words:
                raise InputError("There are no words to compare with yet; compose first.")
            given = checked_seed(seed)
            told = result.narrative
            if result.image is None or result.picture_seed != given:
                result = self.page.studio.drawn(result, given)
            assert result.image is not None
            pictures, seen = {registry.own().short: result.image}, []
            for card in beside():
                drawing, shown = self._by(card, told, given)
                seen.append(shown)
                if drawing is not None:
                    pictures[card.short] = drawing.picture
            return comparison(pictures, told.caption, given, "".join(seen))

    def _by(self, card: Card, narrative: Narrative, seed: int) -> tuple[Drawing | None, str]:
        """A system's drawing and what can be seen in it; none, and why, where it cannot draw."""
        try:
            self.page.studio.models.system(card.name)
        except InputError as error:  # it names folders, which are no visitor's business
            log.warning("%s is left out: %s", card.title, error)
            return None, empty(missing(card))
        try:
            drawing = self.page.studio.drawing(card.name, narrative, seed)
        except InputError as error:
            return None, empty(f"{card.short} draws nothing: {error}")
        return drawing, inspected(card.short, drawing)
