"""How well masks answer a query: a few named terms and what each is worth (reconstructed).

The paper (section 2) takes the mask that overlaps the trace most. But a trace is where a thing is,
seldom its outline: by overlap alone a loop round a cat gets the cat that looks most like a loop.
So position and extent are judged apart from the shape, and the shape by how well it shows its label
the more, the less carefully its outline was drawn (`retrieval.outlines`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.library import SceneLibrary
from retrieval.query import Query
from retrieval.thumbnails import overlaps, thumbnail
from segmentation.labels import is_thing
from segmentation.masks import fill_polygon

MASK_SHARE = 0.5  # of the shape: the mask's overlap with the outline; the rest: its hull's
FINE_SIDE = 24  # a stored bitmap with fewer pixels a side looks coarse when enlarged
RINGED = {"shape": 0.8, "aspect": 0.3, "typical": 0.5, "context": 0.1, "detail": 0.15}
FOLLOWED = {"shape": 1.0, "aspect": 0.25, "typical": 0.0, "context": 0.1, "detail": 0.15}
STUFF = {"shape": 1.0, "aspect": 0.25, "typical": 0.0, "context": 0.1, "detail": 0.15}
"""What the terms are worth for things that were ringed, whose outline was followed, and for stuff,
whose shape is what stood before it. Chosen on the tuning photos of `benchmarks.placed`."""

FIT = ("shape", "aspect", "typical")  # the terms that more scenes may better


@dataclass(frozen=True, eq=False)
class Scores:
    """Of N masks, each (N,) float32 in [0, 1]: what ranks them (`total`), how well they fit
    (`fit`) and the IoU with the outline once moved and scaled to it (`overlap`)."""

    total: NDArray[np.float32]
    fit: NDArray[np.float32]
    overlap: NDArray[np.float32]


def scores(
    library: SceneLibrary,
    places: NDArray[np.int64],
    query: Query,
    context: NDArray[np.float32],
) -> Scores:
    """How well masks at some places (N,) of the library's shelf answer a query.

    `context` (N,): their scenes' similarity to the narrative.
    """
    hull = thumbnail(_hull_shape(query))
    outline = hull if query.boxed else thumbnail(query.outline.shape)
    aspect = np.exp(-np.abs(library.aspects[places] - np.float32(query.aspect)))
    overlap = overlaps(library.thumbnails[places], outline)
    shape = aspect  # a hull that nobody drew has no shape
    if query.drawn:
        shape = MASK_SHARE * overlap + (1 - MASK_SHARE) * overlaps(library.hulls[places], hull)
    height, width = library.sizes[library.shelf[places]].T
    terms = {
        "shape": shape,
        "aspect": aspect,
        "typical": library.typical[places],
        "context": context,
        "detail": np.minimum(np.minimum(height, width) / np.float32(FINE_SIDE), 1),
    }
    worth = weights(query)
    return Scores(_mean(terms, worth, tuple(terms)), _mean(terms, worth, FIT), overlap)


def weights(query: Query) -> dict[str, float]:
    """What each term is worth for a query."""
    if not is_thing(query.label):
        return STUFF
    care = query.care
    return {name: (1 - care) * RINGED[name] + care * FOLLOWED[name] for name in RINGED}


def _mean(
    terms: dict[str, NDArray[np.float32]], worth: dict[str, float], names: tuple[str, ...]
) -> NDArray[np.float32]:
    total = sum(worth[name] for name in names)
    return np.asarray(sum(np.float32(worth[name] / total) * terms[name] for name in names))


def _hull_shape(query: Query) -> NDArray[np.bool_]:
    """What is fitted to, in the frame of its box, (96, 96) bool."""
    low, high = np.array(query.box[:2]), np.array(query.box[2:])
    return fill_polygon((query.target - low) / (high - low), 96, 96)
