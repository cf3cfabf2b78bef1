"""What the page's buttons do: each action turns a session's result into the next one."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas, read_label_map
from trecs.interface import stages
from trecs.interface.comparison import beside, comparison, inspected, missing
from trecs.interface.examples import example
from trecs.interface.messages import refusal, speaking
from trecs.interface.models import Models
from trecs.interface.panel import Panels, Updates
from trecs.interface.panels.masks.mask_choices import swapped
from trecs.narrative import Narrative
from trecs.result import Result
from trecs.systems import registry
from trecs.systems.card import Card
from trecs.systems.interface import Drawing

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
SIZE = 256  # pixels of the canvas and the picture
LARGEST_SEED = 2**31 - 1
NOTHING_YET = "Describe a picture, trace where things are, or load an example; then compose."
NOTHING_SAID = Result(Narrative(()))
READY = "Type, trace, or load an example."
log = logging.getLogger(__name__)


class Actions:
    """The event handlers. `gpu` decorates what computes on a GPU where the host lends one."""

    def __init__(self, models: Models, panels: Panels, gpu: Decorator) -> None:
        self.models = models
        self.panels = panels

        def stages_of(narrative: Narrative, seed: int) -> Iterator[Result]:
            yield from models.get().stages(narrative, seed, size=SIZE)

        def synthesize(canvas: Canvas, seed: int) -> NDArray[np.uint8]:
            return models.get().synthesize(canvas, seed)

        def draw_by(system: str, narrative: Narrative, seed: int) -> Drawing:
            return models.system(system).draw(narrative, seed)

        # The models are loaded before these are called: a host that lends a GPU runs them in
        # another process, which cannot wait for this one.
        self._stages, self._synthesize = gpu(stages_of), gpu(synthesize)
        self._draw_by = gpu(draw_by)

    def compose(self, narrative: Narrative | None, seed: float | None) -> Iterator[Updates]:
        """The whole way from words and trace to the picture, stage by stage."""
        with speaking():
            given = checked_seed(seed)
            if narrative is None:
                raise InputError(NOTHING_YET)
            yield {self.panels.rail: stages.rail({}, "tag", "Composing.")}
            try:
                yield from self._shown(narrative, given, until="synthesize")
            except Exception:
                yield {self.panels.rail: stages.rail({}, note=READY)}
                raise

    def live(
        self, narrative: Narrative | None, result: Result | None, seed: float | None
    ) -> Iterator[Updates]:
        """Words, regions, masks and canvas after a pause; the picture waits for Compose.

        A narrative that is on the canvas already stays as it is, with what was painted there.
        """
        with speaking():
            shown = result and result.canvas is not None and result.narrative
            if narrative is None or (shown and _same(shown, narrative)):
                # Gradio empties every output of a generator that ends without a word.
                yield {self.panels.rail: gr.skip()}
                return
            try:
                yield from self._shown(narrative, checked_seed(seed), until="compose")
            except InputError as error:
                # Half a sentence may well be unusable; that deserves a line, not an alarm.
                yield {self.panels.rail: stages.rail({}, note=str(error))}

    def _shown(self, narrative: Narrative, seed: int, *, until: str) -> Iterator[Updates]:
        trecs = self.models.get()
        before: Result | None = None
        for result in self._followed(narrative, seed):
            finished = result.image is not None or (
                until == "compose" and result.canvas is not None
            )
            note = _summary(result, until) if finished else ""
            yield self.panels.show(result, before, trecs.library, until=until, note=note)
            before = result
            if finished:
                return

    def swap(
        self, result: Result | None, seed: float | None, event: gr.EventData
    ) -> Iterator[Updates]:
        """Puts a runner-up on the canvas and draws the picture again."""
        with speaking():
            given = checked_seed(seed)
            if result is None or result.retrieval is None:
                raise InputError("There are no masks to swap yet; compose first.")
            trecs = self.models.get()
            choices = swapped(result.retrieval.choices, event._data)
            changed = trecs.recomposed(result, choices, SIZE)
            yield self.panels.show(changed, result, trecs.library)
            drawn = self._drawn(changed, given)
            note = "Swapped the mask."
            yield self.panels.show(drawn, changed, trecs.library, until="", note=note)

    def render(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> Updates:
        """The picture of the canvas as it was painted."""
        with speaking():
            if label_map is None:
                raise InputError("There is no canvas to render yet; compose, or paint a blank one.")
            trecs = self.models.get()
            given = checked_seed(seed)
            drawn = self._drawn((result or NOTHING_SAID).repainted(label_map), given)
            note = "Rendered the canvas."
            updates = self.panels.show(drawn, result, trecs.library, until="", note=note)
            updates.pop(self.panels.editor, None)  # it shows this canvas already
            return updates

    def compare(self, result: Result | None, seed: float | None) -> str:
        """The same words and seed drawn by the page and by the systems beside it."""
        with speaking():
            if result is None or result.canvas is None or not result.narrative.words:
                raise InputError("There are no words to compare with yet; compose first.")
            given = checked_seed(seed)
            told = result.narrative
            if result.image is None or result.picture_seed != given:
                result = self._drawn(result, given)
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
            self.models.system(card.name)
        except InputError as error:  # it names folders, which are no visitor's business
            log.warning("%s is left out: %s", card.title, error)
            return None, stages.empty(missing(card))
        try:
            drawing = self._draw_by(card.name, narrative, seed)
        except InputError as error:
            return None, stages.empty(f"{card.short} draws nothing: {error}")
        return drawing, inspected(card.short, drawing)

    def download(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> tuple[bytes, Result]:
        """The zip of the result as it is on the page, and that result.

        What was painted since the last picture is drawn first, so that all files belong together.
        """
        with speaking():
            if result is None and label_map is None:
                raise InputError("There is nothing to download yet; compose first.")
            given = checked_seed(seed)
            if label_map is not None:
                result = (result or NOTHING_SAID).repainted(label_map)
            if result is None or result.canvas is None:
                raise InputError("The composition was cancelled; compose again, then download.")
            if result.image is None:
                result = self._drawn(result, given)
            return result.to_zip(), result

    def _drawn(self, result: Result, seed: int) -> Result:
        self.models.get()
        began = time.perf_counter()
        image = self._synthesize(result.canvas, seed)
        seconds = time.perf_counter() - began
        return result.timed("synthesize", seconds, image=image, picture_seed=seed)

    def open_label_map(self, path: str | None) -> Canvas:
        """A label map from an uploaded PNG file, at the size of the studio's canvas.

        One that is not square is stretched, as pictures were for training; the page says so.
        """
        with speaking():
            if path is None:
                raise InputError("No file arrived; choose a PNG file of labels.")
            file = Path(path)
            try:
                label_map = read_label_map(file)
            except InputError as error:  # the folder is the server's, not the user's
                raise InputError(str(error).replace(f"{file.parent}/", "")) from error
            canvas = Canvas(label_map, np.zeros(label_map.shape, np.int32))
            height, width = label_map.shape
            if height != width:
                gr.Info(
                    f"The label map is {width}x{height} pixels; it was stretched to the square "
                    "canvas. Crop it to a square beforehand to keep its proportions.",
                    title="Label map opened",
                )
            return canvas.resized(SIZE, SIZE)

    def drawn(self, narrative: Narrative, seed: int) -> tuple[NDArray[np.uint8], Canvas, Result]:
        """The picture, its canvas and the whole result at once, for the HTTP API."""
        *_, result = self._followed(narrative, seed)
        assert result.image is not None
        assert result.canvas is not None
        return result.image, result.canvas, result

    def aligned(self, narrative: Narrative) -> Result:
        """The result as far as its regions, for the HTTP API."""
        return next(r for r in self._followed(narrative, 0) if r.regions is not None)

    def _followed(self, narrative: Narrative, seed: int) -> Iterator[Result]:
        self.models.get()
        yield from self._stages(narrative, seed)

    def example(self, event: gr.EventData) -> Narrative:
        """The narrative of the chosen card."""
        with speaking():
            data = event._data if isinstance(event._data, dict) else {}
            return example(data.get("name"))


def checked_seed(seed: object) -> int:
    """A seed from the browser as an int; shows a message where it is none."""
    if isinstance(seed, bool) or not isinstance(seed, int | float) or seed != seed // 1:
        raise refusal(f"The seed is no whole number; expected one from 0 to {LARGEST_SEED}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise refusal(f"The seed {seed:g} cannot be used; expected 0 to {LARGEST_SEED}.")
    return int(seed)


def _same(first: Narrative, second: Narrative) -> bool:
    """Whether two narratives say and draw the same, whatever their ids are."""
    return (
        first.words == second.words
        and len(first.strokes) == len(second.strokes)
        and all(map(np.array_equal, first.strokes, second.strokes))
    )


def _summary(result: Result, until: str) -> str:
    count = len(result.regions or ())
    took = f"{count} region{'s' * (count != 1)} in {stages.duration(sum(result.seconds.values()))}."
    return took if until == "synthesize" else f"{took} Compose to draw the picture."
