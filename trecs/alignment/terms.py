"""What speaks for and against a stroke meaning a run of words: a few named terms and their weights.

The probability of an assignment is proportional to the exponential of the weighted sum of its terms
(reconstructed; the paper's annotators spoke, so that times were enough). The weights, but for those
that are GIVEN, were fitted by maximum likelihood on simulated typists (`trecs.alignment.training`).
"""

from collections.abc import Sequence, Set
from dataclasses import astuple, dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import is_thing
from trecs.text.phrases import has_content, names_another, things_named
from trecs.text.said import UNNAMED


class Hand(IntEnum):
    """How strokes go with words; every assignment supposes one."""

    FOLLOWS = 0  # what was typed just before is drawn
    LEADS = 1  # what will be typed next is drawn
    FREE = 2  # all is typed, and drawn in any order


@dataclass(frozen=True)
class Weights:
    """The weights of the terms, in nats each time that one holds."""

    where: float = 1.06  # log of how much likelier the label is where the stroke lies
    # The order of mention
    behind: float = -2.57  # a run before the one that the hand leads one to expect
    ahead: float = -0.91  # ... after it
    further: float = -0.17  # ... for each run more, up to three
    skipped: float = (
        -0.42
    )  # each run with content, up to three, between one stroke's and the next's
    backwards: float = -2.48  # back in the text
    free_skipped: float = -0.25  # the same of a FREE hand
    free_backwards: float = -0.35
    leads_at_end: float = -0.23  # a leading hand draws when all is typed
    follows_at_start: float = -0.86  # a hand that does not lead draws before anything is typed
    leads: float = -0.71  # the hands themselves
    free: float = -2.24
    # Several strokes for one run
    quickly: float = 1.0  # near the stroke before, and soon after it: exp(-pause / 2 s)
    one_of_several: float = 1.04  # a further stroke where the words name several things
    over: float = -2.15  # a further one for one thing, mostly on top of the one before
    apart: float = -1.38  # ... or elsewhere
    more_stuff: float = -0.12  # ... for stuff, in addition
    resumed: float = -1.2  # ... after others
    # Runs that nobody drew
    subject_undrawn: float = -2.11  # the first thing
    thing_undrawn: float = -0.61
    stuff_undrawn: float = -1.25
    function_undrawn: float = 2.44  # words that name nothing
    repeat_undrawn: float = -0.34  # a label mentioned before, not "another"
    passed_over: float = -2.5  # a thing, while a loop of its own was given to one that had another

    def vector(self) -> NDArray[np.float64]:
        """All of them, (T,), in this order."""
        return np.array(astuple(self))


GIVEN = frozenset({"passed_over"})
"""Weights that are chosen by hand, since simulated typists have too few scenes of that kind."""


@dataclass(frozen=True)
class Run:
    """Words of one label in a row, words[start:stop], and what they say.

    `content`: whether they could name something. `count`: how many things they name. `repeats`:
    whether an earlier run has the label and these words do not mean another. `subject`: whether it
    is the first thing named.
    """

    label: int
    start: int
    stop: int
    thing: bool
    content: bool
    count: int
    repeats: bool
    subject: bool

    @property
    def undrawn(self) -> str:
        """The term that holds where it is left undrawn."""
        if not self.content:
            return "function_undrawn"
        if self.repeats:
            return "repeat_undrawn"
        if self.subject:
            return "subject_undrawn"
        return "thing_undrawn" if self.thing else "stuff_undrawn"


def runs_of(
    words: Sequence[str], labels: Sequence[int], apart: Set[int] = frozenset()
) -> list[Run]:
    """The runs of words with their labels, in order; none without words.

    `labels`: COCO-Stuff values, or UNNAMED for a thing that no label fits. `apart`: numbers of
    words with which another thing of the same label begins.
    """
    runs: list[Run] = []
    start = 0
    for stop in range(1, len(words) + 1):
        if stop < len(words) and labels[stop] == labels[start] and stop not in apart:
            continue
        label, some = int(labels[start]), words[start:stop]
        content, thing = has_content(some), label == UNNAMED or is_thing(label)
        runs.append(
            Run(
                label,
                start,
                stop,
                thing,
                content,
                things_named(some),
                start not in apart
                and any(run.label == label for run in runs)
                and not names_another(some),
                content and thing and not any(run.subject for run in runs),
            )
        )
        start = stop
    return runs
