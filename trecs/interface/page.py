"""The studio's page: three sheets (trace, canvas, picture), and below them what led from one to
the next."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from trecs.interface import stages
from trecs.interface.actions import LARGEST_SEED, READY, Actions, Decorator
from trecs.interface.api import add_api, served
from trecs.interface.assets import script
from trecs.interface.comparison import offer, to_come
from trecs.interface.examples import examples
from trecs.interface.models import Models
from trecs.interface.panel import Panels
from trecs.interface.panels.canvas.label_editor import LabelEditor
from trecs.interface.panels.trace.trace_canvas import TraceCanvas

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
    with gr.Blocks(title="TReCS Studio", delete_cache=(KEPT, KEPT)) as page:
        gr.HTML(_TITLE, apply_default_css=False)
        rail = gr.HTML(stages.rail({}, note=READY), elem_id="rail", apply_default_css=False)
        with gr.Row(elem_id="sheets"):
            with gr.Column():
                _heading("Trace", "loop over each thing as you name it")
                trace = TraceCanvas(examples(), elem_id="trace")
                with gr.Row(elem_classes="acts"):
                    compose = gr.Button("Compose", variant="primary", scale=3, elem_id="compose")
                    cancel = gr.Button("Cancel", scale=1, elem_id="cancel")
            with gr.Column():
                _heading("Canvas", "repaint what should change", "canvas")
                editor = LabelEditor(elem_id="editor")
                with gr.Row(elem_classes="acts"):
                    render = gr.Button("Render", variant="primary", scale=3, elem_id="render")
                    upload = gr.UploadButton(
                        "Open label map", file_types=[".png"], scale=1, elem_id="open-label-map"
                    )
            with gr.Column():
                _heading("Picture", "what the generator makes of the canvas", "picture")
                picture = gr.HTML(
                    stages.empty("The picture appears here.", "sheet"),
                    elem_classes="stage",
                    elem_id="picture-panel",
                    apply_default_css=False,
                )
                with gr.Row(elem_classes="acts"):
                    seed = gr.Number(0, label="Seed", elem_id="seed")
                    randomise = gr.Button("Randomise", elem_id="randomise")
                    download = gr.Button("Download zip", elem_id="download")
        _heading("Words", "each with its label and how sure that is", "words")
        words = _stage("words")
        with gr.Row(elem_id="evidence"):
            with gr.Column():
                _heading("Regions", "what was drawn while it was said", "regions")
                found = _stage("regions")
            with gr.Column():
                _heading("Masks", "click a runner-up to swap it in", "masks")
                masks = _stage("masks")
        with gr.Column(elem_id="comparison"):
            _heading("Side by side", "the same words and seed, with and without a trace")
            compare = gr.Button(offer(), elem_id="compare")
            compared = gr.HTML(
                stages.empty(to_come()),
                js_on_load=script("comparison.js"),
                elem_classes="stage",
                apply_default_css=False,
            )
        panels = Panels(
            rail, words, found, masks, editor, picture, gr.State(None, time_to_live=KEPT)
        )
        actions = Actions(models, panels, gpu)
        file = gr.DownloadButton(visible="hidden", elem_id="zip")
        add_api(actions, _MODEL_WORK)  # first, since the page's own events yield their names
        _connect(actions, trace, seed, compose, cancel, render, upload, randomise, download, file)
        compare.click(
            actions.compare, [panels.result, seed], compared, show_progress="minimal",
            **_MODEL_WORK, **_PRIVATE,
        )  # fmt: skip
    page.queue(max_size=QUEUE_SIZE, default_concurrency_limit=4)
    return page


_MODEL_WORK: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "models"}
_PRIVATE: dict[str, Any] = {"api_visibility": "private"}


def _connect(
    actions: Actions,
    trace: TraceCanvas,
    seed: gr.Number,
    compose: gr.Button,
    cancel: gr.Button,
    render: gr.Button,
    upload: gr.UploadButton,
    randomise: gr.Button,
    download: gr.Button,
    file: gr.DownloadButton,
) -> None:
    """Which action follows which event."""
    panels = actions.panels
    shown: dict[str, Any] = {
        "outputs": panels.all,
        "show_progress": "minimal",
        "show_progress_on": panels.rail,
        **_MODEL_WORK,
        **_PRIVATE,
    }
    work = [
        gr.on([compose.click, trace.submit], actions.compose, [trace, seed], **shown),
        trace.live(actions.live, [trace, panels.result, seed], trigger_mode="always_last", **shown),
        panels.masks.swap(actions.swap, [panels.result, seed], **shown),
        render.click(actions.render, [panels.editor, panels.result, seed], **shown),
    ]
    cancel.click(
        panels.cancelled,
        panels.result,
        [panels.rail, panels.regions, panels.masks],
        cancels=work,
        show_progress="hidden",
        queue=False,
        **_PRIVATE,
    )
    trace.example(actions.example, None, trace, queue=False, show_progress="hidden", **_PRIVATE)
    upload.upload(actions.open_label_map, upload, panels.editor, show_progress="hidden", **_PRIVATE)
    randomise.click(
        None, None, seed, js=f"() => Math.floor(Math.random() * {LARGEST_SEED + 1})", **_PRIVATE
    )

    def export(label_map: Any, result: Any, given: Any) -> Iterator[dict[Any, Any]]:
        content, whole = actions.download(label_map, result, given)
        library = actions.models.get().library
        updates = panels.show(whole, result, library, until="", note="Downloaded.")
        updates.pop(panels.editor, None)
        yield {**updates, file: served(content, "trecs.zip", file)}

    download.click(
        export,
        [panels.editor, panels.result, seed],
        **{**shown, "outputs": [*panels.all, file]},
    ).success(None, None, None, js="() => document.querySelector('#zip').click()")


_SCRIPTS = {"words": ("panels/words/word_detail.js",), "masks": ("panels/masks/swap.js",)}


def _heading(title: str, what: str, anchor: str = "") -> None:
    identity = f' id="{anchor}"' if anchor else ""
    gr.HTML(
        f'<div class="heading"{identity}><h2>{title}</h2><p>{what}</p></div>',
        apply_default_css=False,
    )


def _stage(name: str) -> gr.HTML:
    return gr.HTML(
        stages.empty(stages.TO_COME[name]),
        js_on_load=script("links.js", *_SCRIPTS.get(name, ())),
        elem_classes="stage",
        elem_id=f"{name}-panel",
        apply_default_css=False,
    )
