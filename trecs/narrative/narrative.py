"""A narrative: words and a mouse trace on one clock."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError

MAX_WORDS = 1_000
MAX_WORD_LENGTH = 100
MAX_SECONDS = 24 * 3600.0
MARGIN = 0.5  # a trace may leave the picture by half its side; more means other units
BETWEEN_WORDS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")  # space, control, surrogates
SECONDS_PER_WORD = 0.4  # assumed for words without times: the median of spoken narratives


@dataclass(frozen=True)
class Word:
    """A word as it was said or typed, with the seconds at which it began and ended."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Narrative:
    """What the user said and drew.

    `words`: in order, start times not decreasing. `strokes`: one (P, 3) float64 array of
    x, y, t for each stretch drawn without lifting; either may be empty, not both. `bindings`: of
    strokes that somebody has bound to a word, the word's number by the stroke's; the model
    decides on all others.
    """

    words: tuple[Word, ...]
    strokes: tuple[NDArray[np.float64], ...] = ()
    image_id: str = ""
    annotator_id: int = 0
    dataset_id: str = ""
    bindings: Mapping[int, int] = field(default_factory=dict)

    @property
    def caption(self) -> str:
        """The words, joined by spaces."""
        return " ".join(word.text for word in self.words)

    def without_trace(self) -> "Narrative":
        """The same words with nothing drawn."""
        return replace(self, strokes=(), bindings={})

    def bound(self, bindings: Mapping[int, int]) -> "Narrative":
        """The same with strokes bound to words, both by their numbers, and no other bindings.

        Raises InputError where there is no such stroke or word.
        """
        return checked(replace(self, bindings=dict(bindings)))


def from_text(text: str) -> Narrative:
    """A narrative of words without a trace, spoken at an even pace.

    Raises InputError for text without words or with too many.
    """
    spoken = split(text)
    words = [
        Word(word, i * SECONDS_PER_WORD, (i + 1) * SECONDS_PER_WORD)
        for i, word in enumerate(spoken)
    ]
    return checked(Narrative(tuple(words)))


def split(text: str) -> list[str]:
    """Splits at white space; control characters separate words, too."""
    return [word[:MAX_WORD_LENGTH] for word in BETWEEN_WORDS.split(text) if word]


def checked(narrative: Narrative) -> Narrative:
    """Returns the narrative; raises InputError where its numbers cannot be used."""
    words, strokes = narrative.words, narrative.strokes
    if not words and not strokes:
        raise InputError(
            "The narrative is empty; describe a picture in words, draw where things are, or both."
        )
    if len(words) > MAX_WORDS:
        raise InputError(
            f"The narrative has more than {MAX_WORDS:,} words; narratives have 10 to 100. "
            "Shorten it."
        )
    for word in words:
        _check_time(word.start, f"the word '{word.text}'")
        _check_time(word.end, f"the word '{word.text}'")
    for first, second in pairwise(words):
        if second.start < first.start:
            raise InputError(
                f"The words are not in order: '{second.text}' starts at {second.start:g} s, "
                f"before '{first.text}' at {first.start:g} s. Sort them by start time."
            )
    for i, stroke in enumerate(strokes):
        _check_stroke(stroke, i)
    for number, bound in narrative.bindings.items():
        if not (0 <= number < len(strokes) and 0 <= bound < len(words)):
            raise InputError(
                f"Stroke {number} is bound to word {bound}, but the narrative has {len(strokes)} "
                f"strokes and {len(words)} words; both are numbered from 0 (trecs_bindings)."
            )
    return narrative


def _check_time(seconds: float, where: str) -> None:
    if not math.isfinite(seconds) or not 0 <= seconds <= MAX_SECONDS:
        raise InputError(
            f"The time {seconds:g} s of {where} cannot be used; expected seconds from 0 to "
            f"{MAX_SECONDS:g}."
        )


def _check_stroke(stroke: NDArray[np.float64], index: int) -> None:
    where = f"stroke {index + 1} of the trace"
    if not np.isfinite(stroke).all():
        raise InputError(f"A point of {where} is not finite; expected numbers x, y and t.")
    if stroke[:, :2].min() < -MARGIN or stroke[:, :2].max() > 1 + MARGIN:
        x, y = stroke[np.abs(stroke[:, :2] - 0.5).max(1).argmax(), :2]
        raise InputError(
            f"A point of {where} lies at ({x:g}, {y:g}), far outside the picture; expected "
            "fractions of its width and height from 0 to 1. Divide pixels by the picture's size."
        )
    _check_time(float(stroke[:, 2].min()), where)
    _check_time(float(stroke[:, 2].max()), where)
    if (np.diff(stroke[:, 2]) < 0).any():
        raise InputError(f"The times of {where} go backwards; sort its points by t.")
