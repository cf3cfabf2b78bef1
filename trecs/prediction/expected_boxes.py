"""Boxes of the greatest expected overlap, where all that is known is each cell's chance.

Reconstructed. A layout is judged by the intersection over union of each region's visible cells
with the truth, added up over regions. Where q is the chance of every cell to belong to a region,
the overlap to expect of the visible cells A of its box is about

    sum of q over A / (|A| + (sum of q over all cells) / FILLED - sum of q over A),

where FILLED allows for the corners of a box that the mask in it will leave free.

Boxes hide one another; hidden cells count a little in |A|, so that boxes end where nothing of
them is seen. They are chosen in turn, each for its own overlap less what the regions
behind it lose, while the others stay. Every box on the grid is tried, by integral images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trecs.prediction.demands import Demands
from trecs.prediction.relations import Box

FILLED = 0.6  # of its box is covered by the mask that will be put there
HIDDEN = 0.2  # of a visible cell's cost is that of a hidden one
ROUNDS = 4  # over all regions; a fifth changes hardly anything
LEAST = 1e-6  # cells, against divisions by zero


def best_boxes(
    chances: NDArray[np.floating],
    in_front: Sequence[bool],
    known: Sequence[NDArray[np.int64] | None],
    demands: Demands | None = None,
) -> NDArray[np.int64]:
    """Chooses the boxes (N, 4) int64 of some regions: left, right, top, bottom cell borders.

    `chances` (N, G, G) in [0, 1], row by row: each cell's chance to belong to each region.
    `in_front` (N): whether a region stands in front of those that do not (things before stuff);
    among equals the smaller box is in front. `known` (N): boxes that stay as they are, or None.
    `demands`: what words say of the boxes, which counts for more than their overlap.
    """
    count, grid = len(chances), chances.shape[1]
    low, high = np.triu_indices(grid + 1, 1)  # every span of rows or columns
    spans = Spans(low, high)
    asked = _Asked(demands, spans, grid)
    alone = np.zeros((grid, grid))
    boxes = np.zeros((count, 4), np.int64)
    placed = [box is not None for box in known]
    for i, box in enumerate(known):
        if box is not None:
            boxes[i] = box
    for i, box in enumerate(known):
        if box is None:
            worth = spans.worth(chances[i], alone == 0, alone)
            boxes[i] = spans.best(worth - asked.cost(i, boxes, placed))
            placed[i] = True
    for _ in range(ROUNDS):
        before = boxes.copy()
        for i in range(count):
            if known[i] is None:
                boxes[i] = _improved(i, chances, boxes, in_front, spans, asked)
        if (boxes == before).all():
            break
    return boxes


@dataclass(frozen=True, eq=False)
class Spans:
    """Every span of cells along a side, from border `low` to border `high`, (S,) each.

    A box is a span of rows by one of columns; tables over all boxes are (S, S).
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]

    @property
    def areas(self) -> NDArray[np.int64]:
        """The cells of every box."""
        lengths = self.high - self.low
        return lengths[:, None] * lengths

    def worth(
        self,
        chance: NDArray[np.floating],
        visible: NDArray[np.bool_],
        losses: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Each box's expected overlap less the losses in it; the arguments are (G, G)."""
        common = self._sums(chance * visible)
        cells = self._sums(np.where(visible, 1.0, HIDDEN))
        return common / (cells + chance.sum() / FILLED - common + LEAST) - self._sums(losses)

    def best(self, worth: NDArray[np.float64]) -> NDArray[np.int64]:
        """The box of the greatest worth, (4,)."""
        rows, columns = np.unravel_index(int(worth.argmax()), worth.shape)
        return np.array([self.low[columns], self.high[columns], self.low[rows], self.high[rows]])

    def _sums(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        table = np.zeros((len(values) + 1, len(values) + 1))
        table[1:, 1:] = values.cumsum(0).cumsum(1)
        bands = table[self.high] - table[self.low]  # (S, G + 1)
        sums: NDArray[np.float64] = bands[:, self.high] - bands[:, self.low]
        return sums


def _improved(
    i: int,
    chances: NDArray[np.floating],
    boxes: NDArray[np.int64],
    in_front: Sequence[bool],
    spans: Spans,
    asked: "_Asked",
) -> NDArray[np.int64]:
    """The best box of region `i` while the others stay.

    Either it keeps its rank from front to back, or, with a box that is not larger, it passes the
    one before it.
    """
    areas = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
    order = sorted(range(len(boxes)), key=lambda j: (not in_front[j], areas[j]))
    worth = spans.worth(chances[i], *_others(order, i, chances, boxes))
    rank = order.index(i)
    if rank and in_front[(ahead := order[rank - 1])] == in_front[i]:
        order[rank - 1 : rank + 1] = i, ahead
        passing = spans.worth(chances[i], *_others(order, i, chances, boxes))
        worth = np.where(spans.areas <= areas[ahead], np.maximum(worth, passing), worth)
    return spans.best(worth - asked.cost(i, boxes, [True] * len(boxes)))


@dataclass(frozen=True, eq=False)
class _Asked:
    """The demands in the grid's terms."""

    demands: Demands | None
    spans: Spans
    grid: int

    def cost(
        self, i: int, boxes: NDArray[np.int64], placed: Sequence[bool]
    ) -> NDArray[np.float64] | float:
        """What each box costs as that of region `i`, (S, S), beside those that are placed."""
        if self.demands is None:
            return 0.0
        low, high = self.spans.low / self.grid, self.spans.high / self.grid
        table = Box(low, low[:, None], high, high[:, None])
        others = [
            Box(left, top, right, bottom) if there else None
            for (left, right, top, bottom), there in zip(
                (boxes / self.grid).tolist(), placed, strict=True
            )
        ]
        return self.demands.cost(i, table, others)


def _others(
    order: Sequence[int],
    i: int,
    chances: NDArray[np.floating],
    boxes: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which cells nothing hides in front of region `i`, and what is lost behind it with each.

    `order`: the regions from front to back. Both (G, G). What a region behind loses with a cell
    depends on the other cells that it loses. Taken is the mean of the first cell's part, the
    derivative q / U - (1 - q) I / U^2 of its expected overlap I / U, and of q / U, by which all
    its cells together lose just I / U.
    """
    covered = np.zeros(chances.shape[1:], bool)
    losses = np.zeros(chances.shape[1:])
    visible = ~covered
    for j in order:
        if j == i:
            visible = ~covered
            losses[:] = 0.0
            continue
        left, right, top, bottom = boxes[j]
        shown = np.zeros_like(covered)
        shown[top:bottom, left:right] = True
        shown &= ~covered
        covered |= shown
        q = chances[j]
        common = float(q[shown].sum())
        union = float(shown.sum() + q.sum() / FILLED) - common + LEAST
        losses += shown * (q / union - 0.5 * (1 - q) * common / union**2)
    return visible, losses
