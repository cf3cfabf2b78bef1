"""The HTTP API: `/compose` and `/align`, for gradio_client and whatever speaks HTTP."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from segmentation.canvas import label_png
from trecs.interface.actions import Actions, checked_seed
from trecs.interface.messages import speaking
from trecs.interface.stages import png
from trecs.narrative import loads


def add_api(actions: Actions, model_work: dict[str, Any]) -> None:
    """Adds the two endpoints to the page that is being built; nothing of them is visible.

    `model_work`: the queue settings of events that use the networks.
    """
    with gr.Column(visible=False):
        narrative = gr.Textbox(label="narrative", render=True)
        seed = gr.Number(0, label="seed", precision=0)
        image = gr.File(label="image")
        label_map = gr.File(label="label_map")
        record = gr.JSON(label="result")
        regions = gr.JSON(label="regions")

    def compose(narrative: str, seed: int = 0) -> tuple[str, str, dict[str, Any]]:
        """Draws a narrative (Localized Narratives JSON): image, label map, everything else."""
        with speaking():
            told, given = loads(narrative or ""), checked_seed(seed)
            pixels, canvas, result = actions.drawn(told, given)
            picture, labels = png(pixels), label_png(canvas.label_map)
            return (
                served(picture, "image.png", image),
                served(labels, "label_map.png", label_map),
                result.to_json(),
            )

    def align(narrative: str) -> dict[str, Any]:
        """Tags the words and aligns them with the trace: labels, probabilities and regions."""
        with speaking():
            record = actions.aligned(loads(narrative or "")).to_json()
            return {name: record[name] for name in ("caption", "tags", "regions")}

    gr.Button(visible=False).click(
        compose,
        [narrative, seed],
        [image, label_map, record],
        api_name="compose",
        **model_work,
    )
    gr.Button(visible=False).click(align, [narrative], [regions], api_name="align", **model_work)


def served(content: bytes, name: str, component: gr.components.Component) -> str:
    """The path of a file that the client may fetch; Gradio deletes it with the session's."""
    return str(Path(save_bytes_to_cache(content, name, component.GRADIO_CACHE)))
