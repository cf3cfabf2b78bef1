"""What words demand of the boxes of regions: sides, sizes, depths, and how two of them stand.

Reconstructed. Each demand says how far a box is from meeting it (`trecs.prediction.relations`); the
choice of boxes (`trecs.prediction.expected_boxes`) pays for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trecs.alignment.mentioned import region_of
from trecs.alignment.regions import Region
from trecs.prediction.relations import (
    HINTS,
    PLACES,
    RELATIONS,
    Box,
    Kind,
    Number,
    lacking,
    missed_amid,
    missed_between,
    missed_size,
)
from trecs.text.said import Said

PRICE = 4.0  # of a fraction of the picture by which a demand is missed; an overlap is at most 1
AT_ALL = 0.4  # ... and of missing it at all
HIDING = 0.4  # of the share of one thing that another covers, of either, if nothing relates them
MAY_HIDE = frozenset("on in with near behind front below between".split())
MISSHAPEN, FREE_STRETCH = 0.5, 0.5  # of the logarithm of a thing's aspect beyond what is free
ROW = 4  # things side by side
LEAST_AREA = 0.012  # of a thing's box that nothing calls small


@dataclass(frozen=True)
class Pair:
    """A relation of two regions by their numbers, and for "between" of three."""

    name: str
    first: int
    second: int
    third: int = -1


class Demands:
    """All that is demanded of some regions' boxes."""

    def __init__(
        self,
        regions: Sequence[Region],
        said: Said,
        usual: Sequence[float],
        aspects: Sequence[float],
    ) -> None:
        """`usual`: the area, in fractions, that each region's box would have otherwise; `aspects`:
        width by height of its label's boxes."""
        self.aspects = aspects
        self.kinds = [Kind.of(region.label) for region in regions]
        self.usual = usual
        self.places: list[frozenset[str]] = [frozenset()] * len(regions)
        self.sizes = [0] * len(regions)
        self.counts = [1] * len(regions)
        self.pairs: list[Pair] = []
        numbers = [region_of(regions, said, number) for number in range(len(said.mentions))]
        for mention, i in zip(said.mentions, numbers, strict=True):
            if i >= 0:
                self.places[i] |= mention.places
                self.sizes[i] = mention.size or self.sizes[i]
                self.counts[i] = max(mention.count, self.counts[i])
        for relation in said.relations:
            ends = [numbers[n] if n >= 0 else -1 for n in (relation.first, relation.second)]
            third = numbers[relation.third] if relation.third >= 0 else -1
            if min(ends) >= 0 and ends[0] != ends[1]:
                self.pairs.append(Pair(relation.name, ends[0], ends[1], third))
        self.related = {frozenset((p.first, p.second)) for p in self.pairs if p.name in MAY_HIDE}
        self._compare_sizes()

    def __bool__(self) -> bool:
        return bool(self.pairs) or any(self.places) or any(self.sizes)

    def cost(self, i: int, table: Box, boxes: Sequence[Box | None]) -> NDArray[np.float64] | float:
        """What each box of a table would cost as the box of region `i`, the others being given."""
        missed: list[Number] = [self._alone(i, table)]
        total = self._misshapen(i, table)
        for pair in self.pairs:
            ends = {
                n: table if n == i else boxes[n]
                for n in (pair.first, pair.second, pair.third)
                if n >= 0
            }
            if i not in ends or any(box is None for box in ends.values()):
                if i in ends and pair.name in HINTS and not self.places[i]:
                    total = total + PRICE * HINTS[pair.name](table, i == pair.first)
                continue
            first, second = ends[pair.first], ends[pair.second]
            assert first is not None
            assert second is not None
            if pair.name == "between":
                third = ends.get(pair.third)
                missed.append(
                    missed_between(first, second, third) if third else missed_amid(first, second)
                )
                continue
            rule = RELATIONS.get(pair.name)
            if rule:
                missed.append(rule(first, second, self.kinds[pair.first], self.kinds[pair.second]))
        for miss in missed:
            total = total + PRICE * miss + AT_ALL * (miss > 0.005)
        return total + self._hidden(i, table, boxes)

    def _alone(self, i: int, box: Box) -> Number:
        """How far a box is from the places and the size that its own words name."""
        kind, usual, size = self.kinds[i], self.usual[i], self.sizes[i]
        missed: Number = 0.0
        for place in self.places[i]:
            missed = missed + PLACES[place](box, kind, usual)
        if size:
            missed = missed + missed_size(box, size, usual)
        elif kind.thing and not self.places[i] & {"far", "back"}:
            missed = missed + lacking(LEAST_AREA * min(self.counts[i], 6), box.area)
        return missed

    def _misshapen(self, i: int, box: Box) -> Number:
        """What it costs that a thing's box is much wider or higher than those of its label.

        Several things stand in rows of up to ROW.
        """
        if not self.kinds[i].thing:
            return 0.0
        rows = -(-self.counts[i] // ROW)
        aspect = self.aspects[i] * self.counts[i] / rows**2
        stretch = abs(np.log(box.width) - np.log(box.height) - np.log(aspect))
        return MISSHAPEN * np.maximum(stretch - FREE_STRETCH, 0)

    def _hidden(self, i: int, table: Box, boxes: Sequence[Box | None]) -> Number:
        """What it costs that unrelated things hide one another."""
        others = [
            (other.left, other.right, other.top, other.bottom)
            for j, other in enumerate(boxes)
            if other is not None and j != i and self.kinds[j].thing
            if frozenset((i, j)) not in self.related
        ]
        if not self.kinds[i].thing or not others:
            return 0.0
        left, right, top, bottom = np.array(others).T  # (K,) each
        across = np.minimum(right, table.right[:, None]) - np.maximum(left, table.left[:, None])
        down = np.minimum(bottom, table.bottom) - np.maximum(top, table.top)
        across, down = across.clip(0), down.clip(0)  # (S, K)
        shares = down / (bottom - top) @ (across / (right - left)).T  # of the others
        return HIDING * (shares + down @ across.T / table.area)

    def _compare_sizes(self) -> None:
        """ "A big cat and a tiny bird": whoever is called larger is larger than the other."""
        sizes = [
            -2 if places & {"far"} and not size else size
            for places, size in zip(self.places, self.sizes, strict=True)
        ]
        for i, a in enumerate(sizes):
            for j, b in enumerate(sizes):
                solid = not (self.kinds[i].surface or self.kinds[j].surface)
                if a - b >= 2 and (solid or a > 0 > b):
                    self.pairs.append(Pair("larger", i, j))
