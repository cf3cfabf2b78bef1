"""The studio's page: three sheets (trace, canvas, picture), and below them what led from one to
the next."""

from typing import TypeVar

import gradio as gr

from trecs.interface.api import add_api
from trecs.interface.models import Models
from trecs.interface.panel import QUIET, Page, Panel
from trecs.interface.panels.canvas.panel import CanvasPanel
from trecs.interface.panels.comparison.panel import Comparison
from trecs.interface.panels.masks.panel import Masks
from trecs.interface.panels.picture.panel import Picture
from trecs.interface.panels.regions.panel import Regions
from trecs.interface.panels.trace.panel import Trace
from trecs.interface.panels.words.panel import Words
from trecs.interface.rail import READY, rail
from trecs.interface.studio import NETWORKS, Decorator, Studio

P = TypeVar("P", bound=Panel)

# The rows of the page from top to bottom, and the panels that stand beside one another.
LAYOUT: dict[str, tuple[type[Panel], ...]] = {
    "sheets": (Trace, CanvasPanel, Picture),
    "said": (Words,),
    "evidence": (Regions, Masks),
    "comparison": (Comparison,),
}
QUEUE_SIZE = 20  # events that wait; whoever comes then is told to try again
MAX_UPLOAD = "16mb"
KEPT = 3600  # seconds that a session's files and result are kept

_TITLE = """
<header class="title-block">
  <h1>TReCS Studio</h1>
  <p>Say what is in the picture while you trace where it is. Every step towards the picture can be
  seen and changed.</p>
</header>
"""


def build(models: Models, gpu: Decorator = lambda function: function) -> gr.Blocks:
    """The page with its events, the HTTP API and the queue; `launch` it with `look()`.

    `gpu` decorates the functions that compute on a GPU where the host lends one.
    """
    with gr.Blocks(title="TReCS Studio", delete_cache=(KEPT, KEPT)) as blocks:
        page = lay_out(Studio(models, gpu))
        add_api(page.studio)  # first, since the page's own events yield their names
        connect(page)
    blocks.queue(max_size=QUEUE_SIZE, default_concurrency_limit=4)
    return blocks


def lay_out(studio: Studio) -> Page:
    """Places the title, the rail and the panels, within `gr.Blocks`."""
    gr.HTML(_TITLE, apply_default_css=False)
    shown = gr.HTML(rail({}, note=READY), elem_id="rail", apply_default_css=False)
    panels: list[Panel] = []
    for row, kinds in LAYOUT.items():
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

    What Cancel shows waits for the networks as they do: shown at once, the last stages, still on
    their way to the page, would come after it and say for ever that work is under way.
    """
    work = [event for panel in page.panels for event in panel.connect()]
    in_turn = {**NETWORKS, **QUIET}
    page.cancel.click(page.cancelled, page.result, page.outputs, cancels=work, **in_turn)
