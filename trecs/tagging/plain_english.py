"""Sentences in everyday English with labelled nouns, made from `plain_english.txt`.

The released narratives say "in this picture we can see a person on the ground"; people who type
say "a lady walks her puppy by the ocean". Reconstructed, not from the paper: sentences made here
are mixed into training, and nouns of real narratives are exchanged for others of their label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import value_of

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Noun:
    """A noun of one or more words; `plural` is empty where it has none."""

    label: int
    singular: Phrase
    plural: Phrase


@dataclass(frozen=True)
class PlainEnglish:
    """The file's content: nouns by label, and by kind the other words of a sentence."""

    nouns: dict[int, tuple[Noun, ...]]
    others: dict[str, tuple[Phrase, ...]]

    @classmethod
    def read(cls) -> "PlainEnglish":
        """Reads the file beside this module."""
        text = resources.files("trecs.tagging").joinpath("plain_english.txt").read_text("utf-8")
        nouns: dict[int, tuple[Noun, ...]] = {}
        others: dict[str, tuple[Phrase, ...]] = {}
        for line in text.splitlines():
            name, _, entries = line.partition(":")
            if name.startswith("@"):
                others[name[1:]] = tuple(tuple(entry.split()) for entry in entries.split(","))
            elif entries and not name.startswith("#"):
                label = value_of(name)
                nouns[label] = tuple(noun(label, entry.strip()) for entry in entries.split(","))
        return cls(nouns, others)

    def words(self) -> set[str]:
        """Every word in the file."""
        phrases = [phrase for kind in self.others.values() for phrase in kind]
        for nouns in self.nouns.values():
            phrases += [phrase for noun in nouns for phrase in (noun.singular, noun.plural)]
        return {word for phrase in phrases for word in phrase}

    def sentence(self, random: np.random.Generator) -> tuple[Phrase, NDArray[np.int64]]:
        """Words and labels (N,) of a sentence with one to four nouns.

        Every word has the label of its phrase's noun, so that a sentence's set of labels holds
        nothing but its nouns: adjectives, determiners and the preposition before them go with
        the noun that follows, verbs with their subject.
        """
        words: list[str] = []
        labels: list[int] = []

        def say(phrase: Phrase, label: int) -> None:
            words.extend(phrase)
            labels.extend([label] * len(phrase))

        def name_something(before: Phrase = ()) -> int:
            noun = self._some_noun(random)
            plural = bool(noun.plural) and random.random() < 0.35
            say(before, noun.label)
            if random.random() < 0.85:
                say(self._some("plural" if plural else "singular", random), noun.label)
            if random.random() < 0.35:
                say(self._some("adjectives", random), noun.label)
            say(noun.plural if plural else noun.singular, noun.label)
            return noun.label

        opens = random.random() < 0.3
        subject = name_something(self._some("openings", random) if opens else ())
        for _ in range(int(random.integers(0, 4))):
            kind = random.random()
            if kind < 0.25:
                say(self._some("acting", random), subject)
                subject = name_something()
            elif kind < 0.85:
                if random.random() < 0.5:
                    say(self._some("verbs", random), subject)
                subject = name_something(self._some("joining", random))
            else:
                subject = name_something()
        return tuple(words), np.array(labels, np.int64)

    def exchanged(
        self,
        words: Sequence[str],
        labels: NDArray[np.int64],
        share: float,
        random: np.random.Generator,
    ) -> Phrase:
        """The words with a `share` of the nouns that name their label replaced by others of it."""
        result = list(words)
        for i in np.flatnonzero(random.random(len(words)) < share):
            for alike in self._one_word.get(int(labels[i]), ()):
                if result[i] in alike:
                    result[i] = alike[int(random.integers(len(alike)))]
                    break
        return tuple(result)

    def _some_noun(self, random: np.random.Generator) -> Noun:
        nouns = self._all_nouns
        label_nouns = nouns[int(random.integers(len(nouns)))]
        return label_nouns[int(random.integers(len(label_nouns)))]

    def _some(self, kind: str, random: np.random.Generator) -> Phrase:
        phrases = self.others[kind]
        return phrases[int(random.integers(len(phrases)))]

    @cached_property
    def _all_nouns(self) -> list[tuple[Noun, ...]]:
        """One draw a label would rarely say 'lady'; labels with many nouns come more often."""
        return [nouns for nouns in self.nouns.values() for _ in range(1 + len(nouns) // 4)]

    @cached_property
    def _one_word(self) -> dict[int, tuple[Phrase, Phrase]]:
        """By label its nouns of one word, all singulars and all plurals."""
        return {
            label: (
                tuple(noun.singular[0] for noun in nouns if len(noun.singular) == 1),
                tuple(noun.plural[0] for noun in nouns if len(noun.plural) == 1),
            )
            for label, nouns in self.nouns.items()
        }


def noun(label: int, entry: str) -> Noun:
    """A noun as the file has it: `dog`, `man|men`, `grass|`."""
    singular, given, plural = entry.partition("|")
    if not given:
        plural = _plural(singular)
    return Noun(label, tuple(singular.split()), tuple(plural.split()))


def _plural(singular: str) -> str:
    if singular.endswith(("s", "x", "ch", "sh")):
        return singular + "es"
    if singular.endswith("y") and singular[-2] not in "aeou":
        return singular[:-1] + "ies"
    return singular + "s"
