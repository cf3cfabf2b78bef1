"""The HTTP API: `/compose` and `/align`, for gradio_client and whatever speaks HTTP.

`/compose` takes `colours`, see `trecs.narrative.colours`, or an object {word: colour}, by a word's
number or the word itself; they stand beside those of the narrative. So do `region_seeds`, see
`trecs.narrative.seeds`, or an object {word: seed}, where a label's name serves, too.

`moves` are of the masks that were placed, see `segmentation.moves`; with them the canvas is
composed again, and the result's `placements` and `moves` tell what there is and what was done.

Both take `bindings`, see `trecs.narrative.bindings`, or an object {stroke: word}. They replace
those of the narrative; a label replaces that of its word alone.
"""

import json
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from files.errors import InputError
from segmentation.canvas import label_png
from segmentation.moves import read_moves
from trecs.interface.component import Argument
from trecs.interface.messages import speaking
from trecs.interface.seeds import checked_seed
from trecs.interface.studio import NETWORKS, Studio
from trecs.narrative import Bindings, Narrative, loads
from trecs.narrative.colours import read_colours
from trecs.narrative.seeds import MOST_SEED, is_seed, read_seeds

NARRATIVE = {
    "type": "string",
    "description": "Localized Narratives JSON, as a text; over HTTP also as an object",
}
SEED = {"type": "integer", "description": "0 to 2147483647"}
JSON_KINDS = {
    type(None): "missing",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
}


def add_api(studio: Studio) -> None:
    """Adds the two endpoints to the page that is being built; nothing of them is visible."""
    with gr.Column(visible=False):
        narrative = Argument(None, label="narrative", schema=NARRATIVE)
        seed = Argument(0, label="seed", schema=SEED)
        bindings = gr.JSON(label="bindings")
        colours = gr.JSON(label="colours")
        region_seeds = gr.JSON(label="region_seeds")
        moves = gr.JSON(label="moves")
        image = gr.File(label="image")
        label_map = gr.File(label="label_map")
        record = gr.JSON(label="result")
        regions = gr.JSON(label="regions")

    def compose(
        narrative: Any,
        seed: int = 0,
        bindings: Any = None,
        colours: Any = None,
        region_seeds: Any = None,
        moves: Any = None,
    ) -> tuple[str, str, dict[str, Any]]:
        """Draws a narrative (Localized Narratives JSON): image, label map, everything else.

        `bindings` (optional) says which word strokes mean, both numbered from 0: {"0": 2}, or
        [{"stroke": 0, "word": 2, "label": "wood"}], where a label is that of the word. `colours`
        (optional) says what colour the things of words have: {"bus": "red", "4": "#c81e1e"}, or
        [{"word": 4, "colour": "#c81e1e"}]; null is none, whatever the words say. `region_seeds`
        (optional) draws what words name by seeds of their own: {"cow": 7, "4": 7}, or [{"word": 4,
        "seed": 7}, {"label": "tree", "seed": 2}]; null is the picture's seed. `moves` (optional)
        moves masks: [{"region": 0, "shift": [0.1, 0], "scale": [2, 2], "turn": 45}, {"region": 1,
        "label": "cow", "mirrored": true}, {"region": 2, "copy": 1, "order": 9}];
        `segmentation/moves.py` says what each means.
        """
        with speaking():
            told, given = read(narrative, bindings), checked_seed(0 if seed is None else seed)
            told = seeded(coloured(told, colours), region_seeds)
            asked = read_moves(moves)
            if asked:
                composed = studio.composed(told, given)
                result = studio.drawn(studio.moved(composed, None, asked), given)
            else:
                *_, result = studio.followed(told, given)
            assert result.canvas is not None
            return (
                served(result.picture_png(), "image.png", image),
                served(label_png(result.canvas.label_map), "label_map.png", label_map),
                result.to_json(),
            )

    def align(narrative: Any, bindings: Any = None) -> dict[str, Any]:
        """Tags the words and aligns them with the trace: labels, probabilities and regions.

        `bindings` (optional) as for /compose.
        """
        with speaking():
            stages = studio.followed(read(narrative, bindings), 0)
            record = next(result for result in stages if result.regions is not None).to_json()
            return {name: record[name] for name in ("caption", "tags", "regions")}

    button = gr.Button(visible=False)
    outputs = [image, label_map, record]
    given = [narrative, seed, bindings, colours, region_seeds, moves]
    button.click(compose, given, outputs, api_name="compose", **NETWORKS)
    button.click(align, [narrative, bindings], [regions], api_name="align", **NETWORKS)


def read(narrative: Any, bindings: Any) -> Narrative:
    """The narrative in a text, bound as a caller asks; raises InputError for what is neither."""
    told = loads(text_of(narrative))
    if bindings is None:
        return told
    if isinstance(bindings, dict) and not bindings.keys() & {"stroke", "word"}:
        bindings = [{"stroke": _number(key), "word": word} for key, word in bindings.items()]
    asked = Bindings.of(bindings, "bindings")
    return told.bound(asked.words).labelled({**told.labels, **asked.labels})


def coloured(told: Narrative, colours: Any) -> Narrative:
    """A narrative with the colours that a caller asks for, beside its own."""
    if colours is None:
        return told
    if isinstance(colours, dict) and not colours.keys() & {"word", "colour"}:
        if not all(isinstance(colour, str | None) for colour in colours.values()):
            raise InputError("'colours' is not {word: colour} with colours such as '#c81e1e'.")
        asked: dict[int | str, str | None] = {_number(k): c for k, c in colours.items()}
        return told.also_coloured(asked)
    return told.also_coloured(read_colours(colours, "colours"))


def seeded(told: Narrative, seeds: Any) -> Narrative:
    """A narrative with the seeds of regions that a caller asks for, beside its own."""
    if seeds is None:
        return told
    if isinstance(seeds, dict) and not seeds.keys() & {"word", "label", "seed"}:
        if not all(seed is None or is_seed(seed) for seed in seeds.values()):
            raise InputError(f"'region_seeds' is not {{word: seed}} with seeds to {MOST_SEED}.")
        return told.also_seeded({_number(key): seed for key, seed in seeds.items()})
    return told.also_seeded(read_seeds(seeds, "region_seeds"))


def _number(key: str) -> int | str:
    """A key of a JSON object as the number that it is, or as it stands."""
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else key


def text_of(narrative: Any) -> str:
    """A narrative's text, of one given as an object, too; raises InputError for all else."""
    if isinstance(narrative, dict):
        return json.dumps(narrative)
    if not isinstance(narrative, str):
        raise InputError(
            f"'narrative' is {JSON_KINDS[type(narrative)]}; expected Localized Narratives JSON, as "
            "an object or as a text."
        )
    return narrative


def served(content: bytes, name: str, component: gr.components.Component) -> str:
    """The path of a file that the client may fetch; Gradio deletes it with the session's."""
    return str(Path(save_bytes_to_cache(content, name, component.GRADIO_CACHE)))
