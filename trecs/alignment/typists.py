"""Simulated people who type and draw: captions with a stroke for each noun that is in the photo.

The released narratives were spoken. Who types cannot draw meanwhile; how people then go about it is
reconstructed as habits:

- CLAUSES: a clause is typed, then what it names is drawn, and so on;
- SENTENCE: the sentence is typed, then all is drawn in the words' order;
- SUBJECT: the sentence is typed, then what it names first is drawn, and nothing else;
- ANY_ORDER: the sentence is typed, then all is drawn in some order;
- FIRST_DRAWN: each thing is drawn, then the words up to its noun are typed;
- SPOKEN: things are drawn while they are said.

What a noun means in the photo is found by a list of nouns (`trecs.tagging.plain_english`), not by
the tagger, and the hand is the simulated annotator's; some things it draws in arcs, or twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from retrieval.words import normalise
from segmentation.labels import is_thing
from trecs.data.annotator import CROWD_PART, Masks, outline
from trecs.data.hand import loop
from trecs.narrative import Narrative, Word
from trecs.tagging.plain_english import PlainEnglish
from trecs.text.phrases import things_named

SECONDS_A_LETTER = 0.12
SMALLEST = 0.004  # share of the picture that is worth drawing
MOST_THINGS = 3  # of one noun
NEXT_THING, SAME_NOUN = 0.7, 0.5  # seconds from stroke to stroke
SKETCHED, REDRAWN = 0.06, 0.06  # shares of things that are drawn in arcs, or twice
BEFORE = 3  # words that may say how many are meant


class Habit(Enum):
    """How somebody types and draws; see the module."""

    CLAUSES = "a clause is typed, then what it names is drawn, in order"
    SENTENCE = "the sentence is typed, then all is drawn in order"
    SUBJECT = "the sentence is typed, then its subject alone is drawn"
    ANY_ORDER = "the sentence is typed, then all is drawn in any order"
    FIRST_DRAWN = "each thing is drawn, then its noun typed"
    SPOKEN = "drawn while it is said"


@dataclass(frozen=True)
class Noun:
    """A noun of a caption, `words[start:stop]`, and its label."""

    label: int
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Typed:
    """What somebody typed and drew: stroke i of the narrative is of noun `meant[i]`."""

    narrative: Narrative
    meant: tuple[Noun, ...]


def nouns_of(words: Sequence[str]) -> list[Noun]:
    """The nouns of a text that the list knows, in order; of overlapping ones the longest."""
    plain = [normalise(word) for word in words]
    found, start = [], 0
    while start < len(plain):
        for length in range(min(_longest(), len(plain) - start), 0, -1):
            label = _names().get(tuple(plain[start : start + length]))
            if label is not None:
                found.append(Noun(label, start, start + length))
                start += length
                break
        else:
            start += 1
    return found


def typed(
    words: Sequence[str], masks: Masks, habit: Habit, rng: np.random.Generator
) -> Typed | None:
    """How a caption of a photo with these masks is typed and drawn; None where no noun is there.

    A noun's stroke loops round the largest thing of its label that no noun before it meant, or all
    of some that lie apart where it is a plural; of stuff, round its largest part.
    """
    meant = list(_meant(words, nouns_of(words), masks))
    if habit is Habit.SUBJECT:
        meant = meant[:1]
    if not meant:
        return None
    if habit is Habit.ANY_ORDER:
        meant = [meant[i] for i in rng.permutation(len(meant))]
    stops = _typed_before_drawing(len(words), meant, habit)
    clock, at = rng.uniform(0.2, 1.0), 0
    timed: list[Word] = []
    strokes: list[NDArray[np.float64]] = []
    nouns: list[Noun] = []
    pace = SECONDS_A_LETTER * rng.uniform(0.6, 1.8)

    def type_up_to(stop: int) -> None:
        nonlocal clock, at
        for word in words[at:stop]:
            seconds = pace * (len(word) + 1) * rng.uniform(0.8, 1.3)
            timed.append(Word(word, clock, clock + 0.9 * seconds))
            clock += seconds
        at = max(at, stop)

    for (noun, shapes), stop in zip(meant, stops, strict=True):
        spoken = habit is Habit.SPOKEN
        begin = clock
        type_up_to(stop)
        if not spoken:
            clock += _pause(rng, NEXT_THING)
            begin = clock
        for shape in shapes:
            seconds = rng.uniform(0.8, 2.5)
            if spoken:
                seconds = max(clock - begin - 0.1, 0.3) / len(shapes)
            stroke = loop(outline(shape), begin, seconds, rng, stray=0.1)
            parts = [stroke] if spoken else _as_drawn(stroke, shape, rng)
            strokes += parts
            nouns += [noun] * len(parts)
            begin = float(parts[-1][-1, 2]) + (0.0 if spoken else _pause(rng, SAME_NOUN))
        if not spoken:
            clock = begin
    type_up_to(len(words))
    return Typed(Narrative(tuple(timed), tuple(strokes)), tuple(nouns))


def _pause(rng: np.random.Generator, usual: float) -> float:
    """Seconds between strokes: mostly about as usual, now and then much shorter or longer."""
    return float(np.clip(usual * np.exp(rng.normal(0, 0.9)), 0.05, 10.0))


def _as_drawn(
    stroke: NDArray[np.float64], shape: NDArray[np.bool_], rng: np.random.Generator
) -> list[NDArray[np.float64]]:
    """The strokes of one thing: mostly the one; or it in arcs, or drawn over once more."""
    kind = rng.random()
    pause = _pause(rng, SAME_NOUN)
    if kind < SKETCHED:
        arcs = np.array_split(stroke, int(rng.integers(2, 4)))
        return [arc + np.array([0, 0, pause * i]) for i, arc in enumerate(arcs)]
    if kind < SKETCHED + REDRAWN:
        end = float(stroke[-1, 2])
        again = loop(outline(shape), end + pause, end - float(stroke[0, 2]), rng, stray=0.1)
        return [stroke, again]
    return [stroke]


def _typed_before_drawing(
    count: int, meant: Sequence[tuple[Noun, object]], habit: Habit
) -> list[int]:
    """Up to which word the text is typed before each noun's strokes."""
    if habit in (Habit.SENTENCE, Habit.SUBJECT, Habit.ANY_ORDER):
        return [count] * len(meant)
    stops = [noun.stop for noun, _ in meant]
    return [0, *stops[:-1]] if habit is Habit.FIRST_DRAWN else stops


def _meant(
    words: Sequence[str], nouns: Sequence[Noun], masks: Masks
) -> Iterator[tuple[Noun, list[NDArray[np.bool_]]]]:
    """The nouns that the photo shows, each with what is drawn for it."""
    used: dict[int, int] = {}
    for noun in nouns:
        parts = [part for part in masks.get(noun.label, ()) if part.mean() >= SMALLEST]
        if is_thing(noun.label):
            first = used.get(noun.label, 0)
            many = things_named(words[max(noun.start - BEFORE, 0) : noun.stop]) >= 2
            last = first + (min(len(parts) - first, MOST_THINGS) if many else 1)
            used[noun.label] = last
            parts = parts[first:last]
            parts = [part for part in parts if part.sum() >= CROWD_PART * parts[0].sum()]
        elif noun.label in used:
            parts = []
        else:
            used[noun.label] = 1
            parts = parts[:1]
        if parts:
            yield noun, parts


@cache
def _names() -> Mapping[tuple[str, ...], int]:
    """The label of every noun, by its words; the first label that has it."""
    names: dict[tuple[str, ...], int] = {}
    for some in PlainEnglish.read().nouns.values():
        for noun in some:
            for phrase in (noun.singular, noun.plural):
                if phrase:
                    names.setdefault(tuple(map(normalise, phrase)), noun.label)
    return names


@cache
def _longest() -> int:
    return max(map(len, _names()))
