"""Every picture of the session, and variations of the last one."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from trecs.interface.messages import speaking
from trecs.interface.panel import Panel, Updates
from trecs.interface.panels.pictures.shelf import Shelf
from trecs.interface.pixels import png_uri
from trecs.interface.rail import rail_of
from trecs.interface.seeds import LARGEST_SEED, checked_seed
from trecs.interface.studio import NOTHING_SAID
from trecs.interface.texts import text
from trecs.result import Result

VARIATIONS = 4


class Pictures(Panel):
    """The shelf. It is the browser's: the server keeps nothing of it."""

    anchor = "pictures"

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf(elem_id="shelf")

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("shelf.title"), text("shelf.what")

    def connect(self) -> list[Any]:
        """Four more of the picture, or of the layout."""
        page = self.page
        given = [page.label_map, page.result, page.seed]
        outputs = {**page.shown, "outputs": [page.rail, self.shelf]}
        return [
            self.shelf.pictures(self.other_pictures, given, **outputs),
            self.shelf.layouts(self.other_layouts, given, **outputs),
        ]

    def other_pictures(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> Iterator[Updates]:
        """The same canvas, painted by the next seeds."""
        with speaking():
            given = checked_seed(seed)
            if result is None and label_map is None:
                raise InputError(text("shelf.no_canvas"))
            shown = result or NOTHING_SAID
            if label_map is not None:
                shown = shown.repainted(label_map)
            if shown.canvas is None:
                raise InputError(text("shelf.cancelled"))
            studio = self.page.studio
            yield from self._shelved(shown, (studio.drawn(shown, s) for s in following(given)))

    def other_layouts(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> Iterator[Updates]:
        """The same narrative, composed and painted by the next seeds."""
        with speaking():
            given, studio = checked_seed(seed), self.page.studio
            if result is None or result.tags is None:
                raise InputError(text("shelf.no_words"))
            told = result.narrative
            others = (studio.drawn(studio.composed(told, s), s) for s in following(given))
            yield from self._shelved(result, others)

    def _shelved(self, shown: Result, others: Iterator[Result]) -> Iterator[Updates]:
        """The pictures as they are ready, all so far each time; what the page shows stays."""
        done: list[str] = []
        for result in others:
            done.append(png_uri(result.picture_png()))
            note = text("shelf.variation", number=len(done), most=VARIATIONS)
            rail = rail_of(shown, until="", note=note)
            yield {self.page.rail: rail, self.shelf: json.dumps(done)}


def following(seed: int) -> list[int]:
    """The seeds after one, from 0 again after the largest."""
    return [(seed + i) % (LARGEST_SEED + 1) for i in range(1, VARIATIONS + 1)]
