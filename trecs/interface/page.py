"""The studio's page: three sheets (trace, canvas, picture), and below them what led from one to
the next."""

from collections.abc import Mapping
from typing import TypeVar

import gradio as gr

from trecs.interface.api import add_api
from trecs.interface.assets import script
from trecs.interface.keyboard import keyboard_help
from trecs.interface.limits import Limits
from trecs.interface.models import Models
from trecs.interface.panel import QUIET, Page, Panel
from trecs.interface.panels.canvas.panel import CanvasPanel
from trecs.interface.panels.comparison.panel import Comparison
from trecs.interface.panels.masks.panel import Masks
from trecs.interface.panels.photos.panel import Photos
from trecs.interface.panels.picture.panel import Picture
from trecs.interface.panels.pictures.panel import Pictures
from trecs.interface.panels.regions.panel import Regions
from trecs.interface.panels.trace.panel import Trace
from trecs.interface.panels.words.panel import Words
from trecs.interface.rail import rail
from trecs.interface.serving import own_folder, queued
from trecs.interface.studio import NETWORKS, Decorator, Studio
from trecs.interface.texts import filled, text

P = TypeVar("P", bound=Panel)

# The rows of the page from top to bottom, and the panels that stand beside one another.
LAYOUT: dict[str, tuple[type[Panel], ...]] = {
    "sheets": (Trace, CanvasPanel, Picture),
    "shelf-row": (Pictures,),
    "said": (Words,),
    "evidence": (Regions, Masks),
    "comparison": (Comparison,),
}
PHOTOS: dict[str, tuple[type[Panel], ...]] = {"photos": (Photos,)}  # where it is switched on
LIMITS = Limits()
KEPT = 3600  # seconds that a session's files and result are kept

_TITLE = """
<header class="title-block">
  <h1>{page.title}</h1>
  <p>{page.what}</p>
</header>
"""


_DRAFT = """
<section class="draft" aria-label="{page.left_here}" hidden>
  <p role="status"></p>
  <button type="button" class="tool" data-act="restore">{page.restore}</button>
  <button type="button" class="tool" data-act="discard">{page.discard}</button>
  <button type="button" class="tool" data-act="close">{page.ok}</button>
</section>
"""


def build(
    models: Models,
    gpu: Decorator = lambda function: function,
    limits: Limits = LIMITS,
    *,
    photos: bool = False,
) -> gr.Blocks:
    """The page with its events, the HTTP API and the queue; open it with `opened` and `look()`.

    `gpu` decorates the functions that compute on a GPU where the host lends one. `photos`: visitors
    may add photos to the library of whoever runs it. Raises InputError where there can be no folder
    for its files.
    """
    own_folder()
    with gr.Blocks(title=text("page.title"), delete_cache=(KEPT, KEPT)) as blocks:
        page = lay_out(Studio(models, gpu), {**LAYOUT, **PHOTOS} if photos else LAYOUT)
        add_api(page.studio)  # first, since the page's own events yield their names
        connect(page)
    for event in blocks.fns.values():
        if event.concurrency_id == NETWORKS["concurrency_id"]:
            event.concurrency_limit = limits.workers
    return queued(blocks, limits)


def lay_out(studio: Studio, rows: Mapping[str, tuple[type[Panel], ...]] = LAYOUT) -> Page:
    """Places the title, the rail and the panels in their rows, within `gr.Blocks`."""
    gr.HTML(filled(_TITLE), apply_default_css=False)
    page_scripts = script("storage.js", "draft.js", "scene_link.js", "draft_bar.js", "print.js")
    gr.HTML(filled(_DRAFT), js_on_load=page_scripts, elem_id="draft", apply_default_css=False)
    gr.HTML(
        keyboard_help(), js_on_load=script("keyboard.js"), elem_id="keys", apply_default_css=False
    )
    shown = gr.HTML(rail({}, note=text("page.ready")), elem_id="rail", apply_default_css=False)
    panels: list[Panel] = []
    for row, kinds in rows.items():
        with gr.Row(elem_id=row):
            for kind in kinds:
                with gr.Column():
                    panels.append(kind())

    def found(kind: type[P]) -> P:
        return next(panel for panel in panels if isinstance(panel, kind))

    page = Page(
        studio=studio,
        rail=shown,
        narrative=found(Trace).sheet,
        label_map=found(CanvasPanel).editor,
        seed=found(Picture).seed,
        result=gr.State(None, time_to_live=KEPT),
        cancel=found(Trace).cancel,
        panels=tuple(panels),
    )
    for panel in panels:
        panel.page = page
    return page


def connect(page: Page) -> None:
    """Connects the events of all panels; Cancel ends those that lead to a result.

    What Cancel shows waits for the networks as they do, and then for one more way from the page and
    back: the last stages of what was cancelled, still on their way to the page, would come after it
    and say for ever that work is under way, or done.
    """
    work = [event for panel in page.panels for event in panel.connect()]
    ended = page.cancel.click(lambda: None, cancels=work, **NETWORKS, **QUIET)
    ended.then(page.cancelled, page.result, page.outputs, **QUIET)
