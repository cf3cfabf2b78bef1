"""The canvas: composed or opened from a file, its masks moved, repainted, rendered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas, read_label_map
from trecs.exchange import read_layers_in
from trecs.interface.assets import script
from trecs.interface.bodies import from_base64
from trecs.interface.messages import speaking
from trecs.interface.panel import QUIET, Panel, Updates, changed
from trecs.interface.panels.canvas.placed import Asked, PlacedEditor, Shown, turn_of
from trecs.interface.recolouring import recoloured
from trecs.interface.seeds import checked_seed
from trecs.interface.studio import NOTHING_SAID, SIZE
from trecs.interface.texts import filled, listed, text
from trecs.narrative import Narrative
from trecs.result import Result

MOST_FILES = 5  # of one drop; what is more than a panoptic PNG and its JSON is refused in words

_LAYERS = """
<div class="layers-in">
  <button type="button" class="tool" title="{layers.open_title}">{layers.open}</button>
  <input type="file" multiple hidden accept=".psd,.ora,.json,.png,.zip"
    aria-label="{layers.file}">
  <p>{layers.drop}</p>
  <p role="status"></p>
</div>
"""


class CanvasPanel(Panel):
    """The segmentation canvas under a brush, with masks that can be moved."""

    anchor = "canvas"

    def __init__(self) -> None:
        super().__init__()
        self.editor = PlacedEditor(elem_id="editor", draft="canvas")
        with gr.Row(elem_classes="acts"):
            render, opens = text("canvas.render"), text("canvas.open")
            self.render = gr.Button(render, variant="primary", scale=3, elem_id="render")
            self.upload = gr.UploadButton(
                opens, file_types=[".png"], scale=1, elem_id="open-label-map"
            )
        self.layers = gr.HTML(
            filled(_LAYERS),
            js_on_load=script("layer_files.js", "panels/canvas/layer_opener.js"),
            elem_id="layers-in",
            apply_default_css=False,
        )
        self.outputs = (self.editor,)

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("canvas.title"), text("canvas.what")

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
        opening = {"outputs": page.outputs, **QUIET}
        self.layers.layers(self.layered, page.result, **opening)
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
            if result is None:
                raise InputError(text("canvas.outdated"))
            turn = turn_of(event._data)
            try:
                asked = Asked.of(event._data)
                given, choices = checked_seed(seed), asked.choices(result)
                composed = page.studio.moved(result, choices, asked.moves, asked.painted)
                shown = {self.editor: self._shown(composed, turn)}
                yield {**page.show(composed, result), **shown}
                drawn = page.studio.drawn(composed, given)
            except Exception:
                yield {self.editor: self._shown(result, turn, done=True, failed=True)}
                raise
            shown = {self.editor: self._shown(drawn, turn, done=True)}
            note = text("canvas.moved")
            yield {**page.show(drawn, composed, until="", note=note), **shown}

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
                raise InputError(text("canvas.no_canvas"))
            painted = (result or NOTHING_SAID).repainted(label_map)
            if narrative is not None:
                painted = recoloured(painted, narrative)
            drawn = self.page.studio.drawn(painted, checked_seed(seed))
            updates = self.page.show(drawn, result, until="", note=text("canvas.rendered"))
            updates.pop(self.editor, None)  # it shows this canvas already
            return updates

    def opened(self, path: str | None) -> Canvas:
        """A label map from an uploaded PNG file, at the size of the studio's canvas.

        One that is not square is stretched, as pictures were for training; the page says so.
        """
        with speaking():
            if path is None:
                raise InputError(text("canvas.no_file"))
            file = Path(path)
            try:
                label_map = read_label_map(file)
            except InputError as error:  # the folder is the server's, not the user's
                raise InputError(str(error).replace(f"{file.parent}/", "")) from error
            canvas = Canvas(label_map, np.zeros(label_map.shape, np.int32))
            if size := _not_square(canvas):
                gr.Info(text("canvas.stretched", **size), title=text("canvas.opened"))
            return canvas.resized(SIZE, SIZE)

    def layered(self, result: Result | None, event: gr.EventData) -> Updates:
        """The canvas that layers from elsewhere show, under the words that are there."""
        with speaking():
            files = _files(event)
            canvas = read_layers_in(files)
            if size := _not_square(canvas):
                gr.Info(text("layers.stretched", **size), title=text("layers.opened_title"))
            canvas = canvas.resized(SIZE, SIZE)
            opened = (result or NOTHING_SAID).on(canvas)
            note = text("layers.opened", files=listed("layers.and", files))
            updates = self.page.show(opened, result, until="", note=note)
            return {**updates, self.editor: canvas}  # also over what was painted since


def _files(event: gr.EventData) -> dict[str, bytes]:
    """The files that the browser sent, by their names."""
    data = event._data if isinstance(event._data, dict) else {}
    given = data.get("files")
    files = {
        str(one.get("name", ""))[:100]: from_base64(one.get("content"))
        for one in (given if isinstance(given, list) else [])[:MOST_FILES]
        if isinstance(one, dict)
    }
    if not files:
        raise InputError(text("layers.no_file"))
    return files


def _not_square(canvas: Canvas) -> dict[str, int]:
    """The width and height of a canvas that has to be stretched, of which the page tells."""
    height, width = canvas.label_map.shape
    return {} if height == width else {"width": width, "height": height}
