"""The search for the most probable assignment of strokes to runs: a beam over hypotheses."""

from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trecs.alignment.terms import Hand, Run, Weights

KEPT = 64  # hypotheses after each stroke
MOSTLY = 0.5  # of the smaller of two strokes lies in the other: one is on top of the other
LONG_PAUSE = 2.0  # seconds
FURTHEST = 3  # runs in a row that still count

TERM = {field.name: number for number, field in enumerate(fields(Weights))}
"""The places of terms in arrays of them."""


class Moment(NamedTuple):
    """When a stroke was drawn: the run of the word begun last before it, and of the next word.

    `last` is None before all words, `next` after them.
    """

    last: int | None
    next: int | None

    @staticmethod
    def of(typed: int, run_of_word: NDArray[np.int64]) -> "Moment":
        """The moment at which so many words had begun; `run_of_word` (N,)."""
        last = int(run_of_word[typed - 1]) if typed else None
        return Moment(last, int(run_of_word[typed]) if typed < len(run_of_word) else None)


class Beam:
    """Hypotheses of which run each stroke so far means, and under which hand.

    Each has a row in `hand` (H,), `runs` (H, strokes), and in `terms` (H, T) the sums of what
    speaks for it, whose weighted sum is its score. `kept`: how many are followed up, None for all.
    """

    def __init__(self, weights: Weights, runs: Sequence[Run], kept: int | None = KEPT) -> None:
        self._weights, self._kept = weights.vector(), kept
        hands, count = len(Hand), len(runs)
        self._thing = np.array([run.thing for run in runs])
        self._named = np.array([run.count for run in runs])
        content = np.array([run.content for run in runs])
        self._content_before = np.concatenate([[0], np.cumsum(content)])  # (R + 1,)
        self._undrawn = np.zeros((count, len(TERM)))
        self._undrawn[np.arange(count), [TERM[run.undrawn] for run in runs]] = 1
        self._wanted = np.array([run.content and run.thing and not run.repeats for run in runs])
        self.hand = np.arange(hands)
        self.runs = np.zeros((hands, 0), np.int64)
        self.terms = np.zeros((hands, len(TERM)))
        self.terms[Hand.LEADS, TERM["leads"]] = self.terms[Hand.FREE, TERM["free"]] = 1
        self._drawn = np.zeros((hands, count), np.int64)  # how often each run was
        self._latest = np.zeros((hands, count), np.int64)  # the last stroke that was each run's
        self._closed: list[bool] = []  # of each stroke
        self._beside = np.zeros(hands, np.int64)  # loops for one thing that had a loop elsewhere

    def step(
        self,
        where: NDArray[np.float64],
        moment: Moment,
        covered: Sequence[float],
        pause: float,
        closed: bool,
        known: int | None = None,
    ) -> None:
        """Goes on by a stroke.

        `where` (R,): what its place says of each run. `covered`: of each stroke before it, the
        share of the smaller of the two that lies in the other. `pause`: seconds since the stroke
        before, infinite where that one is not near. `closed`: whether it goes round something.
        `known`: its run, where it is told.
        """
        terms = np.zeros((*self._drawn.shape, len(TERM)))  # (H, R, T)
        each = np.arange(len(where))
        if known is None:
            terms[..., TERM["where"]] = where
            self._times(terms, moment, each)
            self._order(terms, each)
            self._again(terms, np.array([*covered, 0.0]), pause)
        terms += self.terms[:, None]
        score = terms @ self._weights
        if known is not None:
            score[:, each != known] = -np.inf
        best = np.argsort(-score, axis=None, kind="stable")[: self._kept]
        rows, chosen = np.unravel_index(best[np.isfinite(score.flat[best])], score.shape)
        looped = np.array([*self._closed, False])[self._latest] & closed
        beside = looped & (terms[..., TERM["apart"]] > self.terms[:, None, TERM["apart"]])
        self._beside = self._beside[rows] + beside[rows, chosen]
        self._closed.append(closed)
        self.terms, self.hand = terms[rows, chosen], self.hand[rows]
        self._drawn, self._latest = self._drawn[rows].copy(), self._latest[rows].copy()
        self.runs = np.column_stack([self.runs[rows], chosen])
        self._drawn[np.arange(len(rows)), chosen] += 1
        self._latest[np.arange(len(rows)), chosen] = self.runs.shape[1] - 1

    def finish(self) -> None:
        """Adds what it says that some runs were not drawn, after the last stroke."""
        undrawn = self._drawn == 0
        self.terms = self.terms + undrawn @ self._undrawn
        self.terms[:, TERM["passed_over"]] = np.minimum(self._beside, undrawn @ self._wanted)

    def best(self) -> list[int]:
        """The run of every stroke of the best hypothesis."""
        best: list[int] = self.runs[int((self.terms @ self._weights).argmax())].tolist()
        return best

    def _times(self, terms: NDArray[np.float64], moment: Moment, each: NDArray[np.int64]) -> None:
        """What the moment says."""
        leads = self.hand == Hand.LEADS
        if moment.next is None:
            terms[leads, :, TERM["leads_at_end"]] = 1
        elif moment.last is None:
            terms[~leads, :, TERM["follows_at_start"]] = 1
        else:
            off = each - np.where(leads, moment.next, moment.last)[:, None]  # (H, R)
            off[self.hand == Hand.FREE] = 0
            terms[..., TERM["ahead"]] = off > 0
            terms[..., TERM["behind"]] = off < 0
            terms[..., TERM["further"]] = np.clip(abs(off) - 1, 0, FURTHEST)

    def _order(self, terms: NDArray[np.float64], each: NDArray[np.int64]) -> None:
        """What the run of the stroke before says."""
        before = self._before()[:, None]
        between = self._content_before[each] - self._content_before[before + 1]
        skipped = np.where(each > before, np.minimum(between, FURTHEST), 0)
        free = self.hand == Hand.FREE
        for chosen, kind in ((free, "free_"), (~free, "")):
            terms[chosen, :, TERM[f"{kind}skipped"]] = skipped[chosen]
            terms[chosen, :, TERM[f"{kind}backwards"]] = (each < before)[chosen]

    def _again(
        self, terms: NDArray[np.float64], covered: NDArray[np.float64], pause: float
    ) -> None:
        """What it says that a run was drawn already."""
        again = self._drawn > 0
        more = again & (self._named <= self._drawn)
        over = covered[self._latest] > MOSTLY
        terms[..., TERM["one_of_several"]] = again & ~more
        terms[..., TERM["over"]] = more & over
        terms[..., TERM["apart"]] = more & ~over
        terms[..., TERM["more_stuff"]] = more & ~self._thing
        elsewhere = np.arange(again.shape[1]) != self._before()[:, None]
        terms[..., TERM["resumed"]] = again & elsewhere
        terms[..., TERM["quickly"]] = (again & ~elsewhere) * np.exp(-pause / LONG_PAUSE)

    def _before(self) -> NDArray[np.int64]:
        """The run of the stroke before, -1 before the first."""
        return self.runs[:, -1] if self.runs.shape[1] else np.full(len(self.hand), -1)
