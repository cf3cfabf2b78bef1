"""Many narratives as people have them: a JSONL file, or a folder of JSON and JSONL files.

All are read once, and of each its words are kept and where it lies; its trace is read again when
it is asked for, so that a hundred thousand take little memory. What cannot be used is named with
the reason, and passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from files.errors import InputError
from files.progress import progress_bar
from files.text import WIDE
from trecs.narrative.localized import loads, read
from trecs.narrative.narrative import Narrative

KINDS = (".json", ".jsonl")


@dataclass(frozen=True)
class Entry:
    """A narrative of a collection, without its trace.

    `labels` that somebody gave, COCO-Stuff values by the words' numbers. `seconds`: from the first
    word or point to the last.
    """

    name: str
    words: tuple[str, ...]
    labels: Mapping[int, int]
    strokes: int
    seconds: float

    @staticmethod
    def of(name: str, narrative: Narrative) -> "Entry":
        """What is kept of a narrative."""
        begun = [w.start for w in narrative.words] + [s[0, 2] for s in narrative.strokes]
        ended = [w.end for w in narrative.words] + [s[-1, 2] for s in narrative.strokes]
        words = tuple(word.text for word in narrative.words)
        seconds = float(max(ended) - min(begun))
        return Entry(name, words, narrative.labels, len(narrative.strokes), seconds)


@dataclass(frozen=True)
class BadEntry:
    """What is no narrative, and why."""

    name: str
    reason: str


class Collection(Protocol):
    """Narratives that can be looked at one by one."""

    @property
    def entries(self) -> Sequence[Entry]:
        """What can be used, in order."""
        ...

    @property
    def bad(self) -> Sequence[BadEntry]:
        """What cannot."""
        ...

    def narrative(self, number: int) -> Narrative:
        """The narrative of an entry with its trace; raises InputError where it is there no more."""
        ...


@dataclass(frozen=True)
class _Place:
    path: Path
    start: int | None = None  # byte of the line; None: the file is one narrative


class FileCollection:
    """The narratives of a file or a folder; raises InputError where none can be used."""

    def __init__(self, path: Path) -> None:
        self.entries: list[Entry] = []
        self.bad: list[BadEntry] = []
        self._places: list[_Place] = []
        folder = path if path.is_dir() else None
        for file in progress_bar(list(_files(path)), desc="narratives", unit="file"):
            name = file.relative_to(folder).as_posix() if folder else ""
            if _is_lines(file):
                self._add_lines(file, name)
            else:
                self._add(name or file.name, _Place(file))
        if not self.entries:
            told = f" The first, {self.bad[0].name}: {self.bad[0].reason}" if self.bad else ""
            raise InputError(
                f"'{path}' has no narrative that can be used; expected a JSONL file in the "
                f"Localized Narratives format, or a folder of such files.{told}"
            )

    def narrative(self, number: int) -> Narrative:
        """The narrative of an entry with its trace; raises InputError where it is there no more."""
        return _read(self._places[number])

    def _add(self, name: str, place: _Place, line: bytes | None = None) -> None:
        try:
            narrative = _read(place) if line is None else loads(line)
        except InputError as error:
            self.bad.append(BadEntry(name, str(error)))
            return
        self.entries.append(Entry.of(name, narrative))
        self._places.append(place)

    def _add_lines(self, file: Path, name: str) -> None:
        start = 0
        with file.open("rb") as lines:
            progress = progress_bar(lines, desc=file.name, unit="narrative", leave=False)
            for number, line in enumerate(progress, 1):
                if line.strip():
                    told = f"{name}, line {number}" if name else f"line {number}"
                    self._add(told, _Place(file, start), line)
                start += len(line)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        if not path.is_file():
            raise InputError(f"There is no file or folder '{path}' with narratives.")
        yield path
        return
    found = sorted(one for one in path.rglob("*") if one.suffix in KINDS and one.is_file())
    if not found:
        raise InputError(f"The folder '{path}' has no file that ends in .json or .jsonl.")
    yield from found


def _is_lines(file: Path) -> bool:
    """Whether a file has a narrative a line; raises InputError where it cannot be read."""
    try:
        with file.open("rb") as lines:
            first, second = lines.readline(), lines.readline()
    except OSError as error:
        raise InputError(f"'{file}' cannot be read ({error.strerror}).") from error
    lined = file.suffix == ".jsonl" or (first.strip().endswith(b"}") and second.startswith(b"{"))
    if lined and first.startswith(WIDE):
        raise InputError(f"'{file}' is in UTF-16; save it as UTF-8, a narrative a line.")
    return lined


def _read(place: _Place) -> Narrative:
    if place.start is None:
        return read(place.path)
    try:
        with place.path.open("rb") as file:
            file.seek(place.start)
            return loads(file.readline())
    except OSError as error:
        raise InputError(f"'{place.path}' cannot be read ({error.strerror}).") from error
