"""The picture, its seed, and the download of everything."""

import io
import zipfile
from html import escape
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from trecs.exchange import FORMATS
from trecs.interface.api import served
from trecs.interface.assets import script
from trecs.interface.messages import speaking
from trecs.interface.panel import PRIVATE, Panel, Updates, changed, empty, html
from trecs.interface.pixels import png_uri
from trecs.interface.seeds import LARGEST_SEED, checked_seed
from trecs.interface.studio import NOTHING_SAID
from trecs.interface.texts import escaped, filled, text
from trecs.result import Result

CLICK_ZIP = "() => document.querySelector('#zip').click()"
RANDOM = f"() => Math.floor(Math.random() * {LARGEST_SEED + 1})"

_SHARE = """
<div class="share">
  <button type="button" class="tool" data-copy="picture">{picture.copy}</button>
  <button type="button" class="tool" data-copy="link"
    title="{picture.copy_link_title}">{picture.copy_link}</button>
  <details class="layer-menu">
    <summary class="tool">{picture.save}</summary>
    <div role="group" aria-label="{picture.formats}">{formats}</div>
  </details>
  <p role="status"></p>
</div>
"""


class Picture(Panel):
    """What the generator makes of the canvas."""

    anchor = "picture"

    def __init__(self) -> None:
        super().__init__()
        self.picture = html(empty(text("picture.empty"), "sheet"), "picture")
        with gr.Row(elem_classes="acts"):
            self.seed = gr.Number(0, label=text("picture.seed"), elem_id="seed")
            self.randomise = gr.Button(text("picture.randomise"), elem_id="randomise")
            self.download = gr.Button(text("picture.download"), elem_id="download")
        self.share = gr.HTML(
            share(),
            js_on_load=script(
                *("storage.js", "draft.js", "scene_link.js"),
                *("panels/picture/share.js", "panels/picture/layer_menu.js"),
            ),
            apply_default_css=False,
        )
        self.zip = gr.DownloadButton(visible="hidden", elem_id="zip")
        self.outputs = (self.picture,)

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("picture.title"), text("picture.what")

    def updates(self, result: Result, before: Result | None) -> Updates:
        """Another picture."""
        if result.image is None or not changed(result, before, "image"):
            return {}
        return {self.picture: picture(result)}

    def connect(self) -> list[Any]:
        """A die for the seed; and the zip, which the browser fetches once it is packed."""
        page = self.page
        self.randomise.click(None, None, self.seed, js=RANDOM, **PRIVATE)
        given = [page.label_map, page.result, page.seed]
        shown = {**page.shown, "outputs": [*page.outputs, self.zip]}
        self.download.click(self.packed, given, **shown).success(None, None, None, js=CLICK_ZIP)
        saved = self.share.layers(self.layered, given, **shown)
        saved.success(None, None, None, js=CLICK_ZIP)
        return []

    def packed(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> Updates:
        """The zip of the result as it is on the page, and the page with all that is in it."""
        content, whole = self.exported(label_map, result, seed)
        return self._given(content, "trecs.zip", whole, result)

    def exported(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> tuple[bytes, Result]:
        """The zip of the result as it is on the page, and that result."""
        with speaking():
            whole = self.whole(label_map, result, seed)
            return whole.to_zip(), whole

    def layered(
        self,
        label_map: NDArray[np.uint8] | None,
        result: Result | None,
        seed: float | None,
        event: gr.EventData,
    ) -> Updates:
        """The picture in layers, or its regions, in the format that was chosen."""
        with speaking():
            data = event._data if isinstance(event._data, dict) else {}
            known = FORMATS.get(str(data.get("format")))
            if known is None:
                raise InputError(text("picture.no_format", names=", ".join(FORMATS)))
            whole = self.whole(label_map, result, seed)
            files = known.write(whole.drawn(), "trecs")
            if len(files) == 1:
                ((name, content),) = files.items()
                return self._given(content, name, whole, result)
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in files.items():
                    archive.writestr(name, content)
            name = f"trecs-{data['format']}.zip"
            return self._given(packed.getvalue(), name, whole, result)

    def _given(self, content: bytes, name: str, whole: Result, before: Result | None) -> Updates:
        """A file to download, and the page with all that is in it."""
        updates = self.page.show(whole, before, until="", note=text("picture.saved", file=name))
        updates.pop(self.page.label_map, None)
        return {**updates, self.zip: served(content, name, self.zip)}

    def whole(
        self, label_map: NDArray[np.uint8] | None, result: Result | None, seed: float | None
    ) -> Result:
        """The result as it is on the page, with a picture.

        What was painted since the last picture is drawn first, so that all files belong together.
        """
        if result is None and label_map is None:
            raise InputError(text("picture.nothing"))
        given = checked_seed(seed)
        if label_map is not None:
            result = (result or NOTHING_SAID).repainted(label_map)
        if result is None or result.canvas is None:
            raise InputError(text("picture.cancelled"))
        return self.page.studio.drawn(result, given) if result.image is None else result


def share() -> str:
    """What takes the picture elsewhere, with a menu of the formats of layers."""
    formats = "".join(
        f'<button type="button" data-format="{name}">{escape(known.title)}</button>'
        for name, known in FORMATS.items()
    )
    return filled(_SHARE).replace("{formats}", formats)


def picture(result: Result) -> str:
    """The picture of a result, told to those who cannot see it by its narrative.

    Below it stand its seed, and that of its canvas where it is another one. What is saved or
    dragged from it carries what it was drawn from.
    """
    assert result.image is not None
    seeds = text("picture.seed_of", seed=result.picture_seed)
    if result.seed not in (None, result.picture_seed):
        seeds = text("picture.seeds_of", canvas=result.seed, seed=result.picture_seed)
    told = result.narrative.caption[:400] or text("picture.no_caption")
    height, width = result.image.shape[:2]
    size = escaped("picture.caption", width=width, height=height, seeds=seeds)
    return (
        f'<figure class="picture"><img src="{png_uri(result.picture_png())}" '
        f'alt="{escaped("picture.alt", caption=told)}" width="{width}" height="{height}">'
        f"<figcaption>{size}</figcaption></figure>"
    )
