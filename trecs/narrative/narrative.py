"""A narrative: words and a mouse trace on one clock."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.text import BETWEEN_WORDS
from retrieval.words import normalise
from segmentation.colours import hex_of_text, lab_of_hex
from segmentation.labels import COUNT, NAMES, value_of
from trecs.narrative.seeds import MOST_SEED, is_seed

MAX_WORDS = 1_000
MAX_WORD_LENGTH = 100
MAX_LETTERS = 1_000  # without a space; what is longer is no word that was cut off somewhere
MAX_SECONDS = 30 * 24 * 3600.0  # of a page left open; times since 1970 are no such
MARGIN = 0.5  # a trace may leave the picture by half its side; more means other units
GivenColours = Mapping[int, str | None] | Mapping[str, str | None] | Mapping[int | str, str | None]
GivenSeeds = Mapping[int, int | None] | Mapping[str, int | None] | Mapping[int | str, int | None]
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
    decides on all others. `labels`: of words that somebody has given a label, its COCO-Stuff value
    by the word's number; the tagger decides on all others. `colours`: of words whose thing somebody
    has given a colour, "#rrggbb", or "" for none, whatever the words say. `seeds`: of words whose
    thing is drawn by a seed of its own, and of labels' names, for what no such word means. `notes`:
    sentences about what was mended when it was read. `voice_recording`: the path of the recording,
    relative to the narrative's file, or "".
    """

    words: tuple[Word, ...]
    strokes: tuple[NDArray[np.float64], ...] = ()
    image_id: str = ""
    annotator_id: int = 0
    dataset_id: str = ""
    bindings: Mapping[int, int] = field(default_factory=dict)
    labels: Mapping[int, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    colours: Mapping[int, str] = field(default_factory=dict)
    seeds: Mapping[int | str, int] = field(default_factory=dict)
    voice_recording: str = ""

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

    def labelled(self, labels: Mapping[int, int | str]) -> "Narrative":
        """The same with words given labels, COCO-Stuff values or names, and no other labels.

        `labels`: by the words' numbers; a word's label is that of its whole noun phrase. Raises
        InputError where there is no such word or label.
        """
        values = {w: value_of(one) if isinstance(one, str) else one for w, one in labels.items()}
        return checked(replace(self, labels=values))

    def coloured(self, colours: GivenColours) -> "Narrative":
        """The same with the things of words given colours, and no others given by hand.

        `colours`: "#rrggbb", or a name ("red", "dark green"), or None for none whatever the words
        say, by a word's number, or by the word itself wherever it stands. Raises InputError where
        there is no such word or colour.
        """
        numbered: dict[int, str] = {}
        for key, colour in colours.items():
            given = hex_of_text(colour) if colour else ""
            numbers = self._numbers(key)
            if not numbers:
                raise InputError(
                    f"No word is '{str(key)[:40]}', so that it cannot be coloured; the words are: "
                    f"{self.caption[:80]}"
                )
            numbered |= dict.fromkeys(numbers, given)
        return checked(replace(self, colours=numbered))

    def also_coloured(self, colours: GivenColours) -> "Narrative":
        """The same with further colours, as `coloured` takes them, beside those that it has."""
        return replace(self, colours={**self.colours, **self.coloured(colours).colours})

    def seeded(self, seeds: GivenSeeds) -> "Narrative":
        """The same with things given seeds of their own, and no others.

        `seeds`: from 0 to 4294967295, or None for the picture's, by a word's number, by the word
        itself wherever it stands, or by a label's name, for what no word says, such as what was
        painted. Raises InputError where there is no such word, label or seed.
        """
        given: dict[int | str, int] = {}
        for key, seed in seeds.items():
            keys: list[int] | list[str] = self._numbers(key)
            if not keys and isinstance(key, str):
                if key not in NAMES:
                    raise InputError(
                        f"'{key[:40]}' is neither a word nor a label, so that it cannot have a "
                        f"seed; the words are: {self.caption[:80]}"
                    )
                keys = [key]
            given |= {one: seed for one in keys if seed is not None}
        return checked(replace(self, seeds=given))

    def also_seeded(self, seeds: GivenSeeds) -> "Narrative":
        """The same with further seeds, as `seeded` takes them, beside those that it has."""
        again = [one for key in seeds for one in (key, *self._numbers(key))]
        kept = {key: seed for key, seed in self.seeds.items() if key not in again}
        return replace(self, seeds={**kept, **self.seeded(seeds).seeds})

    def _numbers(self, key: int | str) -> list[int]:
        """The words that a caller means by a number, or by a word wherever it stands."""
        if isinstance(key, int):
            return [key]
        return [i for i, word in enumerate(self.words) if _alike(word.text, key)]


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
    """Splits at white space; control characters separate words, too.

    Long words are cut. Raises InputError where one is so long that it can be none.
    """
    words = [word for word in BETWEEN_WORDS.split(text) if word]
    longest = max(words, key=len, default="")
    if len(longest) > MAX_LETTERS:
        raise InputError(
            f"'{longest[:20]}...' has {len(longest):,} letters without a space; a word has "
            f"{MAX_LETTERS:,} at most. Put spaces between the words."
        )
    return [word[:MAX_WORD_LENGTH] for word in words]


def checked(narrative: Narrative) -> Narrative:
    """Returns the narrative; raises InputError where its numbers cannot be used."""
    for first, second in pairwise(check_numbers(narrative).words):
        if second.start < first.start:
            raise InputError(
                f"The words are not in order: '{second.text}' starts at {second.start:g} s, "
                f"before '{first.text}' at {first.start:g} s. Sort them by start time."
            )
    for i, stroke in enumerate(narrative.strokes, 1):
        if (np.diff(stroke[:, 2]) < 0).any():
            raise InputError(
                f"The times of stroke {i} of the trace go backwards; sort its points by t."
            )
    return narrative


def check_numbers(narrative: Narrative) -> Narrative:
    """Returns the narrative, whose times may be out of order; else raises as `checked` does."""
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
    for i, stroke in enumerate(strokes):
        _check_stroke(stroke, i)
    for number, bound in narrative.bindings.items():
        if not (0 <= number < len(strokes) and 0 <= bound < len(words)):
            raise InputError(
                f"Stroke {number} is bound to word {bound}, but the narrative has {len(strokes)} "
                f"strokes and {len(words)} words; both are numbered from 0 (trecs_bindings)."
            )
    for number, label in narrative.labels.items():
        if not (0 <= number < len(words) and 0 <= label < COUNT):
            raise InputError(
                f"Word {number} is given the label {label}, but the narrative has {len(words)} "
                f"words, numbered from 0, and labels are 0 to {COUNT - 1} (trecs_bindings)."
            )
    for number, colour in narrative.colours.items():
        if not 0 <= number < len(words):
            raise InputError(
                f"Word {number} is given a colour, but the narrative has {len(words)} words, "
                "numbered from 0 (trecs_colours)."
            )
        if colour:
            lab_of_hex(colour)
    for key, seed in narrative.seeds.items():
        if isinstance(key, int) and not 0 <= key < len(words):
            raise InputError(
                f"Word {key} is given a seed, but the narrative has {len(words)} words, numbered "
                "from 0 (trecs_seeds)."
            )
        if not is_seed(seed):
            raise InputError(
                f"The seed {str(seed)[:40]} of '{key}' cannot be used; expected a whole number "
                f"from 0 to {MOST_SEED} (trecs_seeds)."
            )
    return narrative


def _alike(word: str, other: str) -> bool:
    """Whether two words are the same without their punctuation."""
    return normalise(word) == normalise(other) != ""


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
