"""The regions: hulls over the trace, and what was said while each was drawn."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import NAMES
from trecs.interface.assets import script
from trecs.interface.panel import Panel, Updates, changed, empty, html
from trecs.interface.panels.regions.another import another, others
from trecs.interface.panels.regions.pots import noun_of, pot
from trecs.interface.pixels import colour
from trecs.interface.texts import escaped, text
from trecs.result import Result

if TYPE_CHECKING:
    from trecs.alignment.regions import Region
    from trecs.narrative import Narrative
    from trecs.text.said import Said

SHOWN_POINTS = 240  # of a stroke in the drawing of regions


class Regions(Panel):
    """What was drawn, stretch by stretch."""

    anchor = "regions"

    def __init__(self) -> None:
        super().__init__()
        scripts = script("links.js", "panels/regions/pots.js", "panels/regions/another.js")
        self.regions = html(empty(text("regions.empty")), "regions", scripts)
        self.outputs = (self.regions,)

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("regions.title"), text("regions.what")

    def updates(self, result: Result, before: Result | None) -> Updates:
        """Other regions, or other labels on the canvas beside theirs."""
        if result.regions is None or not changed(result, before, "regions", "canvas"):
            return {}
        said = result.tags.said if result.tags is not None else None
        reseeds = self.page.studio.trecs.reseeds
        shown = regions(result.narrative, result.regions, said, reseeds=reseeds)
        if reseeds and result.canvas is not None:
            own = {region.label for region in result.regions}
            left = [label for label in result.canvas.labels if label not in own]
            shown += others(left, result.narrative.seeds)
        return {self.regions: shown}

    def cancelled(self, result: Result) -> Updates:
        """Nothing, where the words on the page have no regions yet."""
        older = result.tags is not None and result.regions is None
        return {self.regions: empty(text("regions.empty"))} if older else {}


def regions(
    narrative: "Narrative",
    found: Sequence["Region"],
    said: "Said | None" = None,
    *,
    reseeds: bool = True,
) -> str:
    """The regions: their hulls over the trace, and a list of what each is called and its colour.

    `reseeds`: whether each can have a seed of its own.
    """
    without, predicted = escaped("regions.without_words"), escaped("regions.predicted")
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
        told = f"<q>{escape(spoken)}</q>" if spoken else f"<em>{without}</em>"
        where = f"<em>{predicted}</em>" if region.predicted else ""
        noun = noun_of(narrative, region, said) or name
        again = another(noun, region.label, region.seed, number) if reseeds else ""
        items.append(
            f'<li {style} tabindex="0"><i>{number + 1}</i><b>{name}</b> '
            f"{pot(narrative, number, region, said)} {again} {told} {where}</li>"
        )
    return (
        '<div class="regions"><svg viewBox="-7 -7 114 114" role="img" '
        f'aria-label="{escaped("regions.drawing", number=len(found))}">'
        f'<rect class="edge" width="100" height="100"/>{"".join(shapes + badges)}</svg>'
        f"<ol>{''.join(items)}</ol></div>"
    )


def _thin(stroke: NDArray[np.float64]) -> NDArray[np.float64]:
    return stroke[:: max(len(stroke) // SHOWN_POINTS, 1), :2]


def _points(points: NDArray[np.float64]) -> str:
    return " ".join(f"{x * 100:.1f},{y * 100:.1f}" for x, y in points)
