"""A text cut into what the grammar joins: noun phrases, relations, places, joints and breaks.

Read from left to right; at each word the longest phrase of `rules.txt` or noun counts. A noun
phrase opens with an article, a number, a size or its noun and ends with its last noun: "two small
fire trucks". What "no" and its like deny is marked here, since its scope is a matter of order.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from segmentation.garments import Part
from segmentation.labels import NAMES
from trecs.text.chunk import ONES, OWNING, Chunk, OpenPhrase
from trecs.text.colours import Coloured, coloured
from trecs.text.nouns import Named, Nouns
from trecs.text.phrases import FUNCTION_WORDS
from trecs.text.rules import Match, Rules
from trecs.text.typed import KINDS, Typed

_LISTED = re.compile(r", (?:[^ ,.]+ ){1,3}(?:, (?:[^ ,.]+ ){1,3})*(?:, )?(?:or|nor) ")


class Chunker:
    """Cuts one text; `chunks` are the result.

    `absent`: labels that words deny without a noun. `closed`: nothing else is there. `bare`: the
    numbers of words that name nothing. `telling`: those of colours that are told of a noun.
    """

    def __init__(self, words: Sequence[str], rules: Rules, nouns: Nouns) -> None:
        self.rules = rules
        self.typed = Typed(words, rules, nouns)
        self.chunks: list[Chunk] = []
        self.absent: set[str] = set()
        self.closed = False
        self.bare: set[int] = set()
        self.telling: set[int] = set()
        self._np: OpenPhrase | None = None
        self._denying = ""  # the word that denies what follows
        self._loose = ""  # ... what stands behind a preposition, if it is "any"
        self._denied = ""  # ... that denied the last noun phrase, and may deny what is joined to it
        self._bare = False  # the last denied noun had no article
        self._colours = coloured(self.typed)
        self._read()

    def place_at(self, at: int) -> str:
        """The place that the tokens from number `at` name, or ""."""
        found = self.typed.rule(at, ("place",))
        return found.meaning if found else ""

    def _read(self) -> None:
        i = 0
        while i < len(self.typed):
            i += self._step(i)
        self._end()

    def _step(self, i: int) -> int:
        """Reads what begins at a token; returns of how many tokens that is."""
        token, word = self.typed.words[i], self.typed.numbers[i]
        if phrase := self._colours.pop(i, None):
            self._colour(phrase)
            return phrase.stop - i
        found = self.typed.rule(i, KINDS)
        if token in ",.:" and found is None:
            self._end()
            self._punctuation(token, word, i)
            return 1
        if token == OWNING:
            self._owning(word, i)
            return 1
        if token == "others":
            self._end()
            others = Chunk("counted", "", word, word + 1, i, head=word, several=3, plural=True)
            self.chunks.append(others)
            return 1
        if token in ONES and self._np and self._stands_in(self._np, i):
            self.chunks.append(self._np.one(word, plural=token == "ones"))
            self._np = None
            return 1
        np = self._np
        if np and not (np.found or np.others) and (place := self.typed.leading(i, found)):
            np.places |= frozenset(place.meaning.split())
            self.bare.update(self.typed.numbers[i : i + place.length])
            return place.length
        if length := self.typed.shade(i):
            self._other(self.typed.text(i, i + length), word, i)  # "a rainbow coloured umbrella"
            return length
        named, part = self.typed.noun_or_worn(i)
        if np and np.found and np.last == i and self.typed.acts(i, np.found):
            self._phrase(Match("verb", "acts", 1), i)
            return 1
        if named and (found is None or named.length >= found.length):
            self._noun(named, part, i)
            return named.length
        if found:
            self._phrase(found, i)
            return found.length
        self._other(token, word, i)
        return 1

    def _stands_in(self, np: OpenPhrase, i: int) -> bool:
        """Whether the "one" at a token ends a phrase: "a white one", but not "one white cat"."""
        told = np.colours or np.size or np.places or np.others
        plural = (np.number > 1 or np.several) and np.others and np.others[-1][0].endswith("s")
        if (
            np.found
            or plural
            or self._denying
            or not (told or np.article or np.number or np.several)
        ):
            return False
        if colours := self._colours.get(i + 1):
            return colours.told
        if told and not self.typed.seen(i + 1):
            return True
        following = self.typed.words[i + 1] if i + 1 < len(self.typed) else "."
        return following in {*",.:", *FUNCTION_WORDS} or self.typed.rule(i + 1, KINDS) is not None

    def _owning(self, word: int, i: int) -> None:
        """ "The man's shirt": both are there; of "a child's bike" or "men's room" the second.

        Of "a dog's tail" the first, for no label has the second.
        """
        np, colours = self._np, self._colours.get(i + 1)
        owned = not (colours and colours.told) and self.typed.owned(i + 1)
        plural = np is not None and np.found is not None and np.found.plural
        generic = plural or (np and np.article != "known" and self.typed.seen_soon(i + 1))
        if np and owned and generic:
            np.found, np.others, np.colours, np.part = None, (), (), None
            return
        self._end()
        if owned:
            self._np = OpenPhrase(word + 1, i + 1, article="known", word=OWNING)
        else:
            self.chunks.append(Chunk("verb", "is", word, word + 1, i))

    def _phrase(self, found: Match, i: int) -> None:
        start, stop = self.typed.numbers[i], self.typed.numbers[i + found.length - 1] + 1
        if found.meaning != "acts":
            self.bare.update(range(start, stop))
        if found.kind in ("number", "several", "piece", "article", "size", "absent"):
            self._before_noun(found, i, start)
            return
        if found.kind == "place" and self._np and not (self._np.found or self._np.others):
            self._np = None  # "the leftmost animal is a cow"
        self._end()
        text = self.typed.text(i, i + found.length)
        scope = self._denying
        lacks = text.endswith("missing") and self.typed.rule(i + found.length, ("article",))
        if found.kind == "gone" and lacks:  # "the car is missing a wheel"
            found = Match("denying", "next", found.length)
        if found.kind == "denying":
            exception = found.meaning == "except"
            after_no = exception and any(chunk.kind == "denying" for chunk in self.chunks)
            self._denying = text if found.meaning == "next" or (exception and not after_no) else ""
            self.closed |= found.meaning == "closed"
            if found.meaning in ("other", "closed"):
                self.chunks.append(Chunk("denying", "other", start, start, i))
                return
        elif found.kind == "joining":
            self._denying = self._joined(found.meaning, i + found.length)
        elif found.kind in ("relation", "turned", "place", "compared"):
            self._denied = ""
            prepositional = not text.endswith("ing")
            unused = scope and self.chunks and self.chunks[-1].kind == "denying"
            if prepositional or not unused:
                self._denying, self._loose = "", scope if unused else ""
            if unused and found.kind == "relation":
                return  # "not on the couch", "without holding a cup"
        self.chunks.append(Chunk(found.kind, found.meaning, start, stop, i, word=text))

    def _colour(self, phrase: Coloured) -> None:
        """Colours in front of a noun are part of its phrase; others are told of one, or worn."""
        start, last = self.typed.numbers[phrase.start], self.typed.numbers[max(phrase.stop - 1, 0)]
        if phrase.told or phrase.alone:
            self._end()
            self._denying = ""  # "the bus is not red"
            self.telling.update(range(start, last + 1))
            chunk = Chunk("word", "", start, last + 1, phrase.start, colours=phrase.names)
            garment = replace(chunk, kind="noun", head=last, part="whole")
            self.chunks.append(garment if phrase.alone else chunk)
            return
        if self._np is None or self._np.found:
            self._end()
            self._np = OpenPhrase(start, phrase.start)
        self._np.colours += phrase.names

    def _before_noun(self, found: Match, i: int, start: int) -> None:
        if found.kind == "absent":
            self.absent.update(found.meaning.split())
        if self._np is None or self._np.found:
            self._end()
            self._np = OpenPhrase(start, i)
        if found.kind == "article":
            self._np.article = found.meaning
            self._np.word = self.typed.words[i]
        elif found.kind == "number":
            self._np.number = int(found.meaning)
        elif found.kind == "several":
            self._np.several = int(found.meaning)
        elif found.kind == "size":
            self._np.size = int(found.meaning)

    def _noun(self, named: Named, part: Part | None, i: int) -> None:
        word = self.typed.numbers[i]
        np = self._np
        apart = bool(np and np.last == i and np.found and self.typed.apart(np.found, named, i))
        if np and np.found and (np.last != i or np.found.plural or np.part or apart):
            self._end()
            np = None
        if apart:  # "a boy skateboards" on one
            named = replace(named, plural=False)
        if np is None:
            np = self._np = OpenPhrase(word, i)
        np.found, np.last, np.part = named, i + named.length, part
        np.head = self.typed.numbers[i + named.length - 1]

    def _other(self, token: str, word: int, i: int) -> None:
        if token == "of":
            self._end()
            self.chunks.append(Chunk("of", "", word, word + 1, i))
        elif stem := self._without(token):
            self._before_noun(Match("absent", stem, 1), i, word)
        elif token == "free" and self._np and self._np.found and self._np.head == word:
            self._np = None  # "car-free"
            self.absent.update(self.rules.general.get(self.typed.words[i - 1], ()))
        elif token in FUNCTION_WORDS:
            self.bare.add(word)
            self._end()
            self.chunks.append(Chunk("word", token, word, word + 1, i))
        elif self._np and not self._np.found:
            self._np.others += ((token, word),)
        elif self._denying and self._np is None:
            self._np = OpenPhrase(word, i, others=((token, word),))
        else:
            self._end()
            self.chunks.append(Chunk("word", token, word, word + 1, i))

    def _without(self, token: str) -> str:
        """The labels that "treeless" and its like deny."""
        if not token.endswith("less") or len(token) < 6:
            return ""
        stem = token.removesuffix("less")
        for form in (stem, stem + "s"):
            if form in self.rules.general:
                return " ".join(self.rules.general[form])
            if named := self.typed.named(form):
                return NAMES[named.label]
        return ""

    def _end(self) -> None:
        """Ends the noun phrase that is open."""
        np, self._np = self._np, None
        if np is None:
            return
        chunk = Chunk("noun", "", np.start, np.head + 1, np.at)
        if np.found:
            chunk = replace(
                chunk,
                noun=np.found.noun,
                label=np.found.label,
                head=np.head,
                plural=np.found.plural,
            )
        elif head := np.unnamed(denied=bool(self._denying)):
            token, word = head
            kind = "frame" if token in self.rules.frame and not self._denying else "noun"
            plural = bool(np.number > 1 or np.several)
            chunk = replace(chunk, kind=kind, noun=token, head=word, stop=word + 1, plural=plural)
        else:
            stands = np.without_noun()
            self.chunks += [stands] if stands else []
            return
        denied = bool(self._denying or (np.word == "any" and self._loose))
        self._loose = ""
        self._bare = denied and not np.article
        self._denied, self._denying = self._denying, ""
        self.chunks.append(replace(np.told(chunk), denied=denied))

    def _joined(self, meaning: str, after: int) -> str:
        """What is still denied behind an "and" or "or"."""
        scope = self._denying or self._denied
        if not scope or meaning == "but":
            return ""
        if meaning == "or":
            return scope
        following = self.typed.rule(after, KINDS)
        opens = following is not None and following.kind in ("article", "number", "several")
        goes_on = not opens if self._bare else opens and scope.startswith("without")
        if following is not None and following.kind in ("verb", "place", "relation", "pronoun"):
            goes_on = False
        return scope if goes_on else ""

    def _punctuation(self, token: str, word: int, i: int) -> None:
        listed = token == "," and self.typed.starts(_LISTED, i)
        self._denying = (self._denying or self._denied) if listed else ""
        self._denied = self._denying
        kind = "break" if token == "." else "comma"
        self.chunks.append(Chunk(kind, token, word, word, i))
