"""Labels that somebody has given words, in what the grammar has read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from retrieval.words import normalise
from trecs.text.said import Mention, Said


def said_again(words: Sequence[str], said: Said, mention: Mention) -> list[int]:
    """The words in no mention that are the noun of one: "the violin" after "a violin"."""
    noun = normalise(words[mention.head])
    inside = {word for other in said.mentions for word in range(other.start, other.stop)}
    return [i for i, word in enumerate(words) if i not in inside and normalise(word) == noun]


def given_mentions(said: Said, words: Sequence[str], given: Mapping[int, int]) -> dict[int, int]:
    """Labels by the numbers of words of mentions, where a word says the noun of one again."""
    heads = {i: m.head for m in said.mentions for i in said_again(words, said, m)}
    found = {heads[word]: label for word, label in given.items() if word in heads}
    return found | {word: label for word, label in given.items() if word not in heads}


def with_given(said: Said, words: Sequence[str], given: Mapping[int, int]) -> Said:
    """What was said with a mention for every word that was given a label, and none denied.

    `given`: COCO-Stuff values by the words' numbers. A word in a noun phrase is part of that
    mention, whose label stays as it is here; every other one becomes a mention of its own.
    """
    if not given:
        return said
    new = [
        Mention(normalise(words[word]) or words[word], label, word, word + 1, word)
        for word, label in given.items()
        if not any(mention.start <= word < mention.stop for mention in said.mentions)
    ]
    order = sorted(enumerate((*said.mentions, *new)), key=lambda numbered: numbered[1].start)
    places = {number: place for place, (number, _) in enumerate(order)}
    relations = tuple(
        replace(r, first=places[r.first], second=places[r.second], third=places.get(r.third, -1))
        for r in said.relations
    )
    return replace(
        said,
        mentions=tuple(mention for _, mention in order),
        relations=relations,
        denied=said.denied - set(given.values()),
        silent=tuple(
            (start, stop)
            for start, stop in said.silent
            if not any(start <= word < stop for word in given)
        ),
    )
