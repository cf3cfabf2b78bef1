"""Where a chosen mask goes, and how far it gives way to the trace (reconstructed).

A thing keeps its own outline as far as the trace tells none.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.choice import Choice
from retrieval.groups import strips
from retrieval.library import SceneLibrary
from retrieval.query import Query, hull_box, placed_box
from segmentation.composition import Placement
from segmentation.fitting import MAX_BEND, Bending, bending, bent, blend
from segmentation.labels import is_thing
from segmentation.masks import Box, Mask, fill_polygon
from segmentation.moves import Moved

HULL_SIDE = 192  # bitmap of a hull that serves as mask itself
OUTLINE_SHARE = 0.8  # of a thing's outline, where it was followed in every hollow
HULL_SHARE = 0.4  # how much of a stuff region's outline comes from the hull, the rest from the mask


@dataclass(frozen=True, eq=False)
class Origin:
    """What lies in a library where a placed mask comes from.

    `mask`: its id there. `box`: where it goes, before it is bent. `moved`: what was done to it by
    hand after that, if anything.
    """

    mask: int
    box: Box
    bending: Bending | None = None
    moved: Moved | None = None

    def positions(
        self, own: Box, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where places of the canvas lie in the scene, all in fractions; `own`: the box there."""
        if self.moved is not None:
            x, y = self.moved.before(x, y)
        left, top, right, bottom = self.box
        x, y = (x - left) / max(right - left, 1e-6), (y - top) / max(bottom - top, 1e-6)
        if self.bending is not None:
            x, y = self.bending.origin(x, y)
        return own[0] + x * (own[2] - own[0]), own[1] + y * (own[3] - own[1])


def place(library: SceneLibrary, choice: Choice) -> Placement:
    """The selected candidate's mask, moved and scaled to its box; of a group, that of each thing.

    The more carefully its outline was drawn, the more it is bent to the hull, or drawn as the trace
    itself where that was followed. Stuff has no outline of its own (where it ends, and its holes,
    come from what stood before it in its scene), so that it is blended with the hull; what has
    straight edges, such as a house, with the box of a plain loop.
    """
    candidate = choice.candidates[choice.selected]
    if candidate.mask < 0:
        return Placement(candidate.label, (hull_mask(choice.query.hull),), candidate.mask)
    masks = []
    for origin, query in zip(origins(library, choice), _queries(choice), strict=True):
        mask = bent(Mask(origin.box, library.mask(origin.mask).bitmap), origin.bending)
        masks.append(_fitted(mask, query))
    return Placement(candidate.label, tuple(masks), candidate.mask)


def origins(library: SceneLibrary, choice: Choice) -> tuple[Origin, ...]:
    """Where the masks come from that `place` places, in their order; none for a hull itself."""
    if choice.candidates[choice.selected].mask < 0:
        return ()
    found = []
    for query, one in zip(_queries(choice), choice.used, strict=True):
        box, how = placed_box(library, one.mask, query), None
        if query.drawn:
            mask = Mask(box, library.mask(one.mask).bitmap)
            how = bending(mask, query.target, 1 + (MAX_BEND - 1) * query.care)
        found.append(Origin(one.mask, box, how))
    return tuple(found)


def _queries(choice: Choice) -> list[Query]:
    """The query of each of a choice's masks."""
    if choice.count == 1:
        return [choice.query]
    return [choice.query.part(hull) for hull in strips(choice.query.hull, choice.count)]


def _fitted(mask: Mask, query: Query) -> Mask:
    """The mask, already in its box and bent, as far as its outline gives way to the trace."""
    if not is_thing(query.label):
        return blend(mask, query.target, HULL_SHARE)
    if query.followed:
        return blend(mask, query.strokes[0][:, :2], OUTLINE_SHARE * query.followed)
    return mask


def hull_mask(hull: NDArray[np.float64]) -> Mask:
    """A hull (H, 2) as a mask."""
    box = hull_box(hull)
    low, high = np.array(box[:2]), np.array(box[2:])
    return Mask(box, fill_polygon((hull - low) / (high - low), HULL_SIDE, HULL_SIDE))
