"""From noun phrases to mentions: which thing, how many of it, or that it is not there."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from segmentation.labels import NAMES, is_thing
from trecs.text.chunk import OWNING, STANDING_IN, Chunk
from trecs.text.repeating import SEVERAL, Repeating, differ
from trecs.text.rules import Rules
from trecs.text.said import UNNAMED, Mention

MOST = 12  # things of one noun phrase
AGAIN = frozenset("the this that these those said".split()) | {OWNING}
"""Articles by which a noun that was there before means the same thing."""


class Naming:
    """The mentions of a text's chunks.

    `wearers`: numbers of chunks for those who wear something. `chunks`: with those marked that
    words behind them deny. `of_chunk`: the mention of each noun phrase that is to be seen.
    `denied`: names of labels. `refused`: denied nouns without a label, each with its word's number.
    `silent`: spans of words that name what is not to be seen.
    """

    def __init__(
        self, chunks: Sequence[Chunk], rules: Rules, wearers: Collection[int] = ()
    ) -> None:
        self.rules = rules
        self.mentions: list[Mention] = []
        self.of_chunk: dict[int, int] = {}
        self.denied: set[str] = set()
        self.refused: list[tuple[str, int]] = []
        self.silent: list[tuple[int, int]] = []
        self._owners: dict[int, int] = {}  # of mentions that somebody owns, whose they are
        self.chunks = _with_gone(chunks)
        self._repeating = Repeating(self.chunks, self.mentions, self.of_chunk, wearers)
        wholes = self._wholes()
        deny = -1
        for i, chunk in enumerate(self.chunks):
            if chunk.kind == "denying":
                deny = chunk.start
            elif chunk.meaning == "shared" and (noun := self._repeating.shared(i)):
                self._add(i, self._same(self._new(noun), chunk))
            elif chunk.kind in STANDING_IN and self._recount(i, chunk):
                pass
            elif chunk.kind in STANDING_IN and self.mentions:
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
        if number < 0 or chunk.noun:
            return False
        if not (colon or (chunk.number > 1 and self.mentions[number].guessed)):
            return False
        mention = self.mentions[number]
        count = min(chunk.number or chunk.several, MOST)
        size = chunk.size or mention.size
        self.mentions[number] = replace(mention, count=count, guessed=not chunk.number, size=size)
        self.of_chunk[i] = number
        return True

    def _one_of(self, i: int, chunk: Chunk) -> None:
        """What a phrase without a noun of its own stands for.

        A part of several ("two dogs, one big and one small"), their rest, a further thing
        ("another", "a black dog and a white one"), or what was named before ("the white one").
        """
        count, _ = self._count(chunk)
        meant = self._repeating.meant(i)
        some, several = self._repeating.several(i, chunk, count)
        if chunk.article == "known" and (again := self._repeating.again(chunk)) is not None:
            self.of_chunk[i] = again
        elif several is not None and several.count > count:
            self.mentions[some] = replace(several, count=several.count - count)
            self._repeating.rest = some
            self._add(i, self._same(several, chunk))
        elif several is not None:
            self.of_chunk[i], self._repeating.rest = some, None
            self.mentions[some] = _told(several, chunk)
        elif chunk.noun and (chunk.article != "known" or self._repeating.differs(i, chunk, meant)):
            self._add(i, self._same(self.mentions[meant], chunk))
        elif chunk.noun:
            self.of_chunk[i] = meant
            self.mentions[meant] = _told(self.mentions[meant], chunk)
        elif chunk.meaning == "another":
            self._add(i, self._same(self.mentions[meant], chunk))

    def _same(self, mention: Mention, chunk: Chunk) -> Mention:
        """More of a mention's things, told of by the words of a chunk."""
        count, guessed = self._count(chunk)
        return replace(
            mention,
            start=chunk.start,
            stop=chunk.stop,
            head=chunk.head,
            count=count,
            guessed=guessed,
            size=chunk.size or mention.size,
            stands_in=chunk.kind != "noun",
            colours=chunk.colours,
            places=chunk.places,
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
        mention = self._new(chunk)
        owner = self.of_chunk.get(i - 1) if chunk.word == OWNING else None
        same = self._earlier(mention, chunk, owner)
        if owner is not None:
            self._owners[len(self.mentions) if same is None else same] = owner
        if same is None:
            self._add(i, mention)
        elif chunk.places and self.mentions[same].count > mention.count:
            self._one_of(i, chunk)  # "two dogs. The left dog"
        else:
            self.of_chunk[i] = same
            self.mentions[same] = _told(self.mentions[same], chunk)

    def _new(self, chunk: Chunk) -> Mention:
        """What a noun phrase says by itself."""
        count, guessed = self._count(chunk)
        return Mention(
            *(chunk.noun, chunk.label, chunk.start, chunk.stop, chunk.head),
            *(count, guessed, chunk.size),
            colours=chunk.colours,
            places=chunk.places,
        )

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

    def _earlier(self, mention: Mention, chunk: Chunk, owner: int | None) -> int | None:
        """An earlier mention of the same thing: "the dog" after "a dog"; stuff is mostly one.

        `owner`: whose it is said to be.
        """
        stuff = mention.label != UNNAMED and not is_thing(mention.label)
        if not (chunk.word in AGAIN or (stuff and not chunk.article and not chunk.number)):
            return None
        found = [
            number
            for number, other in enumerate(self.mentions)
            if other.noun == mention.noun and not differ(other, chunk)
            if owner is None or self._owners.get(number, owner) == owner
        ]  # but not "a black dog and a brown dog, the brown dog"
        alike = [number for number in found if self.mentions[number].places >= chunk.places]
        return max(alike or found, default=None)


def painted(mention: Mention, colours: Sequence[str]) -> Mention:
    """A mention of which colours are told, too."""
    return replace(mention, colours=tuple(dict.fromkeys((*mention.colours, *colours))))


def _told(mention: Mention, chunk: Chunk) -> Mention:
    """A mention of which the words of a further chunk tell, too."""
    size, places = chunk.size or mention.size, mention.places | chunk.places
    return replace(painted(mention, chunk.colours), size=size, places=places)


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
