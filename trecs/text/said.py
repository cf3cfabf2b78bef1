"""What a text says of its picture: things it names, how many, how large, where, and what not."""

from dataclasses import dataclass

from segmentation.garments import Part
from segmentation.labels import is_thing

UNNAMED = -1  # the label of a noun that no table has


@dataclass(frozen=True)
class Mention:
    """A noun phrase, words[start:stop], whose noun ends with words[head].

    `label`: COCO-Stuff value, UNNAMED where no table has the noun. `count`: how many things are
    meant; `guessed` where the words leave that open ("dogs"). `size`: from -2, tiny, to 2, huge,
    and 3, a close-up. `places`: sides of the picture and depths, such as "left", "far".
    `stands_in`: the words are no noun themselves ("another", "one of them"). `colours`: that it
    is said to have, by their names in `segmentation/colours.txt`.
    """

    noun: str
    label: int
    start: int
    stop: int
    head: int
    count: int = 1
    guessed: bool = False
    size: int = 0
    places: frozenset[str] = frozenset()
    stands_in: bool = False
    colours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Garment:
    """What somebody wears, words[start:stop], whose noun ends with words[head].

    `part`: of the body, "head", "top", "bottom", "feet" or "whole". `wearers`: the heads of the
    mentions of those who wear it. `colours`: as a mention's. `noun`: none where a colour stands for
    it ("a man in black").
    """

    part: Part
    start: int
    stop: int
    head: int
    wearers: tuple[int, ...]
    colours: tuple[str, ...] = ()
    noun: str = ""


@dataclass(frozen=True)
class Relation:
    """The `first` mention is left, right, above, below, on, in, behind, front, near, with, larger,
    or smaller as seen from the `second`, or between the `second` and the `third`; their numbers."""

    name: str
    first: int
    second: int
    third: int = -1


@dataclass(frozen=True)
class Said:
    """What a text says.

    `denied`: labels that must not be seen. `silent`: spans of words that name nothing to be seen,
    such as "no cars". `unlabelled`: noun phrases that no label fits, which are no `mentions`.
    `refused`: nouns that are not there and that no table has, each with its word's number. `only`:
    nothing else is there. `bare`: numbers of words that are articles, numbers, sizes, places and
    their like, and name nothing. `telling`: those of colours that are told of something.
    `garments`: what those mentioned wear, which are no `mentions`.
    """

    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    denied: frozenset[int] = frozenset()
    silent: tuple[tuple[int, int], ...] = ()
    unlabelled: tuple[Mention, ...] = ()
    refused: tuple[tuple[str, int], ...] = ()
    only: bool = False
    bare: frozenset[int] = frozenset()
    telling: frozenset[int] = frozenset()
    garments: tuple[Garment, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Nouns that no label fits, each once."""
        return tuple(dict.fromkeys(mention.noun for mention in self.unlabelled))

    def count(self, label: int, start: int, stop: int) -> int:
        """How many things of a label words[start:stop] name; 0 where they name none."""
        return sum(mention.count for mention in self._of(label, start, stop))

    def further(self) -> frozenset[int]:
        """The words with which a thing begins that follows one of its label: "a man, a woman"."""
        pairs = zip(self.mentions, self.mentions[1:], strict=False)
        return frozenset(
            b.start
            for a, b in pairs
            if a.label == b.label and is_thing(b.label) and a.stop <= b.start
        )

    def guessed(self, label: int, start: int, stop: int) -> bool:
        """Whether the words leave open how many they mean."""
        return any(mention.guessed for mention in self._of(label, start, stop))

    def _of(self, label: int, start: int, stop: int) -> list[Mention]:
        return [m for m in self.mentions if m.label == label and start <= m.head < stop]
