"""What the browsing page knows: which narratives match, their labels, and what was drawn.

Words are compared at once. Labels need the tagger, which reads BATCH narratives at a time: those
of the rows that are shown, and with a filter by label one after another until there are enough for
this page and the next.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from retrieval.words import normalise
from segmentation.labels import value_of
from trecs.interface.browse.details import drawing_html
from trecs.interface.models import Models
from trecs.narrative.collection import Collection
from trecs.tagging.reading import reading

ROWS = 20  # on a page
BATCH = 16  # narratives that the tagger reads at once
AT_A_TIME = 1.5  # seconds of tagging, after which the page may show something else
KEPT = 500  # drawings, of about 0.3 MB
Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class View:
    """What somebody looks at: the filters, the page of rows from 0, and the chosen narrative."""

    word: str = ""
    label: str = ""
    page: int = 0
    chosen: int = 0


@dataclass(frozen=True)
class Matches:
    """The narratives that a filter lets through, by number, of the first `looked` of them all."""

    numbers: tuple[int, ...]
    looked: int
    whole: bool  # whether all were looked at


class Browsing:
    """A collection with what was computed of it; kept until the process ends."""

    def __init__(self, collection: Collection, models: Models, seed: int = 0) -> None:
        self.collection, self.models, self.seed = collection, models, seed
        self._spoken = [
            frozenset(normalise(word) for word in entry.words) for entry in collection.entries
        ]
        self._labels: dict[int, Labels] = {}
        self._drawings: OrderedDict[int, str] = OrderedDict()
        self._lock = Lock()

    def labels(self, number: int) -> Labels | None:
        """The label of each word of a narrative, (N,) uint8; None while nobody asked the tagger."""
        return self._labels.get(number)

    def matches(self, view: View) -> Matches:
        """The narratives that hold every word of the filter, and its label.

        With a label as far as they are tagged from the first one on, so that their order stays.
        """
        spoken = self._with_words(view.word)
        if not view.label:
            return Matches(tuple(spoken), len(self._spoken), True)
        label = value_of(view.label)
        found: list[int] = []
        for number in spoken:
            if (labels := self._labels.get(number)) is None:
                return Matches(tuple(found), number, False)
            if (labels == label).any():
                found.append(number)
        return Matches(tuple(found), len(self._spoken), True)

    def lacking(self, view: View) -> list[int]:
        """The narratives that the tagger should read next for what is looked at."""
        matches = self.matches(view)
        shown = matches.numbers[view.page * ROWS : (view.page + 1) * ROWS]
        wanted = [view.chosen, *shown] if self.collection.entries else []
        if not matches.whole and len(matches.numbers) < (view.page + 2) * ROWS:
            after = (n for n in self._with_words(view.word) if n >= matches.looked)
            wanted += [n for n, _ in zip(after, range(BATCH * 4), strict=False)]
        return [number for number in dict.fromkeys(wanted) if number not in self._labels]

    def tag(self, view: View, seconds: float = AT_A_TIME) -> None:
        """Has the tagger read what is lacking, for about so long."""
        deadline = time.monotonic() + seconds
        while (lacking := self.lacking(view)) and time.monotonic() < deadline:
            self._tag(lacking[:BATCH])

    def drawing(self, number: int) -> str | None:
        """What was drawn of a narrative, as HTML; None where nobody asked."""
        return self._drawings.get(number)

    def draw(self, number: int) -> None:
        """Draws a narrative, if it is not drawn; raises InputError where that is impossible."""
        if number in self._drawings:
            return
        result = self.models.get()(self.collection.narrative(number), self.seed)
        with self._lock:
            self._drawings[number] = drawing_html(result)
            while len(self._drawings) > KEPT:
                self._drawings.popitem(last=False)

    def _with_words(self, text: str) -> list[int]:
        wanted = {normalise(word) for word in text.split()} - {""}
        return [i for i, spoken in enumerate(self._spoken) if wanted <= spoken]

    def _tag(self, numbers: list[int]) -> None:
        tagger = self.models.get().tagger
        entries = [self.collection.entries[number] for number in numbers]
        read = tagger.tag_all([entry.words for entry in entries])
        for number, entry, tags in zip(numbers, entries, read, strict=True):
            told = reading(entry.words, tags, tagger.knows, entry.labels) if entry.words else tags
            self._labels[number] = told.labels
