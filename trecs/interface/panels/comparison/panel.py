"""The comparison: the same words and seed drawn by the page and by systems of all years."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from files.errors import InputError
from trecs.interface.assets import script
from trecs.interface.messages import speaking
from trecs.interface.panel import PRIVATE, Panel, empty, html
from trecs.interface.panels.comparison.comparison import (
    Exhibit,
    beside,
    comparison,
    first,
    inspected,
    timeline,
)
from trecs.interface.seeds import checked_seed
from trecs.interface.studio import NETWORKS
from trecs.interface.texts import text
from trecs.interface.waiting import check_wanted
from trecs.narrative import Narrative
from trecs.result import Result
from trecs.systems import registry
from trecs.systems.card import Card

log = logging.getLogger(__name__)


class Comparison(Panel):
    """A gallery of what systems of all years make of the same words; two of them under a slider."""

    def __init__(self) -> None:
        super().__init__()
        chips = [(f"{card.year} {card.short}", card.name) for card in beside()]
        label = text("comparison.systems")
        self.chosen = gr.CheckboxGroup(chips, value=first(), label=label, elem_id="chips")
        self.compare = gr.Button(text("comparison.compare"), elem_id="compare")
        self.pictures = html(
            empty(text("comparison.empty")), "compared", script("panels/comparison/comparison.js")
        )
        html(timeline(), "timeline")

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("comparison.title"), text("comparison.what")

    def connect(self) -> list[Any]:
        """The button draws what is on the page once more."""
        given = [self.page.result, self.page.seed, self.chosen]
        settings = {"show_progress": "minimal", **NETWORKS, **PRIVATE}
        return [self.compare.click(self.compared, given, self.pictures, **settings)]

    def compared(
        self, result: Result | None, seed: float | None, chosen: Sequence[str]
    ) -> Iterator[str]:
        """The same words and seed drawn by the page and by others, after each what is there."""
        with speaking():
            if result is None or result.canvas is None or not result.narrative.words:
                raise InputError(text("comparison.nothing"))
            given = checked_seed(seed)
            told = result.narrative
            if result.image is None or result.picture_seed != given:
                result = self.page.studio.drawn(result, given)
            exhibits = [Exhibit(registry.own(), result.image)]
            asked = [card for card in beside() if card.name in chosen]
            waiting = [card for card in asked if self._is_there(card)]
            lacking = [card for card in asked if card not in waiting]
            while True:
                check_wanted()
                every = [*exhibits, *map(Exhibit, waiting)]
                yield comparison(every, told.caption, given, lacking)
                if not waiting:
                    return
                exhibits.append(self._by(waiting.pop(0), told, given))

    def _is_there(self, card: Card) -> bool:
        try:
            self.page.studio.models.system(card.name)
        except InputError as error:  # it names folders, which are no visitor's business
            log.warning("%s is left out: %s", card.title, error)
            return False
        return True

    def _by(self, card: Card, narrative: Narrative, seed: int) -> Exhibit:
        """A system's picture and what can be seen in it; none, and why, where it cannot draw."""
        try:
            drawing = self.page.studio.drawing(card.name, narrative, seed)
        except InputError as error:
            why = text("comparison.draws_nothing", system=card.short, why=error)
            return Exhibit(card, told=empty(why))
        except gr.Error:
            raise
        except Exception:  # of one system, which must not keep the others from drawing
            log.exception("%s failed", card.title)
            return Exhibit(card, told=empty(text("comparison.failed", system=card.short)))
        return Exhibit(card, drawing.picture, inspected(card.short, drawing))
