"""What a mask is wanted for, and where it goes (reconstructed)."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.families import FAMILIES
from retrieval.library import SceneLibrary
from retrieval.outlines import Outline, drawn_outline
from segmentation.labels import is_thing, value_of
from segmentation.masks import Box

MAX_STRETCH = 1.6  # a thing's aspect ratio changes at most by this factor
RINGED = 0.5  # care below which a loop round what is straight tells its box alone
STRAIGHT = frozenset(
    value_of(name)
    for family in ("building", "wall", "opening", "furniture")
    for name in FAMILIES[family]
)


@dataclass(frozen=True, eq=False)
class Query:
    """A label and where it is wanted: the hull (H, 2) float64 in fractions.

    A hull that nobody drew tells the mask's place, size and aspect ratio, but not its shape.
    `named`: how many things of the label the words speak of. `strokes`: what was drawn, each
    (P, 2 or more) float64, of which `hull` is the convex hull; without them the hull was. `whole`:
    the query of which this is a part.
    """

    label: int
    hull: NDArray[np.float64]
    drawn: bool = True
    named: int = 1
    strokes: tuple[NDArray[np.float64], ...] = ()
    whole: "Query | None" = None

    @cached_property
    def box(self) -> Box:
        """The box of the hull."""
        return hull_box(self.hull)

    @cached_property
    def aspect(self) -> float:
        """log(width / height) of the hull's box."""
        left, top, right, bottom = self.box
        return float(np.log((right - left) / (bottom - top)))

    @cached_property
    def outline(self) -> Outline:
        """The shape that was drawn, and how carefully."""
        return drawn_outline(self.hull, self.strokes or (self.hull,), self.box)

    @property
    def care(self) -> float:
        """How much the shape of the trace tells, in [0, 1]; nothing where nobody drew it."""
        if self.whole is not None:
            return self.whole.care
        return self.outline.care if self.drawn else 0.0

    @property
    def boxed(self) -> bool:
        """Whether a plain loop was drawn round what has straight edges: it tells a box."""
        return self.label in STRAIGHT and self.drawn and self.care < RINGED

    @cached_property
    def target(self) -> NDArray[np.float64]:
        """What a mask is fitted to, (H, 2): the hull, or its box."""
        left, top, right, bottom = self.box
        corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
        return np.array(corners) if self.boxed else self.hull

    @property
    def followed(self) -> float:
        """How surely the trace is the outline itself, hollows and all, in [0, 1]."""
        return self.outline.followed if self.drawn and self.whole is None else 0.0

    def part(self, hull: NDArray[np.float64]) -> "Query":
        """The same for a part of the hull, which tells no more of shapes than the whole does."""
        return replace(self, hull=hull, strokes=(), whole=self)


def hull_box(hull: NDArray[np.float64]) -> Box:
    """The bounding box of a hull (H, 2), at least a hundredth of the picture wide and high."""
    left, top, right, bottom = (float(edge) for edge in (*hull.min(0), *hull.max(0)))
    wider, higher = max(0.01 - (right - left), 0.0) / 2, max(0.01 - (bottom - top), 0.0) / 2
    return (left - wider, top - higher, right + wider, bottom + higher)


def placed_box(library: SceneLibrary, mask: int, query: Query) -> Box:
    """Where a mask goes: the hull's box, within which a thing keeps a sane aspect ratio."""
    left, top, right, bottom = query.box
    if not is_thing(query.label) or query.followed:
        return (left, top, right, bottom)
    box = library.boxes[mask]
    width, height = right - left, bottom - top
    natural = float((box[2] - box[0]) / max(box[3] - box[1], 1e-4))
    aspect = float(np.clip(width / height, natural / MAX_STRETCH, natural * MAX_STRETCH))
    # The same area, about the hull's centre and on its lower edge.
    new_width, new_height = np.sqrt(width * height * aspect), np.sqrt(width * height / aspect)
    centre = (left + right) / 2
    return (
        float(centre - new_width / 2),
        float(bottom - new_height),
        float(centre + new_width / 2),
        float(bottom),
    )
