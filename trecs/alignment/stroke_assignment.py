"""Which run of words each point of the trace belongs to.

Spoken narratives have words and trace at the same time, so a stroke is cut where the words pass
from one run to the next. Who types cannot draw meanwhile: their strokes lie between words, before
or after the phrase they belong to, and the order of both is the best evidence. The rule
(reconstructed; the paper's annotators all spoke):

1. A stroke of which at least a quarter of the points fall into words is *spoken*: each of its
   points belongs to the run of the word nearest in time, among the runs that the stroke overlaps.
   But where at least 0.7 of the points belong to one run, all do: who lifts the hand between
   objects draws one at a time, and the tags' borders are not that sure.
2. Any other stroke is *free*: it stays whole, and all free strokes together are given runs by a
   dynamic programme over the strokes in order of time. The runs of successive strokes never go
   backwards (spoken strokes are fixed points on the way), and the sum of these costs is least:
   - the time between stroke and run: 1 - exp(-seconds / 2), nothing inside the run's span;
   - leaving a run without trace: its `weight`;
   - two strokes in the same gap between words for one run: 0.6 (1 - exp(-pause / 2)), so that
     strokes in quick succession are one object and long pauses separate objects.
3. The programme is solved for a hand that follows the words (a stroke before its run costs 0.25
   more) and for one that leads them (a stroke after it does); the cheaper of the two is taken.

So "type, draw, type, draw", "draw, type, draw, type", all typed before all drawn and all drawn
before all typed come out in order; where strokes are fewer than runs, runs of little weight go
without.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trecs.narrative import Word

SPOKEN_SHARE = 0.25  # of a stroke's points inside words, from which it counts as spoken
WHOLE_SHARE = 0.7  # of a spoken stroke's points in one run, from which all belong to it
NEAR_SECONDS = 2.0  # distances and pauses much longer than this are all alike
PAUSE_COST = 0.6
WRONG_SIDE_COST = 0.25
ELSEWHERE_COST = 1e6  # a spoken stroke's run is known; strokes of several fingers may still cross
MAX_FREE = 400  # free strokes; more are joined where the pauses between them are shortest


@dataclass(frozen=True)
class Run:
    """Words of one label in a row, words[start:stop], and the cost of leaving them undrawn."""

    label: int
    start: int
    stop: int
    weight: float


@dataclass(frozen=True, eq=False)
class _Item:
    """Strokes that are assigned together; `run` is known for spoken ones."""

    begin: float
    end: float
    gap: int  # how many words began before it
    strokes: tuple[NDArray[np.float64], ...]
    run: int | None = None


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


def assign(
    words: Sequence[Word], runs: Sequence[Run], strokes: Sequence[NDArray[np.float64]]
) -> list[tuple[NDArray[np.float64], ...]]:
    """Gives every point of the trace to one run.

    `runs` cover the words in order, at least one; `strokes` are (P, 3) arrays of x, y, t. Returns
    each run's pieces of the strokes in order of time.
    """
    clock = _Clock(words)
    run_of_word = np.repeat(np.arange(len(runs)), [run.stop - run.start for run in runs])
    fixed: list[_Item] = []
    free: list[NDArray[np.float64]] = []
    strokes = sorted(strokes, key=lambda stroke: float(stroke[0, 2]))
    times = np.concatenate([np.zeros(0), *(stroke[:, 2] for stroke in strokes)])
    inside, nearest = clock.inside(times), run_of_word[clock.nearest(times)]
    stop = 0
    for stroke in strokes:
        start, stop = stop, stop + len(stroke)
        if inside[start:stop].mean() >= SPOKEN_SHARE:
            fixed += _cut(stroke, nearest[start:stop], inside[start:stop], clock)
        else:
            free.append(stroke)
    joined = [_item(group, clock) for group in join_strokes(free, MAX_FREE)]
    items = sorted([*fixed, *joined], key=lambda item: item.begin)
    pieces: list[list[NDArray[np.float64]]] = [[] for _ in runs]
    for item, run in zip(items, _solve(items, runs, clock), strict=True):
        pieces[run if item.run is None else item.run] += item.strokes
    return [tuple(run_pieces) for run_pieces in pieces]


def join_strokes(
    strokes: Sequence[NDArray[np.float64]], count: int
) -> list[tuple[NDArray[np.float64], ...]]:
    """Strokes in order of time in at most `count` groups: the shortest pauses are bridged."""
    strokes = sorted(strokes, key=lambda stroke: float(stroke[0, 2]))
    pauses = np.array([b[0, 2] - a[-1, 2] for a, b in pairwise(strokes)])
    longest = np.sort(np.argsort(-pauses, kind="stable")[: count - 1]) + 1
    bounds = [0, *longest.tolist(), len(strokes)] if strokes else []
    return [tuple(strokes[low:high]) for low, high in pairwise(bounds)]


def _item(strokes: tuple[NDArray[np.float64], ...], clock: _Clock, run: int | None = None) -> _Item:
    begin, end = float(strokes[0][0, 2]), max(float(stroke[-1, 2]) for stroke in strokes)
    return _Item(begin, end, clock.begun((begin + end) / 2), strokes, run)


def _cut(
    stroke: NDArray[np.float64],
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
    parts = zip(np.split(stroke, borders), np.split(runs, borders), strict=True)
    return [_item((piece,), clock, int(run[0])) for piece, run in parts]


def _solve(items: Sequence[_Item], runs: Sequence[Run], clock: _Clock) -> list[int]:
    """The run of every item, by the cheaper of the two habits."""
    if all(item.run is not None for item in items):
        return [item.run for item in items if item.run is not None]
    follows = _programme(items, runs, clock, early=WRONG_SIDE_COST, late=0.0)
    leads = _programme(items, runs, clock, early=0.0, late=WRONG_SIDE_COST)
    return min(follows, leads, key=lambda solution: solution[0])[1]


def _programme(
    items: Sequence[_Item], runs: Sequence[Run], clock: _Clock, *, early: float, late: float
) -> tuple[float, list[int]]:
    """The monotone assignment of least cost, as (cost, run of each item)."""
    begins = clock.starts[[run.start for run in runs]]
    ends = clock.ends[[run.stop - 1 for run in runs]]
    weights = np.array([run.weight for run in runs])
    skipped = np.concatenate([[0.0], np.cumsum(weights)])  # runs before each one, all undrawn
    came_from = np.zeros((len(items), len(runs)), np.int32)
    total = np.zeros(0)
    for i, item in enumerate(items):
        cost = _distance(item, begins, ends, early, late)
        if item.run is not None:
            cost = np.where(np.arange(len(runs)) == item.run, 0.0, ELSEWHERE_COST)
        if i == 0:
            total = skipped[:-1] + cost
            continue
        stay = total + _pause_cost(items[i - 1], item)
        # Moving on from run a to run b leaves those between them undrawn.
        reach = np.concatenate([[np.inf], (total - skipped[1:])[:-1]])
        best = _running_argmin(reach)
        move = reach[best] + skipped[:-1]
        came_from[i] = np.where(stay <= move, np.arange(len(runs)), best - 1)
        total = np.minimum(stay, move) + cost
    total = total + skipped[-1] - skipped[1:]
    path = [int(np.argmin(total))]
    for i in range(len(items) - 1, 0, -1):
        path.append(int(came_from[i, path[-1]]))
    return float(total.min()), path[::-1]


def _distance(
    item: _Item, begins: NDArray[np.float64], ends: NDArray[np.float64], early: float, late: float
) -> NDArray[np.float64]:
    """What the time between an item and each run costs."""
    before, after = begins - item.end, item.begin - ends
    apart = np.maximum(np.maximum(before, after), 0.0)
    return 1 - np.exp(-apart / NEAR_SECONDS) + early * (before > 0) + late * (after > 0)


def _pause_cost(first: _Item, second: _Item) -> float:
    if first.gap != second.gap or first.run is not None or second.run is not None:
        return 0.0
    pause = max(second.begin - first.end, 0.0)
    return float(PAUSE_COST * (1 - np.exp(-pause / NEAR_SECONDS)))


def _running_argmin(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The index of the smallest value up to and including each place, the last of equals."""
    smallest = np.minimum.accumulate(values)
    return np.maximum.accumulate(np.where(values <= smallest, np.arange(len(values)), 0))
