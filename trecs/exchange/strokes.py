"""The trace of a narrative as others can see it: an SVG, and a picture for a layer."""

import colorsys
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from files.errors import InputError
from trecs.exchange.drawn import Drawn
from trecs.narrative import Narrative

SIDE = 1000  # of the picture in an SVG's units
AROUND = 100  # of what is seen around it: a trace may leave the picture by a tenth
SHARPER = 4  # times the size at which a layer is drawn before it is scaled down


def svg(drawn: Drawn) -> bytes:
    """The strokes as polylines in an SVG, (1000, 1000) units for the picture.

    Each has its number, its points' times in seconds (`data-times`), and the words that it is bound
    to or that were said meanwhile, as text and with their times (`data-words`:
    "word start end; ..."). Colours go with the time, from blue to red. Raises InputError where
    nothing was drawn.
    """
    narrative = drawn.narrative
    if not narrative.strokes:
        raise InputError("Nothing was traced, so that there is no trace to save; draw, then save.")
    edge, all_of = -AROUND, SIDE + 2 * AROUND
    root = ElementTree.Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"{edge} {edge} {all_of} {all_of}"},
    )
    ElementTree.SubElement(root, "title").text = _clean(narrative.caption or "a trace")
    frame = {"width": str(SIDE), "height": str(SIDE), "fill": "none", "stroke": "#888888"}
    ElementTree.SubElement(root, "rect", frame)
    for number, stroke in enumerate(narrative.strokes):
        told = words_of(narrative, number)
        spoken = [narrative.words[word] for word in told]
        group = ElementTree.SubElement(root, "g", {"id": f"stroke-{number + 1}"})
        text = _clean(" ".join(word.text for word in spoken))
        ElementTree.SubElement(group, "title").text = text or f"stroke {number + 1}"
        line = {
            "points": " ".join(f"{SIDE * x:.1f},{SIDE * y:.1f}" for x, y, _ in stroke),
            "data-times": " ".join(f"{t:.3f}" for *_, t in stroke),
            "data-words": _clean("; ".join(f"{w.text} {w.start:g} {w.end:g}" for w in spoken)),
            "fill": "none",
            "stroke": "#{:02x}{:02x}{:02x}".format(*_colour(narrative, number)),
            "stroke-width": "6",
            "stroke-linecap": "round",
            "stroke-linejoin": "round",
        }
        ElementTree.SubElement(group, "polyline", line)
        if text:
            x, y = SIDE * stroke[0, :2]
            place = {"x": f"{x:.1f}", "y": f"{y - 12:.1f}", "font-size": "28"}
            ElementTree.SubElement(
                group, "text", {**place, "font-family": "sans-serif"}
            ).text = text
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)


def words_of(narrative: Narrative, stroke: int) -> list[int]:
    """The words of a stroke: the one that it is bound to, else those said while it was drawn."""
    if stroke in narrative.bindings:
        return [narrative.bindings[stroke]]
    begun, ended = narrative.strokes[stroke][[0, -1], 2]
    return [
        i for i, word in enumerate(narrative.words) if word.start <= ended and word.end >= begun
    ]


def trace_picture(narrative: Narrative, height: int, width: int) -> NDArray[np.uint8]:
    """The strokes on a transparent picture, (height, width, 4) uint8 RGBA."""
    large = Image.new("RGBA", (width * SHARPER, height * SHARPER))
    pen = ImageDraw.Draw(large)
    thick = max(round(0.008 * max(height, width) * SHARPER), 1)
    for number, stroke in enumerate(narrative.strokes):
        ink = (*_colour(narrative, number), 255)
        points = [tuple(point) for point in (stroke[:, :2] * large.size).tolist()]
        if len(points) > 1:
            pen.line(points, ink, thick, "curve")
        x, y = points[0]
        pen.ellipse((x - thick, y - thick, x + thick, y + thick), ink)
    return np.asarray(large.resize((width, height), Image.Resampling.BOX), np.uint8)


def _colour(narrative: Narrative, stroke: int) -> tuple[int, int, int]:
    """By the time at which a stroke began: blue first, red last."""
    starts = [float(points[0, 2]) for points in narrative.strokes]
    share = (starts[stroke] - min(starts)) / max(max(starts) - min(starts), 1e-9)
    red, green, blue = colorsys.hsv_to_rgb((1 - share) * 0.62, 0.85, 0.85)
    return round(255 * red), round(255 * green), round(255 * blue)


def _clean(text: str) -> str:
    """A text without what XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable())
