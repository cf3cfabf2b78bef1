"""The canvas: composed or opened from a file, its masks moved, repainted, rendered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas, read_label_map
from trecs.interface.messages import speaking
from trecs.interface.panel import QUIET, Panel, Updates, changed
from trecs.interface.panels.canvas.placed import OUTDATED, Asked, PlacedEditor, Shown
from trecs.interface.recolouring import recoloured
from trecs.interface.seeds import checked_seed
from trecs.interface.studio import NOTHING_SAID, SIZE
from trecs.narrative import Narrative
from trecs.result import Result


class CanvasPanel(Panel):
    """The segmentation canvas under a brush, with masks that can be moved."""

    title, what, anchor = "Canvas", "move or repaint what should change", "canvas"

    def __init__(self) -> None:
        super().__init__()
        self.editor = PlacedEditor(elem_id="editor", draft="canvas")
        with gr.Row(elem_classes="acts"):
            self.render = gr.Button("Render", variant="primary", scale=3, elem_id="render")
            self.upload = gr.UploadButton(
                "Open label map", file_types=[".png"], scale=1, elem_id="open-label-map"
            )
        self.outputs = (self.editor,)

    def updates(self, result: Result, before: Result | None) -> Updates:
        """Another canvas, with the masks that lie on it."""
        return {self.editor: self._shown(result)} if changed(result, before, "canvas") else {}

    def _shown(self, result: Result, turn: int | None = None, **answer: bool) -> Shown:
        composed = result.composed or result
        if result.retrieval is None or composed.placements is None:
            return Shown(result, (), turn, **answer)
        as_placed = composed.whole
        if composed.moves:
            as_placed = self.page.studio.trecs.place(result.retrieval)
        return Shown(result, as_placed, turn, **answer)

    def connect(self) -> list[Any]:
        """Render draws what was painted, and a moved mask what became of the canvas; an opened
        label map waits to be painted on."""
        page = self.page
        self.upload.upload(self.opened, self.upload, self.editor, **QUIET)
        given = [self.editor, page.result, page.seed, page.narrative]
        often = {"trigger_mode": "multiple", **page.shown}
        return [
            self.render.click(self.rendered, given, **page.shown),
            self.editor.moves(self.moved, [page.result, page.seed], **often),
        ]

    def moved(
        self, result: Result | None, seed: float | None, event: gr.EventData
    ) -> Iterator[Updates]:
        """The canvas after masks were moved, below what was painted, and its picture.

        Where that cannot be, the browser is told what the canvas still is.
        """
        page = self.page
        with speaking():
            asked = Asked.of(event._data)
            if result is None:
                raise InputError(OUTDATED)
            try:
                given, choices = checked_seed(seed), asked.choices(result)
                composed = page.studio.moved(result, choices, asked.moves, asked.painted)
                shown = {self.editor: self._shown(composed, asked.turn)}
                yield {**page.show(composed, result), **shown}
                drawn = page.studio.drawn(composed, given)
            except Exception:
                yield {self.editor: self._shown(result, asked.turn, done=True, failed=True)}
                raise
            shown = {self.editor: self._shown(drawn, asked.turn, done=True)}
            yield {**page.show(drawn, composed, until="", note="Moved on the canvas."), **shown}

    def rendered(
        self,
        label_map: NDArray[np.uint8] | None,
        result: Result | None,
        seed: float | None,
        narrative: Narrative | None = None,
    ) -> Updates:
        """The picture of the canvas as it was painted, in the colours chosen by now."""
        with speaking():
            if label_map is None:
                raise InputError("There is no canvas to render yet; compose, or paint a blank one.")
            painted = (result or NOTHING_SAID).repainted(label_map)
            if narrative is not None:
                painted = recoloured(painted, narrative)
            drawn = self.page.studio.drawn(painted, checked_seed(seed))
            updates = self.page.show(drawn, result, until="", note="Rendered the canvas.")
            updates.pop(self.editor, None)  # it shows this canvas already
            return updates

    def opened(self, path: str | None) -> Canvas:
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
