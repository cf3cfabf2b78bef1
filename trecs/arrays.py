"""What lies between a narrative and its picture, as NumPy arrays.

Arrays of one row a region are in the order of `Result.regions`. What a result has as an array
stays where it is: `tags.labels`, `tags.probabilities`, `canvas.label_map`, `canvas.instance_map`
and `image`; `arrays` gives all of them by name.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmentation.composition import visible
from trecs.narrative import Narrative
from trecs.retrieved import Retrieval

if TYPE_CHECKING:
    from segmentation.canvas import Canvas
    from segmentation.composition import Placement
    from trecs.alignment.regions import Region
    from trecs.tagging.tagger import Tags

NONE = -1


class Arrays:
    """The arrays of a result; what is not computed yet is None, as the result's own parts are."""

    narrative: Narrative
    tags: "Tags | None"
    regions: "tuple[Region, ...] | None"
    retrieval: Retrieval | None
    placements: "tuple[Placement | None, ...] | None"
    canvas: "Canvas | None"
    image: NDArray[np.uint8] | None
    composed: Any  # the Result before anything was painted

    @property
    def word_times(self) -> NDArray[np.float64]:
        """When each word began and ended, (N, 2) float64 seconds."""
        return np.array([(w.start, w.end) for w in self.narrative.words], float).reshape(-1, 2)

    @property
    def trace(self) -> NDArray[np.float64]:
        """All points that were drawn, (P, 4) float64: x, y, t and the number of their stroke.

        x and y are fractions of the picture, t is in seconds, strokes count from 0.
        """
        strokes = [
            np.column_stack([stroke, np.full(len(stroke), i)])
            for i, stroke in enumerate(self.narrative.strokes)
        ]
        return np.concatenate(strokes) if strokes else np.zeros((0, 4))

    @property
    def region_labels(self) -> NDArray[np.uint8] | None:
        """The label of each region, (R,) uint8 COCO-Stuff values."""
        return None if self.regions is None else np.array([r.label for r in self.regions], np.uint8)

    @property
    def region_words(self) -> NDArray[np.int64] | None:
        """The words of each region, (R, 2) int64: the first, and the one behind the last."""
        if self.regions is None:
            return None
        return np.array([(r.start, r.stop) for r in self.regions], np.int64).reshape(-1, 2)

    @property
    def predicted(self) -> NDArray[np.bool_] | None:
        """Whether the trace of each region was predicted, (R,) bool; else somebody drew it."""
        return None if self.regions is None else np.array([r.predicted for r in self.regions], bool)

    @property
    def hulls(self) -> tuple[NDArray[np.float64], ...] | None:
        """The convex hull of each region's trace, R of (H, 2) float64 x, y in fractions."""
        return None if self.regions is None else tuple(region.hull for region in self.regions)

    @property
    def query(self) -> NDArray[np.float32] | None:
        """The narrative's embedding, by which scenes are found, (D,) float32, not of length 1."""
        return self.retrieval.query if self.retrieval else None

    @property
    def scene_numbers(self) -> NDArray[np.int64] | None:
        """The retrieved scenes, best first, (K,) int64, as `SceneLibrary.label_map` takes them."""
        if self.retrieval is None:
            return None
        return np.array([scene.index for scene in self.retrieval.scenes], np.int64)

    @property
    def similarities(self) -> NDArray[np.float32] | None:
        """The similarity of each of these to the narrative, (K,) float32 in [-1, 1], falling."""
        if self.retrieval is None:
            return None
        return np.array([scene.similarity for scene in self.retrieval.scenes], np.float32)

    @property
    def candidates(self) -> NDArray[np.int64] | None:
        """The masks that could fill each region, best first, (R, C) int64 ids in the library.

        -1 is the hull itself, and stands where a region has fewer candidates than the most.
        """
        if self.retrieval is None:
            return None
        ids = [[c.mask for c in choice.candidates] for choice in self.retrieval.choices]
        return _rows(ids, NONE, np.int64)

    @property
    def candidate_scores(self) -> NDArray[np.float32] | None:
        """How each candidate was judged, (R, C, 3) float32: score, overlap and context.

        The score ranks; overlap is the IoU with the hull, context the similarity of the mask's
        scene. nan where a region has fewer candidates than the most.
        """
        if self.retrieval is None:
            return None
        told = [
            [(c.score, c.overlap, c.context) for c in choice.candidates]
            for choice in self.retrieval.choices
        ]
        return np.stack(
            [
                _rows([[one[i] for one in row] for row in told], np.nan, np.float32)
                for i in range(3)
            ],
            -1,
        )

    @property
    def masks(self) -> NDArray[np.bool_] | None:
        """The mask of each region as placed, (R, H, W) bool, whatever stands in front of it.

        Empty for a region that was painted over whole.
        """
        if self.placements is None or self.canvas is None:
            return None
        masks = np.zeros((len(self.placements), *self.canvas.label_map.shape), bool)
        for full, placement in zip(masks, self.placements, strict=True):
            if placement is not None:
                full[:] = placement.mask.render(*full.shape)
        return masks

    @property
    def visible(self) -> NDArray[np.bool_] | None:
        """Where each region is seen, (R, H, W) bool, on the canvas as it was composed.

        What was painted by hand afterwards is not in it.
        """
        before = self.composed or self
        if before.placements is None or before.canvas is None:
            return None
        there = [placement for placement in before.placements if placement is not None]
        seen = visible(there, before.canvas)
        return np.array(seen, bool).reshape(-1, *before.canvas.label_map.shape)

    @property
    def boxes(self) -> NDArray[np.float32] | None:
        """The box of each region's mask, (R, 4) float32: left, top, right, bottom in fractions.

        nan for a region that was painted over whole.
        """
        if self.placements is None:
            return None
        nowhere = (np.nan,) * 4
        boxes = [nowhere if p is None else p.mask.box for p in self.placements]
        return np.array(boxes, np.float32).reshape(-1, 4)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is computed, by name, for `np.savez_compressed("all.npz", **result.arrays())`.

        Beside this class's own: `labels` and `probabilities` of the words, `label_map`,
        `instance_map`, `image`. `hulls` are one array (sum of H, 2), in which a region's begins at
        its number in `hull_starts` (R + 1,) int64 and ends before the next one's.
        """
        names = (
            *("word_times", "trace", "region_labels", "region_words", "predicted", "query"),
            *("scene_numbers", "similarities", "candidates", "candidate_scores"),
            *("masks", "visible", "boxes", "image"),
        )
        found: dict[str, Any] = {name: getattr(self, name) for name in names}
        if self.tags is not None:
            found |= {"labels": self.tags.labels, "probabilities": self.tags.probabilities}
        if self.canvas is not None:
            found["label_map"] = self.canvas.label_map
            found["instance_map"] = self.canvas.instance_map
        if self.hulls is not None:
            found["hulls"] = np.concatenate([np.zeros((0, 2)), *self.hulls])
            found["hull_starts"] = np.cumsum([0, *map(len, self.hulls)])
        return {name: array for name, array in found.items() if array is not None}


def _rows(rows: list[list[Any]], missing: float, kind: type) -> NDArray[Any]:
    """Rows of different lengths as one array, (R, longest), `missing` behind the short ones."""
    table: NDArray[Any] = np.full((len(rows), max(map(len, rows), default=0)), missing, kind)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table
