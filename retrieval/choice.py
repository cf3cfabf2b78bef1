"""The choice of a mask for every region.

The paper (section 2) retrieves five images and takes, for each label's stretch of the trace, the
mask of that label which overlaps it most. How overlap is counted, the widening and the scaling
are reconstructed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.groups import group_size, strips
from retrieval.library import SceneLibrary
from retrieval.query import Query, placed_box
from retrieval.scoring import scores
from segmentation.labels import NAMES, is_thing
from segmentation.masks import Box

RETRIEVED = 5  # scenes, as in the paper
RINGS = ("retrieved scenes", "more scenes", "whole library", "hull itself")  # ever wider
SHOWN = 8  # candidates kept for a region
EXAMINED = 5_000  # masks of a label whose shape is compared; those of the nearest aspect ratios
FITTING = 0.85  # fit from which on no further scenes are searched


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

    def to_json(self) -> dict[str, Any]:
        """Itself as JSON values."""
        return {
            "mask": self.mask,
            "scene": self.scene,
            "box": box_json(self.box),
            "score": round(self.score, 4),
            "overlap": round(self.overlap, 4),
            "context": round(self.context, 4),
        }


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

    def to_json(self, box: Box | None = None) -> dict[str, Any]:
        """What is on the canvas, and what else could be, as JSON values; `box`: where it is now."""
        first, *_ = used = self.used
        others = [candidate for candidate in self.candidates if candidate not in used]
        return {
            "label": NAMES[self.query.label],
            "widened": self.widened,
            "masks": [candidate.mask for candidate in used],
            **first.to_json(),
            **({} if box is None else {"box": box_json(box)}),
            "runners_up": [other.to_json() for other in others],
        }


def box_json(box: Box) -> list[float]:
    """A box as JSON values."""
    return [round(edge, 4) for edge in box]


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
    query_of_one = query if count == 1 else query.part(strips(query.hull, count)[count // 2])
    for masks in searched.masks:
        places = _places(library, query_of_one, masks, near)
        if len(places) > len(near):
            near = places
            candidates, fit = _ranked(library, places, searched, query_of_one)
            if fit >= FITTING:
                break
    if candidates:
        return Choice(query, candidates, count=count)
    itself = Candidate(-1, -1, query.label, 1.0, 1.0, 0.0, query.box, RINGS[-1])
    return Choice(query, (itself,))


def _count(library: SceneLibrary, query: Query) -> int:
    """How many silhouettes a query's hull takes."""
    usual = library.usual_aspect(query.label)
    if query.named == 1 or not is_thing(query.label) or usual is None:
        return 1
    return group_size(query.aspect, usual, query.named)


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
    alike = library.nearest_aspects(query.label, query.aspect, EXAMINED)
    beyond = near[(near < alike.start) | (near >= alike.stop)]
    return np.concatenate([np.arange(alike.start, alike.stop), beyond])


def _ranked(
    library: SceneLibrary,
    places: NDArray[np.int64],
    searched: _Searched,
    query: Query,
) -> tuple[tuple[Candidate, ...], float]:
    """The best of some places on the shelf, and how well the first fits, in [0, 1]."""
    masks = library.shelf[places]
    scenes = library.scene_of[masks]
    context = searched.similarity[scenes]
    found = scores(library, places, query, context)
    score = found.total
    best = np.argpartition(-score, SHOWN)[:SHOWN] if len(score) > SHOWN else np.arange(len(score))
    best = best[np.lexsort((masks[best], -score[best]))]
    candidates = tuple(
        Candidate(
            mask=int(masks[i]),
            scene=int(scenes[i]),
            label=query.label,
            score=float(score[i]),
            overlap=float(found.overlap[i]),
            context=float(context[i]),
            box=placed_box(library, int(masks[i]), query),
            widened=RINGS[searched.ring[scenes[i]]],
        )
        for i in best
    )
    return candidates, float(found.fit[best[0]])
