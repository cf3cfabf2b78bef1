"""What the page shows of a result: each stage as HTML.

Words come from the user and are escaped wherever they are shown; labels, numbers and pictures
are ours.
"""

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmentation.labels import NAMES, palette

if TYPE_CHECKING:
    from trecs.alignment.regions import Region
    from trecs.narrative import Narrative
    from trecs.tagging.tagger import Tags

STEPS = (
    ("tag", "Tag", "words", "every word gets a label"),
    ("align", "Align", "regions", "words meet their stretch of the trace"),
    ("retrieve", "Retrieve", "masks", "each region finds a mask"),
    ("compose", "Compose", "canvas", "masks become a segmentation canvas"),
    ("synthesize", "Synthesize", "picture", "the canvas becomes a picture"),
)
TO_COME = {
    "words": "Every word gets a label here.",
    "regions": "Words of one label, with what was drawn meanwhile.",
    "masks": "The chosen mask of each region and its runners-up.",
}
SHOWN_LABELS = 5  # most probable labels of a word
SHOWN_POINTS = 240  # of a stroke in the drawing of regions


def colour(label: int) -> str:
    """A label's palette colour for CSS."""
    red, green, blue = palette()[label].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def rail(seconds: dict[str, float | None], running: str = "", note: str = "") -> str:
    """The five stages: those done with their time, the one under way, and a note beneath.

    A stage that the user did instead, such as painting the canvas, has no time: None.
    """
    items = []
    for key, name, anchor, what in STEPS:
        state = "done" if key in seconds else "running" if key == running else "waiting"
        took = seconds.get(key)
        time = "working" if key == running else "" if took is None else duration(took)
        current = ' aria-current="step"' if key == running else ""
        items.append(
            f'<li class="{state}"{current}><a href="#{anchor}" title="{what}">'
            f"<b>{name}</b><span>{time}</span></a></li>"
        )
    return (
        f'<nav class="rail" aria-label="Stages"><ol>{"".join(items)}</ol>'
        f'<p role="status">{escape(note)}</p></nav>'
    )


def words(narrative: "Narrative", tags: "Tags", regions: Sequence["Region"] = ()) -> str:
    """The words in runs of one label, each with its probability and the next best labels."""
    region_of = {i: n for n, region in enumerate(regions) for i in range(region.start, region.stop)}
    labels = tags.labels.tolist()
    runs: list[list[int]] = []
    for i, label in enumerate(labels):
        if (
            runs
            and labels[runs[-1][0]] == label
            and region_of.get(runs[-1][-1]) == region_of.get(i)
        ):
            runs[-1].append(i)
        else:
            runs.append([i])
    parts = []
    for run in runs:
        label = labels[run[0]]
        spoken = " ".join(_word(narrative.words[i].text, tags.probabilities[i], label) for i in run)
        link = f' data-region="{region_of[run[0]]}"' if run[0] in region_of else ""
        parts.append(
            f'<span class="run" style="--label:{colour(label)}"{link}>'
            f'<span class="run-words">{spoken}</span><small>{NAMES[label]}</small></span>'
        )
    return (
        f'<div class="words">{" ".join(parts)}</div>'
        '<p class="word-detail" aria-live="polite">'
        "Point at a word, or move to it with Tab, to see what else it could have meant.</p>"
    )


def _word(text: str, probabilities: NDArray[np.float32], label: int) -> str:
    order = np.argsort(-probabilities, kind="stable")[:SHOWN_LABELS].tolist()
    others = ", ".join(f"{NAMES[i]} {probabilities[i]:.0%}" for i in order)
    return (
        f'<button type="button" class="word" data-top="{others}" '
        f'style="--sure:{probabilities[label]:.3f}">{escape(text)}</button>'
    )


def regions(narrative: "Narrative", found: Sequence["Region"]) -> str:
    """The regions: their hulls over the trace, and a list of what each is called."""
    shapes, badges, items = [], [], []
    for number, region in enumerate(found):
        shade, name = colour(region.label), NAMES[region.label]
        style = f'data-region="{number}" style="--label:{shade}"'
        guessed = " guessed" if region.predicted else ""
        if region.strokes:
            corners = _points(region.hull)
            lines = "".join(f'<polyline points="{_points(_thin(s))}"/>' for s in region.strokes)
            # Where the trace begins: middles of hulls often lie on one another.
            x, y = np.clip(region.strokes[0][0, :2], 0, 1) * 100
            shapes.append(
                f'<g class="region{guessed}" {style}><polygon points="{corners}"/>{lines}</g>'
            )
            badges.append(
                f'<g {style}><circle cx="{x:.1f}" cy="{y:.1f}" r="2.8"/>'
                f'<text x="{x:.1f}" y="{y + 1.1:.1f}">{number + 1}</text></g>'
            )
        spoken = " ".join(word.text for word in narrative.words[region.start : region.stop])
        told = f"<q>{escape(spoken)}</q>" if spoken else "<em>drawn without words</em>"
        where = "<em>trace predicted from the words</em>" if region.predicted else ""
        items.append(
            f'<li {style} tabindex="0"><i>{number + 1}</i><b>{name}</b> {told} {where}</li>'
        )
    return (
        '<div class="regions"><svg viewBox="-7 -7 114 114" role="img" '
        f'aria-label="{len(found)} regions with their hulls over the trace">'
        f'<rect class="edge" width="100" height="100"/>{"".join(shapes + badges)}</svg>'
        f"<ol>{''.join(items)}</ol></div>"
    )


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


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """A picture as a PNG that stands in the page itself."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A picture (H, W, 3 or 4) uint8 as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def empty(message: str, kind: str = "") -> str:
    """What stands where a stage has nothing to show yet."""
    return f'<p class="nothing {kind}">{escape(message)}</p>'


def duration(seconds: float) -> str:
    """A time as people read it."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _thin(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    return stroke[:: max(len(stroke) // SHOWN_POINTS, 1), :2]


def _points(points: NDArray[np.float64]) -> str:
    return " ".join(f"{x * 100:.1f},{y * 100:.1f}" for x, y in points)
