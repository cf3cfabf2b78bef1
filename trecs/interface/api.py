"""The HTTP API: `/compose` and `/align`, for gradio_client and whatever speaks HTTP."""

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from segmentation.canvas import label_png
from trecs.interface.messages import speaking
from trecs.interface.pixels import png
from trecs.interface.seeds import checked_seed
from trecs.interface.studio import NETWORKS, Studio
from trecs.narrative import loads


def add_api(studio: Studio) -> None:
    """Adds the two endpoints to the page that is being built; nothing of them is visible."""
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
            *_, result = studio.followed(told, given)
            assert result.image is not None
            assert result.canvas is not None
            return (
                served(png(result.image), "image.png", image),
                served(label_png(result.canvas.label_map), "label_map.png", label_map),
                result.to_json(),
            )

    def align(narrative: str) -> dict[str, Any]:
        """Tags the words and aligns them with the trace: labels, probabilities and regions."""
        with speaking():
            stages = studio.followed(loads(narrative or ""), 0)
            record = next(result for result in stages if result.regions is not None).to_json()
            return {name: record[name] for name in ("caption", "tags", "regions")}

    button = gr.Button(visible=False)
    outputs = [image, label_map, record]
    button.click(compose, [narrative, seed], outputs, api_name="compose", **NETWORKS)
    button.click(align, [narrative], [regions], api_name="align", **NETWORKS)


def served(content: bytes, name: str, component: gr.components.Component) -> str:
    """The path of a file that the client may fetch; Gradio deletes it with the session's."""
    return str(Path(save_bytes_to_cache(content, name, component.GRADIO_CACHE)))
