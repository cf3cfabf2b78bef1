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
from trecs.text.chunk import Chunk, OpenPhrase, tokens_of
from trecs.text.colours import Coloured, coloured
from trecs.text.garments import noun_at
from trecs.text.nouns import Named, Nouns
from trecs.text.phrases import FUNCTION_WORDS
from trecs.text.rules import Match, Rules

KINDS = tuple(
    """
    gone denying sequence relation turned compared place number several piece article absent size
    joining pronoun verb
    """.split()
)
"""Of the rules, the first of which counts where two phrases are as long."""
_LISTED = re.compile(r", (?:[^ ,.]+ ){1,3}(?:, (?:[^ ,.]+ ){1,3})*(?:, )?(?:or|nor) ")
_ENDINGS = ("ing", "ed", "ly", "est")  # of words that are rarely nouns


class Chunker:
    """Cuts one text; `chunks` are the result.

    `absent`: labels that words deny without a noun. `closed`: nothing else is there. `bare`: the
    numbers of words that name nothing.
    """

    def __init__(self, words: Sequence[str], rules: Rules, nouns: Nouns) -> None:
        self.rules, self.nouns = rules, nouns
        self.tokens = tokens_of(words, rules.spelled)
        self.text = "".join(token + " " for token, _ in self.tokens)
        self.offsets = [0]
        for token, _ in self.tokens:
            self.offsets.append(self.offsets[-1] + len(token) + 1)
        self.chunks: list[Chunk] = []
        self.absent: set[str] = set()
        self.closed = False
        self.bare: set[int] = set()
        self._np: OpenPhrase | None = None
        self._denying = ""  # the word that denies what follows
        self._loose = ""  # ... what stands behind a preposition, if it is "any"
        self._denied = ""  # ... that denied the last noun phrase, and may deny what is joined to it
        self._bare = False  # the last denied noun had no article
        self._colours = coloured(self.tokens, rules, nouns)
        self._read()

    def place_at(self, at: int) -> str:
        """The place that the tokens from number `at` name, or ""."""
        found = self.rules.phrases.at(self.text, self.offsets[at], ("place",))
        return found.meaning if found else ""

    def _read(self) -> None:
        i = 0
        while i < len(self.tokens):
            token, word = self.tokens[i]
            if phrase := self._colours.pop(i, None):
                self._colour(phrase)
                i = phrase.stop
                continue
            found = self.rules.phrases.at(self.text, self.offsets[i], KINDS)
            if token in ",.:" and found is None:
                self._end()
                self._punctuation(token, word, i)
                i += 1
                continue
            named, part = noun_at(self.rules, self.nouns, self.text, self.offsets[i])
            if self._np and self._np.found and self._np.last == i:
                verb = self.rules.phrases.at(self.text, self.offsets[i], ("verb or noun",))
                if verb:
                    self._phrase(Match("verb", verb.meaning, 1), i)
                    i += 1
                    continue
            if named and (found is None or named.length >= found.length):
                self._noun(named, part, i)
                i += named.length
            elif found:
                self._phrase(found, i)
                i += found.length
            else:
                self._other(token, word, i)
                i += 1
        self._end()

    def _phrase(self, found: Match, i: int) -> None:
        start, stop = self.tokens[i][1], self.tokens[i + found.length - 1][1] + 1
        if found.meaning != "acts":
            self.bare.update(range(start, stop))
        if found.kind in ("number", "several", "piece", "article", "size", "absent"):
            self._before_noun(found, i, start)
            return
        if found.kind == "place" and self._np and not (self._np.found or self._np.others):
            self._np = None  # "the leftmost cow"
        self._end()
        text = self.text[self.offsets[i] : self.offsets[i + found.length] - 1]
        scope = self._denying
        if found.kind == "gone" and self._lacks(text, i + found.length):
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
        start, last = self.tokens[phrase.start][1], self.tokens[max(phrase.stop - 1, 0)][1]
        if phrase.told or phrase.alone:
            self._end()
            self._denying = ""  # "the bus is not red"
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
            self._np.word = self.tokens[i][0]
        elif found.kind == "number":
            self._np.number = int(found.meaning)
        elif found.kind == "several":
            self._np.several = int(found.meaning)
        elif found.kind == "size":
            self._np.size = int(found.meaning)

    def _noun(self, named: Named, part: Part | None, i: int) -> None:
        word = self.tokens[i][1]
        np = self._np
        if np and np.found and (np.last != i or np.found.plural or np.part):
            self._end()
            np = None
        if np is None:
            np = self._np = OpenPhrase(word, i)
        np.found, np.last, np.part = named, i + named.length, part
        np.head = self.tokens[i + named.length - 1][1]

    def _other(self, token: str, word: int, i: int) -> None:
        if token == "of":
            self._end()
            self.chunks.append(Chunk("of", "", word, word + 1, i))
        elif stem := self._without(token):
            self._before_noun(Match("absent", stem, 1), i, word)
        elif token == "free" and self._np and self._np.found and self._np.head == word:
            self._np = None  # "car-free"
            self.absent.update(self.rules.general.get(self.tokens[i - 1][0], ()))
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
            if named := self.nouns.at(form + " ", 0):
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
        elif head := self._unnamed(np):
            token, word = head
            kind = "frame" if token in self.rules.frame and not self._denying else "noun"
            plural = bool(np.number > 1 or np.several)
            chunk = replace(chunk, kind=kind, noun=token, head=word, stop=word + 1, plural=plural)
        else:
            self._without_noun(np)
            return
        denied = bool(self._denying or (np.word == "any" and self._loose))
        self._loose = ""
        self._bare = denied and not np.article
        self._denied, self._denying = self._denying, ""
        self.chunks.append(
            replace(
                chunk,
                number=np.number,
                several=np.several,
                article=np.article,
                word=np.word,
                size=np.size,
                denied=denied,
                colours=np.colours,
                part=np.part,
            )
        )

    def _without_noun(self, np: OpenPhrase) -> None:
        """What stands there without a noun: "another", "the dog is big", "above her"."""
        stop = np.start + 1
        if np.word in ("another", "other") or np.number == 1:
            one = Chunk("one", np.word, np.start, stop, np.at, size=np.size, number=np.number)
            self.chunks.append(replace(one, colours=np.colours))
        elif np.number or np.several:
            some = Chunk("counted", "", np.start, stop, np.at, size=np.size)
            self.chunks.append(replace(some, number=np.number, several=np.several))
        elif np.size:
            self.chunks.append(Chunk("size", "", np.start, stop, np.at, size=np.size))
        elif np.article == "known":
            self.chunks.append(Chunk("pronoun", "thing", np.start, stop, np.at))

    def _lacks(self, text: str, after: int) -> bool:
        """Whether "is missing" tells of what follows, "a wheel", not of what stands before."""
        if not text.endswith("missing") or after >= len(self.tokens):
            return False
        return self.rules.phrases.at(self.text, self.offsets[after], ("article",)) is not None

    def _unnamed(self, np: OpenPhrase) -> tuple[str, int] | None:
        """The likely noun among words that no table has: the last one of a phrase with an article.

        Of "a dragon breathes" the first, since no singular ends so.
        """
        others = [(t, w) for t, w in np.others if not t.endswith(_ENDINGS)]
        if not others or not (np.article or np.number or np.several or self._denying):
            return None
        single = not (np.number > 1 or np.several)
        if single and len(others) > 1 and others[-1][0].endswith("s"):
            others.pop()
        token, word = others[-1]
        return token, word

    def _joined(self, meaning: str, after: int) -> str:
        """What is still denied behind an "and" or "or"."""
        scope = self._denying or self._denied
        if not scope or meaning == "but":
            return ""
        if meaning == "or":
            return scope
        following = None
        if after < len(self.tokens):
            following = self.rules.phrases.at(self.text, self.offsets[after], KINDS)
        opens = following is not None and following.kind in ("article", "number", "several")
        goes_on = not opens if self._bare else opens and scope.startswith("without")
        if following is not None and following.kind in ("verb", "place", "relation", "pronoun"):
            goes_on = False
        return scope if goes_on else ""

    def _punctuation(self, token: str, word: int, i: int) -> None:
        listed = token == "," and _LISTED.match(self.text, self.offsets[i])
        self._denying = (self._denying or self._denied) if listed else ""
        self._denied = self._denying
        kind = "break" if token == "." else "comma"
        self.chunks.append(Chunk(kind, token, word, word, i))
