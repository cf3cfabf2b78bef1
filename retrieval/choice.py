"""The choice of a mask for every region, and its placement on the region's trace.

The paper (section 2) retrieves five images and takes, for each label's stretch of the trace, the
mask of that label which overlaps it most. How overlap is counted, the widening and the scaling
are reconstructed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.groups import group_size, strips
from retrieval.library import SceneLibrary
from retrieval.thumbnails import overlaps, thumbnail
from segmentation.composition import Placement
from segmentation.fitting import bend, blend
from segmentation.labels import is_thing
from segmentation.masks import Box, Mask, fill_polygon

RETRIEVED = 5  # scenes, as in the paper
RINGS = ("retrieved scenes", "more scenes", "whole library", "hull itself")  # ever wider
SHOWN = 8  # candidates kept for a region
HULL_SIDE = 192  # bitmap of a hull that serves as mask itself
EXAMINED = 5_000  # masks of a label whose shape is compared; those of the nearest aspect ratios
MAX_STRETCH = 1.6  # a thing's aspect ratio changes at most by this factor
FITTING = 0.8  # fit to the hull from which on no further scenes are searched
HULL_SHARE = 0.4  # how much of a stuff region's outline comes from the hull, the rest from the mask
WORTH = {"fit": 1.0, "aspect": 0.25, "context": 0.1, "detail": 0.15}
MASK_SHARE = 0.5  # of the fit: the mask's overlap with the hull; the rest: its own hull's
FINE_SIDE = 24  # a stored bitmap with fewer pixels a side looks coarse when enlarged


@dataclass(frozen=True, eq=False)
class Query:
    """What a mask is wanted for: a label and the hull (H, 2) float64 in fractions.

    A hull that nobody drew tells the mask's place, size and aspect ratio, but not its shape.
    `named`: how many things of the label the words speak of.
    """

    label: int
    hull: NDArray[np.float64]
    drawn: bool = True
    named: int = 1


@dataclass(frozen=True)
class Candidate:
    """A mask that could fill a region.

    `mask` and `scene` are ids in the library, -1 for the hull itself. `overlap`: IoU with the
    hull once moved and scaled to it, in [0, 1]. `context`: its scene's similarity to the
    narrative. `score` ranks the candidates. `box` is where it will be placed. `widened`: the
    narrowest of the RINGS that holds it.
    """

    mask: int
    scene: int
    label: int
    score: float
    overlap: float
    context: float
    box: Box
    widened: str = RINGS[0]


@dataclass(frozen=True, eq=False)
class Choice:
    """The candidates for a region, best first, and which of them is used.

    Of a group, `count` silhouettes stand side by side in the hull, each in a strip of it: the
    selected one, then those of `beside`, ranks in the order in which they are wanted. A
    candidate's overlap and box are those of the middle strip.
    """

    query: Query
    candidates: tuple[Candidate, ...]
    selected: int = 0
    count: int = 1
    beside: tuple[int, ...] = ()

    @property
    def used(self) -> tuple[Candidate, ...]:
        """The candidates on the canvas, `count`; some twice where there are not so many."""
        ranks = [self.selected, *(rank for rank in self.beside if rank != self.selected)]
        return tuple(self.candidates[ranks[i % len(ranks)]] for i in range(self.count))

    @property
    def widened(self) -> str:
        """The ring in which what is on the canvas was found; of a group, the widest."""
        return max((candidate.widened for candidate in self.used), key=RINGS.index)


def choose(
    library: SceneLibrary, scenes: Sequence[tuple[int, float]], queries: Sequence[Query]
) -> tuple[Choice, ...]:
    """Candidates for every query, in their order.

    `scenes`: (scene, similarity), best first; the first five are the retrieved ones. Further ones
    are searched as well where those lack the label or none of their masks fits the hull well,
    then the whole library; where that lacks the label, too, the hull itself is the mask. Two
    queries do not use the same mask where they have an alternative.
    """
    found = [scene for scene, _ in scenes]
    searched = _Searched(
        (_masks_of(library, found[:RETRIEVED]), _masks_of(library, found), None),
        np.full(library.scene_count, 2, np.int8),
        np.zeros(library.scene_count, np.float32),
    )
    searched.ring[found] = 1
    searched.ring[found[:RETRIEVED]] = 0
    searched.similarity[found] = [similar for _, similar in scenes]
    used: set[int] = set()
    choices = []
    for query in queries:
        choice = _choice(library, searched, query)
        unused = [i for i, c in enumerate(choice.candidates) if c.mask not in used]
        again = [i for i in range(len(choice.candidates)) if i not in unused]
        first, *others = unused + again
        choice = replace(choice, selected=first, beside=tuple(others) if choice.count > 1 else ())
        used.update(candidate.mask for candidate in choice.used)
        choices.append(choice)
    return tuple(choices)


def place(library: SceneLibrary, choice: Choice) -> Placement:
    """The selected candidate's mask, moved and scaled to its box; of a group, that of each thing.

    It is bent to the hull that was drawn. Stuff has no outline of its own (where it ends, and its
    holes, come from what stood before it in its scene), so that it is blended with the hull.
    """
    candidate = choice.candidates[choice.selected]
    if candidate.mask < 0:
        return Placement(candidate.label, (hull_mask(choice.query.hull),), candidate.mask)
    masks = []
    for hull, one in zip(strips(choice.query.hull, choice.count), choice.used, strict=True):
        box = placed_box(library, one.mask, replace(choice.query, hull=hull))
        mask = Mask(box, library.mask(one.mask).bitmap)
        if choice.query.drawn:
            mask = bend(mask, hull)
        if not is_thing(one.label):
            mask = blend(mask, hull, HULL_SHARE)
        masks.append(mask)
    return Placement(candidate.label, tuple(masks), candidate.mask)


def hull_mask(hull: NDArray[np.float64]) -> Mask:
    """A hull (H, 2) as a mask."""
    box = hull_box(hull)
    return Mask(box, _in_box(hull, box, HULL_SIDE))


def hull_box(hull: NDArray[np.float64]) -> Box:
    """The bounding box of a hull (H, 2), at least a hundredth of the picture wide and high."""
    left, top, right, bottom = (float(edge) for edge in (*hull.min(0), *hull.max(0)))
    wider, higher = max(0.01 - (right - left), 0.0) / 2, max(0.01 - (bottom - top), 0.0) / 2
    return (left - wider, top - higher, right + wider, bottom + higher)


@dataclass(frozen=True, eq=False)
class _Searched:
    """The masks of each ring, (N,), None for those of the whole library; and of each scene the
    narrowest ring that holds it, (scenes,), and its similarity to the narrative, (scenes,)."""

    masks: tuple[NDArray[np.int64] | None, ...]
    ring: NDArray[np.int8]
    similarity: NDArray[np.float32]


def _choice(library: SceneLibrary, searched: _Searched, query: Query) -> Choice:
    candidates: tuple[Candidate, ...] = ()
    near = np.zeros(0, np.int64)
    count = _count(library, query)
    query_of_one = replace(query, hull=strips(query.hull, count)[count // 2])
    for masks in searched.masks:
        places = _places(library, query_of_one, masks, near)
        if len(places) > len(near):
            near = places
            candidates, fit = _ranked(library, places, searched, query_of_one)
            if fit >= FITTING:
                break
    if candidates:
        return Choice(query, candidates, count=count)
    itself = Candidate(-1, -1, query.label, 1.0, 1.0, 0.0, hull_box(query.hull), RINGS[-1])
    return Choice(query, (itself,))


def _count(library: SceneLibrary, query: Query) -> int:
    """How many silhouettes a query's hull takes."""
    usual = library.usual_aspect(query.label)
    if query.named == 1 or not is_thing(query.label) or usual is None:
        return 1
    return group_size(_aspect(query), usual, query.named)


def _masks_of(library: SceneLibrary, scenes: Sequence[int]) -> NDArray[np.int64]:
    """The masks of some scenes, (N,)."""
    return np.concatenate([np.arange(0), *(library.masks_of(scene) for scene in scenes)])


def _places(
    library: SceneLibrary, query: Query, masks: NDArray[np.int64] | None, near: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where those of some masks that have the label stand on the library's shelf, (N,).

    Without masks: the places `near` that are known already, and of the whole library those
    nearest to the hull's aspect ratio.
    """
    if masks is not None:
        return library.shelf_of[masks[library.labels[masks] == query.label]].astype(np.int64)
    alike = library.nearest_aspects(query.label, _aspect(query), EXAMINED)
    beyond = near[(near < alike.start) | (near >= alike.stop)]
    return np.concatenate([np.arange(alike.start, alike.stop), beyond])


def _ranked(
    library: SceneLibrary,
    places: NDArray[np.int64],
    searched: _Searched,
    query: Query,
) -> tuple[tuple[Candidate, ...], float]:
    """The best of some places on the shelf, and how well the first fits the hull, in [0, 1].

    By overlap with the hull alone the plumpest mask of a label would always win; so that slim
    ones do, too, most of the fit is the overlap of the mask's own hull with the trace's. To a
    hull that nobody drew only the aspect ratio is fitted.
    """
    masks = library.shelf[places]
    aspect = np.exp(-np.abs(library.aspects[places] - np.float32(_aspect(query))))
    hull = thumbnail(_in_box(query.hull, hull_box(query.hull), 96))
    overlap = overlaps(library.thumbnails[places], hull)
    fit = aspect
    if query.drawn:
        fit = MASK_SHARE * overlap + (1 - MASK_SHARE) * overlaps(library.hulls[places], hull)
    height, width = library.sizes[masks].T
    detail = np.minimum(np.minimum(height, width) / np.float32(FINE_SIDE), 1)
    scenes = library.scene_of[masks]
    context = searched.similarity[scenes]
    score = (
        WORTH["fit"] * fit
        + WORTH["aspect"] * aspect
        + WORTH["context"] * context
        + WORTH["detail"] * detail
    ) / sum(WORTH.values())
    best = np.argpartition(-score, SHOWN)[:SHOWN] if len(score) > SHOWN else np.arange(len(score))
    best = best[np.lexsort((masks[best], -score[best]))]
    candidates = tuple(
        Candidate(
            mask=int(masks[i]),
            scene=int(scenes[i]),
            label=query.label,
            score=float(score[i]),
            overlap=float(overlap[i]),
            context=float(context[i]),
            box=placed_box(library, int(masks[i]), query),
            widened=RINGS[searched.ring[scenes[i]]],
        )
        for i in best
    )
    return candidates, float(fit[best[0]])


def placed_box(library: SceneLibrary, mask: int, query: Query) -> Box:
    """Where a mask goes: the hull's box, within which a thing keeps a sane aspect ratio."""
    left, top, right, bottom = hull_box(query.hull)
    if not is_thing(query.label):
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


def _aspect(query: Query) -> float:
    """log(width / height) of the hull's box."""
    left, top, right, bottom = hull_box(query.hull)
    return float(np.log((right - left) / (bottom - top)))


def _in_box(hull: NDArray[np.float64], box: Box, side: int) -> NDArray[np.bool_]:
    """The hull in the frame of its box, (side, side) bool."""
    low, high = np.array(box[:2]), np.array(box[2:])
    return fill_polygon((hull - low) / (high - low), side, side)
