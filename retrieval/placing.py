"""Where a chosen mask goes, and how far it gives way to the trace (reconstructed).

A thing keeps its own outline as far as the trace tells none.
"""

import numpy as np
from numpy.typing import NDArray

from retrieval.choice import Choice
from retrieval.groups import strips
from retrieval.library import SceneLibrary
from retrieval.query import Query, hull_box, placed_box
from segmentation.composition import Placement
from segmentation.fitting import MAX_BEND, bend, blend
from segmentation.labels import is_thing
from segmentation.masks import Mask, fill_polygon

HULL_SIDE = 192  # bitmap of a hull that serves as mask itself
OUTLINE_SHARE = 0.8  # of a thing's outline, where it was followed in every hollow
HULL_SHARE = 0.4  # how much of a stuff region's outline comes from the hull, the rest from the mask


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
    for hull, one in zip(strips(choice.query.hull, choice.count), choice.used, strict=True):
        query = choice.query if choice.count == 1 else choice.query.part(hull)
        mask = Mask(placed_box(library, one.mask, query), library.mask(one.mask).bitmap)
        masks.append(_fitted(mask, query))
    return Placement(candidate.label, tuple(masks), candidate.mask)


def _fitted(mask: Mask, query: Query) -> Mask:
    """The mask, already in its box, as far as it gives way to the trace."""
    if query.drawn:
        mask = bend(mask, query.target, 1 + (MAX_BEND - 1) * query.care)
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
