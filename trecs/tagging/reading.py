"""What the grammar reads and the tagger's labels, brought together (reconstructed).

The tagger knows the sense of words in their sentence but lets a label swallow its neighbours ("a
lamp on a table" was all lamp); the grammar knows exact nouns and their order but no sense. A noun
of the tables keeps its label where the tagger has nothing of the same family to say for it. Nouns
of no table get the tagger's label if its training had them, and are told as unknown if it had not.
A label that somebody has given a word is that of its noun phrase, whatever both say.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from retrieval.families import relatives
from segmentation.labels import COUNT, NAMES, is_thing, value_of
from trecs.tagging.given import given_mentions, said_again, with_given
from trecs.tagging.plain_english import PlainEnglish, noun
from trecs.tagging.tagger import Tags
from trecs.text.grammar import read
from trecs.text.nouns import Nouns
from trecs.text.rules import Rules
from trecs.text.said import UNNAMED, Mention, Relation, Said

SURE = 0.6  # probability that a label has at least where a noun gave it
SHORT = 20  # words: who types so few names what must be seen, who speaks more mentions parts, too
BRIEF = 10  # words, of which a noun with an article or the like always is what it is elsewhere
LEAST = {True: 0.01, False: 0.2}  # probability of a noun's label, in a short text and a long one
LEAST_UNNAMED = 0.4  # ... of the tagger's label for a noun that no table has, in a short text
LEAST_SENSE = {True: 0.02, False: 1.0}  # ... where the tagger has a relative of the label


@dataclass(frozen=True, eq=False)
class _Tagged:
    """The tagger's labels and probabilities, and what words were `given` by their number."""

    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    given: Mapping[int, int] = field(default_factory=dict)

    def of(self, mention: Mention) -> int | None:
        """The label that a mention was given; of several words the noun's counts, or the last."""
        given = [word for word in range(mention.start, mention.stop) if word in self.given]
        return self.given[mention.head if mention.head in given else given[-1]] if given else None

    def fits(self, mention: Mention, known: Callable[[str], bool]) -> bool:
        """Whether the tagger's label fits a noun that no table has."""
        if not known(mention.noun):
            return False
        chance = self.probabilities[mention.head, self.labels[mention.head]]
        return len(self.labels) > SHORT or bool(chance >= LEAST_UNNAMED)

    def refused(self, said: Said, known: Callable[[str], bool]) -> frozenset[int]:
        """The labels that the tagger has for nouns that are denied and that no table has."""
        labels = {
            int(self.labels[head])
            for noun, head in said.refused
            if known(noun) and self.probabilities[head, self.labels[head]] >= LEAST_UNNAMED
        }
        return frozenset(labels - {mention.label for mention in said.mentions})

    def agrees(self, mention: Mention, named: Set[int], known: Callable[[str], bool]) -> bool:
        """Whether a mention keeps the label that the tables give its noun.

        Of a noun that the tagger's training did not have it always does. `named`: the labels of
        all mentions; one of these is no other sense of the noun, it spread from its neighbour.
        """
        if mention.label == UNNAMED:
            return False
        label = int(self.labels[mention.head])
        unlearned = mention.stands_in or not known(mention.noun.split()[-1])
        if label == mention.label or unlearned:
            return True
        chance = self.probabilities[mention.start : mention.stop, mention.label].max()
        short = len(self.labels) <= SHORT
        if label in named and len(self.labels) <= BRIEF and mention.start < mention.head:
            return True
        other_sense = label in relatives(mention.label) and label not in named
        if other_sense or mention.noun not in _own_nouns():
            return bool(chance >= LEAST_SENSE[short])
        return bool(chance >= LEAST[short])


@cache
def all_nouns() -> Nouns:
    """The nouns of `plain_english.txt`, then those of the grammar's rules."""
    known = [one for nouns in PlainEnglish.read().nouns.values() for one in nouns]
    for name, entries in Rules.read().names:
        known += [noun(value_of(name), entry.strip()) for entry in entries.split(";")]
    return Nouns.of((n.label, " ".join(n.singular), " ".join(n.plural)) for n in known)


@cache
def _own_nouns() -> frozenset[str]:
    """The nouns that the tagger's training had with their labels."""
    nouns = PlainEnglish.read().nouns.values()
    return frozenset(" ".join(noun.singular) for some in nouns for noun in some)


def reading(
    words: Sequence[str],
    tags: Tags,
    known: Callable[[str], bool],
    given: Mapping[int, int] | None = None,
) -> Tags:
    """The tags of some words as the grammar has them, with what it read.

    `tags`: the tagger's. `known`: whether the tagger's training had a word. `given`: labels that
    somebody has given words, by their numbers. Words that name nothing to be seen ("no cars") take
    the label of their neighbours, as do nouns that no label fits and what their label spread to.
    """
    told = read(words, all_nouns())
    given = given_mentions(told, words, given or {})
    told = with_given(told, words, given)
    tagged = _Tagged(tags.labels, tags.probabilities, given)
    said = _named(told, words, tagged, known)
    labels = tags.labels.copy()
    for mention in said.mentions:
        span = slice(mention.start, mention.stop)
        by_hand = tagged.of(mention) is not None
        if by_hand or mention.stands_in or mention.label not in labels[span]:
            labels[span] = mention.label
        if by_hand:
            labels[said_again(words, said, mention)] = mention.label
    denied = sorted(said.denied)
    silent = np.isin(labels, denied) | _spread(words, labels, tagged, said)
    for start, stop in said.silent:
        silent[start:stop] = True
    labels = _bridged(labels, silent)
    probabilities = _moved(tags, labels, denied)
    if given:
        probabilities = probabilities.copy()
        for mention in said.mentions:
            if tagged.of(mention) is not None:
                probabilities[mention.start : mention.stop] = np.eye(COUNT)[mention.label]
    return Tags(labels, probabilities, said)


def _spread(
    words: Sequence[str], labels: NDArray[np.uint8], tagged: _Tagged, said: Said
) -> NDArray[np.bool_]:
    """Words whose label spread to them from a noun that it doesn't fit or that has another now.

    So does the label of what the noun does: "a dragon flies" is no bird; and that of a word that
    stands for a noun, "a white one".
    """
    spread = np.zeros(len(labels), bool)
    named = {mention.label for mention in said.mentions}
    runs = np.cumsum(np.append(0, np.diff(tagged.labels.astype(int)) != 0))
    inside = {word for other in said.mentions for word in range(other.start, other.stop)}
    heads: list[int] = []
    for mention in (*said.unlabelled, *said.mentions):
        if mention.label == UNNAMED or tagged.of(mention) is not None:
            heads += [mention.head, *said_again(words, said, mention)]
            if mention.stop < len(words) and mention.stop not in inside:
                heads.append(mention.stop)
    for head in heads:
        if tagged.labels[head] not in named:
            spread |= (runs == runs[head]) & (labels == tagged.labels)
    kept = {runs[mention.head] for mention in said.mentions if not mention.stands_in}
    for mention in said.mentions:
        if mention.stands_in and runs[mention.head] not in kept:
            spread |= (runs == runs[mention.head]) & (labels != mention.label)
    return spread


def _moved(tags: Tags, labels: NDArray[np.uint8], denied: Sequence[int]) -> NDArray[np.float32]:
    """The probabilities without what is denied, and of changed words SURE at their new label."""
    changed = labels != tags.labels
    if not denied and not changed.any():
        return tags.probabilities
    result = tags.probabilities.copy()
    result[:, denied] = 0
    result *= (np.where(changed, 1 - SURE, 1) / np.maximum(result.sum(1), 1e-6))[:, None]
    result[changed, labels[changed]] += SURE
    return result


def _named(said: Said, words: Sequence[str], tagged: _Tagged, known: Callable[[str], bool]) -> Said:
    """What was said with a label for every mention; those without are told apart as unknown."""
    named = {mention.label for mention in said.mentions}
    kept: dict[int, Mention] = {}
    unlabelled: list[Mention] = []
    for number, mention in enumerate(said.mentions):
        label = int(tagged.labels[mention.head])
        given = tagged.of(mention)
        alike = [other for other in kept.values() if other.noun == mention.noun]
        if given is not None:
            kept[number] = replace(mention, label=given)
        elif mention.stands_in and alike:  # "a bat and a smaller one"
            kept[number] = replace(mention, label=alike[-1].label)
        elif mention.label == UNNAMED and not tagged.fits(mention, known):
            unlabelled.append(mention)
            for again in said_again(words, said, mention):
                unlabelled.append(replace(mention, start=again, stop=again + 1, head=again))
        elif tagged.agrees(mention, named, known):
            kept[number] = mention
        elif label not in named and label not in said.denied:
            kept[number] = replace(mention, label=label)
            named.add(label)
    places = {number: place for place, number in enumerate(kept)}
    relations = tuple(
        Relation(r.name, places[r.first], places[r.second], places.get(r.third, -1))
        for r in said.relations
        if r.first in places and r.second in places
    )
    seen = {mention.label for mention in kept.values()}
    denied = said.denied | tagged.refused(said, known)
    if said.only:
        denied |= _all_else(seen)
    return replace(
        said,
        denied=denied - seen,
        mentions=tuple(kept.values()),
        relations=relations,
        silent=tuple(sorted([*said.silent, *((m.start, m.stop) for m in unlabelled)])),
        unlabelled=tuple(sorted(unlabelled, key=lambda mention: mention.start)),
    )


def _all_else(seen: Set[int]) -> frozenset[int]:
    """What "nothing but" denies: all things, and all stuff where a ground or sky is named."""
    surfaces = frozenset[str]().union(*Rules.read().surfaces.values())
    covered = any(NAMES[label] in surfaces for label in seen)
    return frozenset(label for label in range(1, COUNT) if covered or is_thing(label))


def _bridged(labels: NDArray[np.uint8], silent: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Silent words with the label of the last word before them that is not, else of the next."""
    heard = np.flatnonzero(~silent)
    if not len(heard):
        return labels
    before = np.searchsorted(heard, np.arange(len(labels)), side="right") - 1
    result: NDArray[np.uint8] = labels[heard[np.maximum(before, 0)]]
    return result
