"""A piece of a text, and the words of which it is made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from retrieval.words import normalise
from segmentation.garments import Part
from trecs.text.nouns import Named
from trecs.text.phrases import FUNCTION_WORDS
from trecs.text.said import UNNAMED

Tokens = list[tuple[str, int]]
OWNING = "'s"  # a token of its own, behind who owns or is
ONES = frozenset(("one", "ones"))  # tokens that stand for a noun
STANDING_IN = ("one", "counted")  # kinds of chunks that do
_FURTHER = frozenset("second third fourth fifth sixth next last".split())
_WHOLE = frozenset("it that there here what who where how let he she one".split())
"""Words of which "'s" is no token of its own."""
_ENDINGS = ("ing", "ed", "ly", "est")  # of words that are rarely nouns


@dataclass(frozen=True)
class Chunk:
    """A piece of the text: `kind` is "noun", or one of the rules' kinds, "of" or "break".

    Those of `STANDING_IN` stand for a noun that was named before ("another", "a white one", "two of
    them"). `start`, `stop`: its words. Of nouns: `noun` in the singular, `label`, `head` (its last
    word), `number` that is named or 0, whether `plural`, `article` ("new", "known" or "") and
    `word`, the article itself, `size`, `places` ("the left car") and `denied`. `colours`: of nouns,
    and of what is told of one. `part`: of the body that what it names is worn on, see
    `trecs.text.garments`. `at`: where its first token is in the text.
    """

    kind: str
    meaning: str
    start: int
    stop: int
    at: int = 0
    noun: str = ""
    label: int = UNNAMED
    head: int = 0
    number: int = 0
    several: int = 0
    plural: bool = False
    article: str = ""
    word: str = ""
    size: int = 0
    denied: bool = False
    colours: tuple[str, ...] = ()
    places: frozenset[str] = frozenset()
    part: Part | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether it is a word that no table has and that is likely a noun."""
        word = self.meaning
        return (
            self.kind == "word"
            and bool(word)
            and not (word in FUNCTION_WORDS or word.endswith(_ENDINGS))
        )


@dataclass
class OpenPhrase:
    """A noun phrase that is being read."""

    start: int
    at: int
    article: str = ""
    word: str = ""
    number: int = 0
    several: int = 0
    size: int = 0
    found: Named | None = None
    head: int = 0
    last: int = 0  # token after its noun
    others: tuple[tuple[str, int], ...] = ()
    colours: tuple[str, ...] = ()
    places: frozenset[str] = frozenset()
    part: Part | None = None

    def told(self, chunk: Chunk) -> Chunk:
        """A chunk with what the words around its noun say."""
        return replace(
            chunk,
            number=self.number,
            several=self.several,
            article=self.article,
            word=self.word,
            size=self.size,
            colours=self.colours,
            places=self.places,
            part=self.part,
        )

    def one(self, word: int, *, plural: bool) -> Chunk:
        """ "A white one": it ends with "one" or "ones" where its noun would be."""
        kind = "counted" if plural else "one"
        stands = Chunk(kind, self.word, self.start, word + 1, self.at, noun="one", head=word)
        further = any(token in _FURTHER for token, _ in self.others)  # "the second one"
        article = "new" if further else self.article
        return replace(self.told(stands), plural=plural, article=article)

    def without_noun(self) -> Chunk | None:
        """What stands there without a noun: "another", "the dog is big", "above her"."""
        bare = Chunk("", "", self.start, self.start + 1, self.at, head=self.start)
        if self.article == "new" and (self.colours or self.size) and not self.others:
            kind = "size" if self.size else "one"
            return replace(self.told(bare), kind=kind, meaning="shared")  # "a big and a small dog"
        if self.word in ("another", "other") or self.number == 1:
            return replace(self.told(bare), kind="one", meaning=self.word)
        if self.number or self.several:
            return replace(self.told(bare), kind="counted")
        if self.size:
            return replace(bare, kind="size", size=self.size)
        return replace(bare, kind="pronoun", meaning="thing") if self.article == "known" else None

    def unnamed(self, *, denied: bool) -> tuple[str, int] | None:
        """The likely noun among words that no table has: the last one of a phrase with an article.

        Of "a dragon breathes" the first, since no singular ends so.
        """
        others = [(t, w) for t, w in self.others if not t.endswith(_ENDINGS)]
        if not others or not (self.article or self.number or self.several or denied):
            return None
        single = not (self.number > 1 or self.several)
        if single and len(others) > 1 and others[-1][0].endswith("s"):
            others.pop()
        return others[-1]


def tokens_of(words: Sequence[str], spelled: Mapping[str, str] = MappingProxyType({})) -> Tokens:
    """Each word's parts with the word's number, and ",", ":" or "." where a pause is typed.

    `spelled`: words by what may be typed for them. The end is a pause, too.
    """
    tokens: Tokens = []
    for number, word in enumerate(words):
        if word in ("&", "+"):
            tokens.append(("and", number))
            continue
        if word[:1] in "([" and tokens:
            tokens.append((",", number))
        for part in re.split(r"[-/–—]", word):
            if plain := normalise(part):
                owner = plain.removesuffix(OWNING)
                owns = owner != plain and owner not in _WHOLE
                tokens.append((owner if owns else spelled.get(plain, plain), number))
                tokens += [(OWNING, number)] * owns
        last = word.rstrip("\"'”’»")[-1:] or word[-1:]
        if last in ".!?;…":
            tokens.append((".", number))
        elif last == ":":
            tokens.append((":", number))
        elif last in ",–—-)]":
            tokens.append((",", number))
    if tokens and tokens[-1][0] not in ",.:":
        tokens.append((".", len(words) - 1))
    return tokens
