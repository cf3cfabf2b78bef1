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

    `of_chunk`: the mention of each noun phrase that is to be seen. `denied`: names of labels.
    `silent`: spans of words that name what is not to be seen.
    """

    def __init__(self, chunks: Sequence[Chunk], rules: Rules) -> None:
        self.rules = rules
        self.mentions: list[Mention] = []
        self.of_chunk: dict[int, int] = {}
        self.denied: set[str] = set()
        self.silent: list[tuple[int, int]] = []
        self._rest: int | None = None  # the mention of several of which single ones were told
        deny = -1
        for i, chunk in enumerate(chunks):
            if chunk.kind == "denying":
                deny = chunk.start
            elif chunk.kind == "one" and self.mentions:
                self._one_of(i, chunk)
            elif chunk.kind == "noun" and chunk.denied:
                self._deny(chunk, deny)
            elif chunk.kind == "noun":
                self._mention(i, chunk)

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
        )

    def _deny(self, chunk: Chunk, start: int) -> None:
        for word in (chunk.noun, chunk.noun + "s"):
            if word in self.rules.general:
                self.denied.update(self.rules.general[word])
                break
        else:
            if chunk.label != UNNAMED:
                self.denied.add(NAMES[chunk.label])
        self.silent.append((max(start, 0), chunk.stop))

    def _mention(self, i: int, chunk: Chunk) -> None:
        count, guessed = self._count(chunk)
        mention = Mention(
            *(chunk.noun, chunk.label, chunk.start, chunk.stop, chunk.head),
            *(count, guessed, chunk.size),
        )
        same = self._earlier(mention, chunk)
        if same is None:
            self._add(i, mention)
        else:
            self.of_chunk[i] = same

    def _add(self, i: int, mention: Mention) -> None:
        self.of_chunk[i] = len(self.mentions)
        self.mentions.append(mention)

    def _count(self, chunk: Chunk) -> tuple[int, bool]:
        """How many things a noun phrase means, and whether that is a guess."""
        alone = self.rules.several_names.get(chunk.noun, 1)
        if chunk.number:
            return min(max(chunk.number, 1) * (alone if chunk.number == 1 else 1), MOST), False
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
            if chunk.word in AGAIN or (stuff and not chunk.article and not chunk.number):
                return number
        return None
