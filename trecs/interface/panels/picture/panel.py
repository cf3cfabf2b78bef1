"""The picture, its seed, and the download of everything."""

from html import escape
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from trecs.interface.api import served
from trecs.interface.messages import speaking
from trecs.interface.panel import PRIVATE, Panel, Updates, changed, empty, html
from trecs.interface.pixels import data_uri
from trecs.interface.seeds import LARGEST_SEED, checked_seed
from trecs.interface.studio import NOTHING_SAID
from trecs.result import Result

CLICK_ZIP = "() => document.querySelector('#zip').click()"
RANDOM = f"() => Math.floor(Math.random() * {LARGEST_SEED + 1})"


class Picture(Panel):
    """What the generator makes of the canvas."""

    title, what, anchor = "Picture", "what the generator makes of the canvas", "picture"

    def __init__(self) -> None:
        super().__init__()
        self.picture = html(empty("The picture appears here.", "sheet"), "picture")
        with gr.Row(elem_classes="acts"):
            self.seed = gr.Number(0, label="Seed", elem_id="seed")
            self.randomise = gr.Button("Randomise", elem_id="randomise")
            self.download = gr.Button("Download zip", elem_id="download")
        self.zip = gr.DownloadButton(visible="hidden", elem_id="zip")
        self.outputs = (self.picture,)

    def updates(self, result: Result, before: Result | None) -> Updates:
        """Another picture."""
        if result.image is None or not changed(result, before, "image"):
            return {}
        caption = result.narrative.caption
        return {self.picture: picture(result.image, caption, result.picture_seed, result.seed)}

    def connect(self) -> list[Any]:
        """A die for the seed; and the zip, which the browser fetches once it is packed."""
        page = self.page
        self.randomise.click(None, None, self.seed, js=RANDOM, **PRIVATE)
        given = [page.label_map, page.result, page.seed]
        shown = {**page.shown, "outputs": [*page.outputs, self.zip]}
        self.download.click(self.packed, given, **shown).success(None, None, None, js=CLICK_ZIP)
        return []

    def packed(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> Updates:
        """The zip of the result as it is on the page, and the page with all that is in it."""
        content, whole = self.exported(label_map, result, seed)
        updates = self.page.show(whole, result, until="", note="Downloaded.")
        updates.pop(self.page.label_map, None)
        return {**updates, self.zip: served(content, "trecs.zip", self.zip)}

    def exported(
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
                result = self.page.studio.drawn(result, given)
            return result.to_zip(), result


def picture(
    image: NDArray[np.uint8], caption: str, seed: int | None, canvas_seed: int | None = None
) -> str:
    """The picture (H, W, 3) uint8, told to those who cannot see it by its narrative.

    Below it stand its seed, and that of its canvas where it is another one.
    """
    seeds = f"seed {seed}"
    if canvas_seed not in (None, seed):
        seeds = f"canvas seed {canvas_seed}, picture seed {seed}"
    told = escape(caption[:400] or "a traced scene", quote=True)
    height, width = image.shape[:2]
    return (
        f'<figure class="picture"><img src="{data_uri(image)}" alt="Generated picture: {told}" '
        f'width="{width}" height="{height}">'
        f"<figcaption>{width}&times;{height} &middot; {seeds}</figcaption></figure>"
    )
