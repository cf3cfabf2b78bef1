"""The canvas: composed or opened from a file, repainted, rendered."""

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas, read_label_map
from trecs.interface.messages import speaking
from trecs.interface.panel import QUIET, Panel, Updates, changed
from trecs.interface.panels.canvas.label_editor import LabelEditor
from trecs.interface.recolouring import recoloured
from trecs.interface.seeds import checked_seed
from trecs.interface.studio import NOTHING_SAID, SIZE
from trecs.narrative import Narrative
from trecs.result import Result


class CanvasPanel(Panel):
    """The segmentation canvas under a brush."""

    title, what, anchor = "Canvas", "repaint what should change", "canvas"

    def __init__(self) -> None:
        super().__init__()
        self.editor = LabelEditor(elem_id="editor", draft="canvas")
        with gr.Row(elem_classes="acts"):
            self.render = gr.Button("Render", variant="primary", scale=3, elem_id="render")
            self.upload = gr.UploadButton(
                "Open label map", file_types=[".png"], scale=1, elem_id="open-label-map"
            )
        self.outputs = (self.editor,)

    def updates(self, result: Result, before: Result | None) -> Updates:
        """Another canvas."""
        return {self.editor: result.canvas} if changed(result, before, "canvas") else {}

    def connect(self) -> list[Any]:
        """Render draws what was painted; an opened label map waits to be painted on."""
        page = self.page
        self.upload.upload(self.opened, self.upload, self.editor, **QUIET)
        given = [self.editor, page.result, page.seed, page.narrative]
        return [self.render.click(self.rendered, given, **page.shown)]

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
