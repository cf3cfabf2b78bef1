"""From noun phrases to mentions: which thing, how many of it, or that it is not there."""

from collections.abc import Sequence
from dataclasses import replace

from segmentation.labels import NAMES, is_thing
from trecs.text.chunk import Chunk
from trecs.text.rules import Rules
from trecs.text.said import UNNAMED, Mention

SEVERAL = 2  # things, where nothing but a plural says how many
MOST = 12  # things of one noun phrase
AGAIN = frozenset("the this that these those said".split())
"""Articles by which a noun that was there before means the same thing."""


class Naming:
    """The mentions of a text's chunks.

    `chunks`: with those marked that words behind them deny. `of_chunk`: the mention of each noun
    phrase that is to be seen. `denied`: names of labels. `refused`: denied nouns without a label,
    each with its word's number. `silent`: spans of words that name what is not to be seen.
    """

    def __init__(self, chunks: Sequence[Chunk], rules: Rules) -> None:
        self.rules = rules
        self.mentions: list[Mention] = []
        self.of_chunk: dict[int, int] = {}
        self.denied: set[str] = set()
        self.refused: list[tuple[str, int]] = []
        self.silent: list[tuple[int, int]] = []
        self._rest: int | None = None  # the mention of several of which single ones were told
        self.chunks = _with_gone(chunks)
        wholes = self._wholes()
        deny = -1
        for i, chunk in enumerate(self.chunks):
            if chunk.kind == "denying":
                deny = chunk.start
            elif chunk.kind in ("one", "counted") and self._recount(i, chunk):
                pass
            elif chunk.kind == "one" and self.mentions:
                self._one_of(i, chunk)
            elif chunk.kind == "noun" and chunk.denied:
                self._deny(chunk, chunk.start if chunk.meaning == "gone" else deny)
            elif chunk.kind == "noun" and i not in wholes:
                self._mention(i, chunk)
        self.of_chunk |= {i: self.of_chunk[part] for i, part in wholes.items()}

    def _wholes(self) -> dict[int, int]:
        """The "four people" of "four people: two men and two women", with their first part.

        What follows explains them where it has the same label and comes to the same number.
        """
        wholes: dict[int, int] = {}
        for i, chunk in enumerate(self.chunks):
            if chunk.kind != "noun" or chunk.denied or chunk.noun not in self.rules.whole:
                continue
            count, guessed = self._count(chunk)
            parts: list[int] = []
            for k in range(i + 1, len(self.chunks)):
                part = self.chunks[k]
                if part.kind == "noun" and part.label == chunk.label and not part.denied:
                    parts.append(k)
                elif part.kind not in ("comma", "joining") or (k == i + 1 and part.kind != "comma"):
                    break
            told = sum(self._count(self.chunks[k])[0] for k in parts)
            free = guessed and len(parts) > 1 and self.chunks[i + 1].meaning == ":"
            if count > 1 and parts and (told == count or free):
                wholes[i] = parts[0]
        return wholes

    def _recount(self, i: int, chunk: Chunk) -> bool:
        """ "Dogs: two", "cats, three of them": a number tells how many a plural meant."""
        before = i - 1
        while before >= 0 and self.chunks[before].kind == "comma":
            before -= 1
        number = self.of_chunk.get(before, -1) if self.chunks[before].kind == "noun" else -1
        colon = before < i - 1 and self.chunks[i - 1].meaning == ":"
        if number < 0 or not (colon or (chunk.number > 1 and self.mentions[number].guessed)):
            return False
        mention = self.mentions[number]
        count = min(chunk.number or chunk.several, MOST)
        size = chunk.size or mention.size
        self.mentions[number] = replace(mention, count=count, guessed=not chunk.number, size=size)
        self.of_chunk[i] = number
        return True

    def _one_of(self, i: int, chunk: Chunk) -> None:
        """ "Two dogs, one big and one small"; without several it is a further thing, "another"."""
        numbers = range(len(self.mentions) - 1, -1, -1)
        some = next((n for n in numbers if self.mentions[n].count > 1), None)
        if some is not None:
            several = self.mentions[some]
            self.mentions[some] = replace(several, count=several.count - 1)
            self._rest = some
            self._add(i, self._same(several, chunk))
        elif self._rest is not None:
            self.of_chunk[i] = self._rest
            rest = self.mentions[self._rest]
            self.mentions[self._rest] = replace(rest, size=chunk.size or rest.size)
            self._rest = None
        elif chunk.meaning == "another":
            self._add(i, self._same(self.mentions[-1], chunk))

    def _same(self, mention: Mention, chunk: Chunk) -> Mention:
        """One more of a mention's things, told of by the words of a chunk."""
        return replace(
            mention,
            start=chunk.start,
            stop=chunk.stop,
            head=chunk.start,
            count=1,
            guessed=False,
            size=chunk.size or mention.size,
            stands_in=True,
            colours=chunk.colours,
        )

    def _deny(self, chunk: Chunk, start: int) -> None:
        for word in (chunk.noun, chunk.noun + "s"):
            if word in self.rules.general:
                self.denied.update(self.rules.general[word])
                break
        else:
            if chunk.label != UNNAMED:
                self.denied.add(NAMES[chunk.label])
            else:
                self.refused.append((chunk.noun, chunk.head))
        self.silent.append((max(start, 0), chunk.stop))

    def _mention(self, i: int, chunk: Chunk) -> None:
        count, guessed = self._count(chunk)
        mention = Mention(
            *(chunk.noun, chunk.label, chunk.start, chunk.stop, chunk.head),
            *(count, guessed, chunk.size),
            colours=chunk.colours,
        )
        same = self._earlier(mention, chunk)
        if same is None:
            self._add(i, mention)
        else:
            self.of_chunk[i] = same
            self.mentions[same] = painted(self.mentions[same], chunk.colours)

    def _add(self, i: int, mention: Mention) -> None:
        self.of_chunk[i] = len(self.mentions)
        self.mentions.append(mention)

    def _count(self, chunk: Chunk) -> tuple[int, bool]:
        """How many things a noun phrase means, and whether that is a guess."""
        alone = self.rules.several_names.get(chunk.noun, 1)
        if chunk.number:
            units = alone if chunk.number == 1 or not chunk.noun.endswith("s") else 1
            return min(chunk.number * units, MOST), False
        if chunk.several:
            return chunk.several, True
        if chunk.plural and chunk.word not in ("a", "an", "another"):
            return SEVERAL, True
        return alone, alone > SEVERAL

    def _earlier(self, mention: Mention, chunk: Chunk) -> int | None:
        """An earlier mention of the same thing: "the dog" after "a dog"; stuff is mostly one."""
        stuff = mention.label != UNNAMED and not is_thing(mention.label)
        for number in range(len(self.mentions) - 1, -1, -1):
            other = self.mentions[number]
            if other.noun != mention.noun or other.size * mention.size < 0:
                continue
            if other.colours and mention.colours and not {*other.colours} & {*mention.colours}:
                continue  # "a black dog and a brown dog, the brown dog"
            if chunk.word in AGAIN or (stuff and not chunk.article and not chunk.number):
                return number
        return None


def painted(mention: Mention, colours: Sequence[str]) -> Mention:
    """A mention of which colours are told, too."""
    return replace(mention, colours=tuple(dict.fromkeys((*mention.colours, *colours))))


def _with_gone(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks with those denied of which it is said behind that they are "gone"."""
    result = list(chunks)
    for i, chunk in enumerate(chunks):
        if chunk.kind != "gone":
            continue
        at = _noun_before(chunks, i)
        while at >= 2 and chunks[at - 1].kind == "relation" and chunks[at - 2].kind == "noun":
            at -= 2  # "the cars on the street are gone"
        while at >= 0:
            result[at] = replace(chunks[at], denied=True, meaning="gone")
            joined = at >= 2 and chunks[at - 1].kind == "joining" and chunks[at - 2].kind == "noun"
            at = at - 2 if joined else -1
    return result


def _noun_before(chunks: Sequence[Chunk], i: int) -> int:
    """The last noun of a chunk's clause before it; -1 where there is none."""
    for at in range(i - 1, -1, -1):
        if chunks[at].kind == "noun":
            return at
        if chunks[at].kind == "break":
            return -1
    return -1
