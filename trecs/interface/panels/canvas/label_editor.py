"""The segmentation canvas under a brush: a label map that the user can paint.

Its value crosses the border as one string, JSON {height, width, runs: [label, count, ...]} with
the runs in rows from top to bottom; the empty string stands for no label map.
"""

import json
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas, check_label_map
from segmentation.labels import FIRST_STUFF, value_of
from trecs.interface.assets import DRAWN_ON, script
from trecs.interface.component import TextComponent
from trecs.interface.label_palette import label_palette, palette_template
from trecs.interface.texts import escaped, filled, text

PARTS = ("beneath", "legend", "moves", "stage", "scene", "moving_tools", "mover")
MAX_SIDE = 512
MAX_BYTES = 4 * 1024 * 1024

_TEMPLATE = """
<section class="le stage" aria-label="{label}">
  <div class="le-sheet">
    <canvas class="le-canvas" tabindex="0" role="application"
      aria-label="{surface}"></canvas>
    <div class="le-empty">
      <p>{canvas.empty}</p>
      <button type="button" class="le-blank tool">{canvas.blank}</button>
    </div>
    <output class="le-readout" aria-live="off"></output>
  </div>
  <div class="le-tools tools" role="toolbar" aria-label="{canvas.tools}">
    <button type="button" data-tool="move" title="{canvas.move_title}" disabled
      >{canvas.move}</button>
    <button type="button" data-tool="brush" title="{canvas.brush_title}">{canvas.brush}</button>
    <button type="button" data-tool="fill" title="{canvas.fill_title}">{canvas.fill}</button>
    <button type="button" data-tool="pick" title="{canvas.pick_title}">{canvas.pick}</button>
    <button type="button" class="le-undo" title="{canvas.undo_title}">{canvas.undo}</button>
    <button type="button" class="le-redo" title="{canvas.redo_title}">{canvas.redo}</button>
  </div>
  <div class="le-tools le-moving tools" role="toolbar" aria-label="{canvas.chosen_tools}" hidden>
    <output class="le-chosen" aria-live="polite"></output>
    <button type="button" data-act="mirror" title="{canvas.mirror_title}">{canvas.mirror}</button>
    <button type="button" data-act="forward" title="{canvas.forward_title}"
      >{canvas.forward}</button>
    <button type="button" data-act="back" title="{canvas.back_title}">{canvas.back}</button>
    <button type="button" data-act="swap" title="{canvas.swap_title}">{canvas.swap}</button>
    <button type="button" data-act="duplicate" title="{canvas.duplicate_title}"
      >{canvas.duplicate}</button>
    <button type="button" data-act="delete" title="{canvas.delete_title}">{canvas.delete}</button>
  </div>
  <div class="le-brush">
    {palette}
    <label class="le-sizes" title="{canvas.size_title}">{canvas.size}
      <input class="le-size" type="range" min="1" max="96" value="24">
      <output class="le-pixels"></output></label>
  </div>
  <label class="le-over" hidden title="{canvas.over_title}">{canvas.over}
    <input class="le-strength" type="range" min="0" max="100" value="55"></label>
  <div class="le-legend" role="group" aria-label="{canvas.legend}"></div>
</section>
"""


def _template(prefix: str, label: str) -> str:
    palette = palette_template(prefix, "{canvas.paint_with}")
    surface = escaped("canvas.surface", section=label)
    template = filled(_TEMPLATE.replace("{palette}", palette))
    return template.replace("{label}", escape(label)).replace("{surface}", surface)


class LabelEditor(TextComponent):
    """A label map with brush, fill, palette search, undo and redo."""

    DESCRIPTION = "a label map as JSON {height, width, runs: [label, count, ...]}"
    EXAMPLE = '{"height": 256, "width": 256, "runs": [156, 65536]}'

    def __init__(
        self,
        *,
        draft: str = "",
        prefix: str = "le",
        label: str = "",
        over_photo: bool = False,
        **arguments: Any,
    ) -> None:
        """`draft`: what the browser keeps it as, if it does. `prefix`: of identifiers. `label`:
        what it is called. `over_photo`: it is there only while it has a photo to paint on.
        """
        super().__init__(
            value="",
            html_template=_template(prefix, label or text("canvas.section")),
            js_on_load=script(
                *DRAWN_ON,
                "panels/canvas/label_map.js",
                "label_palette.js",
                *(f"panels/canvas/{name}.js" for name in PARTS),
                "panels/canvas/label_editor.js",
                "panels/canvas/label_hand.js",
            ),
            apply_default_css=False,
            **label_palette(),
            start_label=value_of("person"),
            first_stuff=FIRST_STUFF,
            draft=draft,
            over_photo=over_photo,
            **arguments,
        )

    def decode(self, text: str) -> NDArray[np.uint8]:
        """The label map, (H, W) uint8, in run-length JSON."""
        return decode_runs(text)

    def encode(self, value: Canvas) -> str:
        """A canvas's label map as run-length JSON."""
        return encode_runs(value.label_map)


def encode_runs(label_map: NDArray[np.uint8]) -> str:
    """The run-length JSON of a label map (H, W) uint8."""
    flat = label_map.reshape(-1)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(flat)) + 1])
    counts = np.diff([*starts, len(flat)])
    runs = np.stack([flat[starts], counts], 1).reshape(-1)
    height, width = label_map.shape
    return json.dumps({"height": height, "width": width, "runs": runs.tolist()})


def decode_runs(told: str) -> NDArray[np.uint8]:
    """The inverse of `encode_runs`; raises InputError for anything else."""
    if len(told) > MAX_BYTES:
        raise InputError(text("canvas.map_large"))
    try:
        record = json.loads(told)
        height, width = record["height"], record["width"]
        runs = np.array(record["runs"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InputError(text("canvas.map_kind")) from error
    if not all(type(side) is int and 1 <= side <= MAX_SIDE for side in (height, width)):
        raise InputError(text("canvas.map_size", most=MAX_SIDE))
    if runs.ndim != 1 or len(runs) % 2 or not np.issubdtype(runs.dtype, np.integer):
        raise InputError(text("canvas.map_runs"))
    labels, counts = runs[::2], runs[1::2]
    if counts.min(initial=1) < 1 or counts.max(initial=1) > height * width:
        raise InputError(text("canvas.map_run"))
    if counts.sum() != height * width:
        raise InputError(text("canvas.map_pixels", number=counts.sum(), expected=height * width))
    if labels.min() < 0 or labels.max() > 255:
        raise InputError(text("canvas.map_labels"))
    return check_label_map(np.repeat(labels.astype(np.uint8), counts).reshape(height, width))
