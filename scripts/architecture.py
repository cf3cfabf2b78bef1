"""Draws docs/architecture.svg: the rooms, what may use what, and the way of a narrative.

    python -m scripts.architecture

A room's words are the first sentence of its docstring; who may use whom is `tests.test_layers`'s.
"""

import ast
from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).parents[1]
WIDTH, GAP, HEIGHT, TOP = 1180, 14, 82, 64
INK, PAPER, WAY = "#23272f", "#fbfaf7", "#c8532b"

BANDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "what people meet",
        "#e8edf6",
        ("app.py", "trecs/cli.py", "trecs/commands", "trecs/interface", "trecs/speech"),
    ),
    ("what compares", "#e8edf6", ("trecs/evaluation", "trecs/systems")),
    (
        "figure 2",
        "#fdeee4",
        (
            "trecs/narrative",
            "trecs/pipeline.py",
            "trecs/recomposing.py",
            "trecs/painting.py",
            "trecs/result.py",
        ),
    ),
    (
        "",
        "#fdeee4",
        (
            "",
            "trecs/retrieved.py",
            "trecs/arrays.py",
            "trecs/exchange",
            "trecs/picture_record.py",
            "",
        ),
    ),
    (
        "its stages",
        "#fdeee4",
        (
            "trecs/tagging",
            "trecs/alignment",
            "trecs/prediction",
            "retrieval",
            "segmentation",
            "trecs/synthesis",
        ),
    ),
    ("how they learn", "#eaf3ea", ("trecs/scenes", "trecs/data", "trecs/learning", "trecs/trunks")),
    ("what all use", "#f1efe9", ("trecs/text", "trecs/hub.py", "trecs/installed.py", "files")),
)
"""From what uses to what is used; a band may use those below it and, rightwards, itself. Where
a place is empty the narrative's way goes through."""

STEPS = {
    "trecs/tagging": "1 tag",
    "trecs/alignment": "2 align",
    "trecs/prediction": "3 predict",
    "retrieval": "4 retrieve",
    "segmentation": "5 compose",
    "trecs/synthesis": "6 synthesize",
}


def first_sentence(place: str) -> str:
    """What a module or folder says of itself."""
    path = ROOT / place
    source = (path / "__init__.py" if path.is_dir() else path).read_text("utf-8")
    told = " ".join((ast.get_docstring(ast.parse(source)) or "").split())
    return told.split(". ")[0].rstrip(".") + "."


def drawing() -> str:
    """The picture, as SVG."""
    tall = TOP + len(BANDS) * (HEIGHT + GAP + 22) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" '
        'font-family="ui-sans-serif, system-ui, sans-serif">',
        f'<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="7" refY="4" orient="auto">'
        f'<path d="M0,0 L8,4 L0,8 Z" fill="{WAY}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{tall}" fill="{PAPER}"/>',
        _text(GAP, 28, "TReCS Studio: its rooms, and the way of a narrative", 18, "600"),
        _text(GAP, 48, "Imports point down, never up. Orange: what happens to a narrative.", 12),
    ]
    boxes: dict[str, tuple[float, float, float]] = {}
    for number, (title, colour, places) in enumerate(BANDS):
        y = TOP + number * (HEIGHT + GAP + 22)
        parts.append(_text(GAP, y + 12, title, 11, style="italic"))
        wide = (WIDTH - GAP * (len(places) + 1)) / len(places)
        for column, place in enumerate(places):
            if not place:
                continue
            x = GAP + column * (wide + GAP)
            boxes[place] = x, y + 20, wide
            parts += _box(place, x, y + 20, wide, colour)
    return "\n".join([*parts, *_way(boxes), "</svg>", ""])


def _box(place: str, x: float, y: float, wide: float, colour: str) -> list[str]:
    name = place if place.endswith(".py") else f"{place}/"
    lines = wrap(first_sentence(place), int(wide / 6.6))[:4]
    stroke = WAY if place in STEPS else "#b9b6ad"
    return [
        f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{HEIGHT}" rx="6" fill="{colour}" '
        f'stroke="{stroke}"/>',
        _text(x + 9, y + 18, name, 13, "600"),
        *(_text(x + 9, y + 35 + 13.5 * row, line, 11) for row, line in enumerate(lines)),
    ]


def _way(boxes: dict[str, tuple[float, float, float]]) -> list[str]:
    """The numbered way through the stages, in from the narrative and out to the result."""
    parts = []
    for place, step in STEPS.items():
        x, y, wide = boxes[place]
        parts.append(_text(x + wide / 2 + 10, y - 6, step, 12, "600", colour=WAY))
    places = list(STEPS)
    for before, after in pairwise(places):
        x, y, wide = boxes[before]
        parts.append(_arrow(x + wide, y + HEIGHT / 2, boxes[after][0], y + HEIGHT / 2))
    for outside, inside, into in (
        ("trecs/narrative", places[0], True),
        ("trecs/result.py", places[-1], False),
    ):
        x, y, wide = boxes[inside]
        at, above = x + wide / 2, boxes[outside][1] + HEIGHT
        parts.append(_arrow(at, above, at, y) if into else _arrow(at, y, at, above))
    return parts


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    return (
        f'<line x1="{x:.0f}" y1="{y:.0f}" x2="{to_x:.0f}" y2="{to_y:.0f}" stroke="{WAY}" '
        'stroke-width="2" marker-end="url(#tip)"/>'
    )


def _text(
    x: float,
    y: float,
    words: str,
    size: int,
    weight: str = "400",
    *,
    style: str = "normal",
    colour: str = INK,
) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'font-style="{style}" fill="{colour}">{escape(words)}</text>'
    )


if __name__ == "__main__":
    (ROOT / "docs" / "architecture.svg").write_text(drawing(), "utf-8")
