"""Which run of words each point of the trace belongs to.

Spoken narratives have words and trace at the same time, so a stroke is cut where the words pass
from one run to the next. Who types cannot draw meanwhile: their strokes lie between words, before
or after the phrase that they belong to. What belongs together is then seen in where and how large
they are, too (reconstructed; the paper's annotators all spoke):

1. A stroke of which at least a quarter of the points fall into words is *spoken*: each of its
   points belongs to the run of the word nearest in time, among the runs that the stroke overlaps.
   But where at least 0.7 of the points belong to one run, all do: who lifts the hand between
   objects draws one at a time, and the tags' borders are not that sure.
2. Any other stroke is *free*: it stays whole. All free strokes together are given runs, so that
   what speaks for it, summed up (`trecs.alignment.terms`), is most: where each label is usually
   seen, the order of mention, how many things the words name, which runs would go without. Spoken
   strokes are known points on the way.
3. The best assignment is searched with a beam, stroke by stroke in order of time, for a hand that
   follows the words, for one that leads them, and for one that draws in any order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.hulls import convex_hull
from trecs.alignment.beam import Beam, Moment
from trecs.alignment.model import PLACELESS, AlignmentModel, Where
from trecs.alignment.terms import Run
from trecs.narrative import Word

SPOKEN_SHARE = 0.25  # of a stroke's points inside words, from which it counts as spoken
WHOLE_SHARE = 0.7  # of a spoken stroke's points in one run, from which all belong to it
NEAR = 0.06  # of the picture's side, between the boxes of strokes that may be of one thing
CLOSED = 0.25  # of a stroke's diagonal, between its ends, up to which it goes round something
MAX_FREE = 400  # free strokes; more are joined where the pauses between them are shortest


class Piece(NamedTuple):
    """A stroke or a stretch of one: the stroke's number, and points (P, 3)."""

    stroke: int
    points: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Item:
    """Strokes that are assigned together; `run` is known for spoken and for bound ones."""

    begin: float
    end: float
    typed: int  # how many words began before it
    strokes: tuple["Piece", ...]
    run: int | None = None

    @cached_property
    def hull(self) -> NDArray[np.float64]:
        """The convex hull of its points, (H, 2)."""
        return convex_hull(np.concatenate([points[:, :2] for _, points in self.strokes]))

    @cached_property
    def closed(self) -> bool:
        """Whether it is one stroke that ends where it began, and so goes round a thing."""
        (_, points), *others = self.strokes
        gap, sides = np.linalg.norm(points[-1, :2] - points[0, :2]), np.ptp(self.hull, axis=0)
        return not others and bool(gap < CLOSED * np.linalg.norm(sides))


class _Clock:
    """The words' times, looked up for points of the trace."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.starts = np.array([word.start for word in words])
        self.ends = np.maximum.accumulate([max(word.start, word.end) for word in words])
        middles = (self.ends[:-1] + self.starts[1:]) / 2
        self._borders = np.maximum.accumulate(middles) if len(middles) else middles

    def nearest(self, times: NDArray[np.float64]) -> NDArray[np.int64]:
        """The word nearest to each time; words that overlap share the time half and half."""
        return np.searchsorted(self._borders, times, side="right")

    def inside(self, times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether any word is being said at each time."""
        begun = np.searchsorted(self.starts, times, side="right")
        return (begun > 0) & (times <= self.ends[np.maximum(begun - 1, 0)])

    def begun(self, time: float) -> int:
        """How many words began before a time."""
        return int(np.searchsorted(self.starts, time, side="right"))


class Evidence(NamedTuple):
    """What `Beam.step` takes of one stroke."""

    where: NDArray[np.float64]
    moment: Moment
    covered: list[float]
    pause: float
    closed: bool
    known: int | None


def assign(
    words: Sequence[Word],
    runs: Sequence[Run],
    strokes: Sequence[NDArray[np.float64]],
    model: AlignmentModel = PLACELESS,
    bound: Mapping[int, int] | None = None,
) -> list[tuple[Piece, ...]]:
    """Gives every point of the trace to one run.

    `runs` cover the words in order, at least one; `strokes` are (P, 3) arrays of x, y, t. `bound`:
    the runs of strokes, by their numbers, that somebody has told. Returns each run's pieces of the
    strokes in order of time.
    """
    items, evidence = collected(words, runs, strokes, model.where, bound)
    beam = Beam(model.weights, runs)
    for one in evidence:
        beam.step(*one)
    beam.finish()
    pieces: list[list[Piece]] = [[] for _ in runs]
    for item, run in zip(items, beam.best(), strict=True):
        pieces[run] += item
    return [tuple(run_pieces) for run_pieces in pieces]


def collected(
    words: Sequence[Word],
    runs: Sequence[Run],
    strokes: Sequence[NDArray[np.float64]],
    where: Where,
    bound: Mapping[int, int] | None = None,
) -> tuple[list[tuple[Piece, ...]], list[Evidence]]:
    """The strokes, or pieces of them, that are assigned one by one, and the evidence of each.

    In order of time; arguments as of `assign`.
    """
    clock = _Clock(words)
    run_of_word = np.repeat(np.arange(len(runs)), [run.stop - run.start for run in runs])
    known: list[_Item] = []
    free: list[Piece] = []
    for number in sorted(range(len(strokes)), key=lambda i: float(strokes[i][0, 2])):
        stroke = Piece(number, strokes[number])
        times = stroke.points[:, 2]
        inside = clock.inside(times)
        if bound and number in bound:
            known.append(_item((stroke,), clock, bound[number]))
        elif inside.mean() >= SPOKEN_SHARE:
            known += _cut(stroke, run_of_word[clock.nearest(times)], inside, clock)
        else:
            free.append(stroke)
    joined = [_item(group, clock) for group in join_strokes(free, MAX_FREE)]
    items = sorted([*known, *joined], key=lambda item: item.begin)
    if not joined:  # all is known
        ratios, covered = np.zeros((len(items), len(runs))), np.zeros((len(items), len(items)))
    else:
        boxes = np.array([(*item.hull.min(0), *item.hull.max(0)) for item in items])
        ratios = where.log_ratio(boxes, [run.label for run in runs])
        covered = np.array([[_covered(a, b) for b in items[:i]] + [0.0] * (len(items) - i)
                            for i, a in enumerate(items)])  # fmt: skip
    evidence = [
        Evidence(
            ratios[i],
            Moment.of(item.typed, run_of_word),
            covered[i, :i].tolist(),
            _pause(items[i - 1], item) if i else np.inf,
            item.closed,
            item.run,
        )
        for i, item in enumerate(items)
    ]
    return [item.strokes for item in items], evidence


def join_strokes(strokes: Sequence[Piece], count: int) -> list[tuple[Piece, ...]]:
    """Strokes in order of time in at most `count` groups: the shortest pauses are bridged."""
    strokes = sorted(strokes, key=lambda stroke: float(stroke.points[0, 2]))
    pauses = np.array([b.points[0, 2] - a.points[-1, 2] for a, b in pairwise(strokes)])
    longest = np.sort(np.argsort(-pauses, kind="stable")[: count - 1]) + 1
    bounds = [0, *longest.tolist(), len(strokes)] if strokes else []
    return [tuple(strokes[low:high]) for low, high in pairwise(bounds)]


def _item(strokes: tuple[Piece, ...], clock: _Clock, run: int | None = None) -> _Item:
    begin = float(strokes[0].points[0, 2])
    end = max(float(stroke.points[-1, 2]) for stroke in strokes)
    return _Item(begin, end, clock.begun((begin + end) / 2), strokes, run)


def _cut(
    stroke: Piece,
    runs: NDArray[np.int64],
    inside: NDArray[np.bool_],
    clock: _Clock,
) -> list[_Item]:
    """Cuts a spoken stroke where its points (nearest to `runs`) pass from one run to the next."""
    overlapped = runs[inside]
    runs = np.clip(runs, overlapped.min(), overlapped.max())
    main = int(np.bincount(runs).argmax())
    if (runs == main).mean() >= WHOLE_SHARE:
        return [_item((stroke,), clock, main)]
    borders = np.flatnonzero(np.diff(runs)) + 1
    parts = zip(np.split(stroke.points, borders), np.split(runs, borders), strict=True)
    return [_item((Piece(stroke.stroke, points),), clock, int(run[0])) for points, run in parts]


def _pause(first: _Item, second: _Item) -> float:
    """Seconds between two successive strokes, infinite where they are not near."""
    low = np.maximum(first.hull.min(0), second.hull.min(0))
    high = np.minimum(first.hull.max(0), second.hull.max(0))
    return max(second.begin - first.end, 0.0) if (low - high <= NEAR).all() else np.inf


def _covered(first: _Item, second: _Item) -> float:
    """The share of the smaller of two hulls that lies in the other."""
    a, b = (item.hull.astype(np.float32) for item in (first, second))
    if (a.max(0) < b.min(0)).any() or (b.max(0) < a.min(0)).any():
        return 0.0
    common, _ = cv2.intersectConvexConvex(a, b)
    return float(common / min(cv2.contourArea(a), cv2.contourArea(b)))
