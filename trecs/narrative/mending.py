"""What of a narrative can be mended with certainty when it is read, and is said then.

Words and the points of strokes out of order are sorted by their times. Pauses longer than
LONGEST_PAUSE shrink to it: a page that was left open for a day is no part of the story. Where
there is a recording they stay, or its times would be others.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from trecs.narrative.narrative import Narrative

LONGEST_PAUSE = 60.0  # seconds in which nothing begins, ends or is drawn; as read, not as spoken
ROUNDING = 1e-3  # seconds by which a pause may exceed it, so that a mended one is left alone


def mended(narrative: Narrative) -> Narrative:
    """A narrative, whose times are finite and not negative, with its times in order.

    Where all was well it is returned unchanged; else its `notes` say what was done. Bindings,
    labels, colours and seeds follow their words.
    """
    return _shortened(_strokes_in_order(_words_in_order(narrative)))


def _words_in_order(told: Narrative) -> Narrative:
    words = told.words
    if all(first.start <= second.start for first, second in pairwise(words)):
        return told
    order = sorted(range(len(words)), key=lambda i: words[i].start)
    place = {old: new for new, old in enumerate(order)}
    return replace(
        told,
        words=tuple(words[i] for i in order),
        bindings={stroke: place[word] for stroke, word in told.bindings.items()},
        labels={place[word]: label for word, label in told.labels.items()},
        colours={place[word]: colour for word, colour in told.colours.items()},
        seeds={k if isinstance(k, str) else place[k]: seed for k, seed in told.seeds.items()},
        notes=(*told.notes, "The words were not in the order of their times and were sorted."),
    )


def _strokes_in_order(told: Narrative) -> Narrative:
    wrong = [bool((np.diff(stroke[:, 2]) < 0).any()) for stroke in told.strokes]
    if not any(wrong):
        return told
    strokes = (
        stroke[np.argsort(stroke[:, 2], kind="stable")] if unsorted else stroke
        for stroke, unsorted in zip(told.strokes, wrong, strict=True)
    )
    count = sum(wrong)
    which = "a stroke" if count == 1 else f"{count} strokes"
    note = f"The points of {which} were not in the order of their times and were sorted."
    return replace(told, strokes=tuple(strokes), notes=(*told.notes, note))


def _shortened(told: Narrative) -> Narrative:
    if told.voice_recording:
        return told
    spans = [(word.start, word.end) for word in told.words]
    drawn = [stroke[:, 2] for stroke in told.strokes]
    marks = np.unique(np.concatenate([[0.0], np.ravel(spans), *drawn]))
    pauses = np.diff(marks)
    excess = np.where(pauses > LONGEST_PAUSE + ROUNDING, pauses - LONGEST_PAUSE, 0.0)
    if not excess.any():
        return told
    earlier = marks - np.concatenate([[0.0], np.cumsum(excess)])
    after = dict(zip(marks.tolist(), earlier.tolist(), strict=True))
    words = (replace(w, start=after[w.start], end=after[w.end]) for w in told.words)
    strokes = (
        np.column_stack([stroke[:, :2], earlier[np.searchsorted(marks, stroke[:, 2])]])
        for stroke in told.strokes
    )
    note = (
        f"Pauses of over {LONGEST_PAUSE:g} s were shortened to that, by {excess.sum():,.0f} s in "
        "all."
    )
    return replace(told, words=tuple(words), strokes=tuple(strokes), notes=(*told.notes, note))
