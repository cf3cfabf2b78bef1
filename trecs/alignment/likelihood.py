"""Fits the weights of the terms: what typists meant is to be the most probable assignment."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trecs.alignment.beam import Beam
from trecs.alignment.model import Where
from trecs.alignment.stroke_assignment import collected
from trecs.alignment.terms import GIVEN, Hand, Weights, runs_of
from trecs.alignment.typists import Typed

DECAY = 1e-3  # of the weights, that keeps those of rare terms small
LARGEST = 3000  # assignments of one narrative's strokes; with more it is left out
ITERATIONS = 60


@dataclass(frozen=True, eq=False)
class Case:
    """A typed narrative: the terms (A, T) of every assignment, and which of them are true."""

    terms: Tensor
    true: NDArray[np.int64]

    @staticmethod
    def of(told: Typed, labels: Sequence[int], where: Where) -> "Case | None":
        """The case of words with these labels; None where nothing can be learnt from it.

        Nothing can where there is but one run, where there are too many assignments, or where a
        stroke is cut.
        """
        words, strokes = told.narrative.words, told.narrative.strokes
        runs = runs_of([word.text for word in words], labels)
        if len(runs) < 2 or len(runs) ** len(strokes) * len(Hand) > LARGEST:
            return None
        items, evidence = collected(words, runs, strokes, where)
        if len(items) != len(strokes) or any(one.known is not None for one in evidence):
            return None
        beam = Beam(Weights(), runs, kept=None)
        for one in evidence:
            beam.step(*one)
        beam.finish()
        run_of_word = np.repeat(np.arange(len(runs)), [run.stop - run.start for run in runs])
        meant = [run_of_word[noun.start] for noun in told.meant]
        true = np.flatnonzero((beam.runs == meant).all(1))
        return Case(torch.from_numpy(beam.terms), true)


def fitted(cases: Sequence[Case]) -> tuple[Weights, float]:
    """The weights of the largest likelihood, and the mean of its negative logarithm, in nats.

    Those that are GIVEN stay as they are.
    """
    free = torch.tensor([field.name not in GIVEN for field in fields(Weights)])
    begun = torch.from_numpy(Weights().vector())
    weights = begun.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([weights], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        used = torch.where(free, weights, begun)
        scores = [case.terms @ used for case in cases]
        surprises = [
            every.logsumexp(0) - every[case.true].logsumexp(0)
            for every, case in zip(scores, cases, strict=True)
        ]
        value = torch.stack(surprises).mean()
        (value + DECAY * used[free].square().sum()).backward()
        return value

    optimizer.step(loss)
    value = float(loss().detach())
    return Weights(*torch.where(free, weights, begun).tolist()), value
