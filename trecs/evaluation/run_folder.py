"""The folder of an evaluation: pictures, label maps, and journals of what was drawn and failed.

`pictures/SYSTEM/CASE-TAKE.png`, `labels/SYSTEM/CASE-TAKE.png` where the system has a canvas, and
one journal of each kind a shard, `drawn-I-of-N.jsonl` and `failed-I-of-N.jsonl`. A picture counts
as drawn when its line stands in a journal, which is written after its files and is on disk before
the next picture is begun: whatever kills a run costs at most the picture in work. Only the process
of a shard writes its journals, so shards can share a folder, and folders are merged by copying
their files together.
"""

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

from files import disk
from files.errors import InputError
from files.locks import acquired
from files.whole import sweep, write_atomically

FORMAT = 3
SETTINGS = "run.json"


@dataclass(frozen=True)
class Shard:
    """A part of the work: number `index`, from 0, of `count`."""

    index: int = 0
    count: int = 1

    @property
    def name(self) -> str:
        """As users write it, from 1, and as it stands in file names."""
        return f"{self.index + 1}-of-{self.count}"

    def holds(self, checksum: int) -> bool:
        """Whether a case with this checksum of its name is of this part."""
        return checksum % self.count == self.index

    def split(self, parts: int) -> "list[Shard]":
        """This part in smaller ones."""
        return [Shard(self.index + self.count * i, self.count * parts) for i in range(parts)]


@dataclass(frozen=True, order=True)
class Key:
    """One picture: by which system, of which case, and which take of it, from 0."""

    system: str
    case: str
    take: int

    @property
    def seed(self) -> int:
        """What all systems draw this take of the case with, 0 to 2**31 - 1.

        Every case has seeds of its own, so that no random state marks all pictures of a system.
        """
        return zlib.crc32(f"{self.case}/{self.take}".encode()) >> 1

    @property
    def file(self) -> str:
        """The name of its files."""
        return f"{self.case}-{self.take}.png"


@dataclass(frozen=True)
class Drawn:
    """A finished picture; `tags`: the label of each word, where the system tags."""

    key: Key
    tags: tuple[int, ...] | None
    seconds: float


@dataclass(frozen=True)
class Failed:
    """A picture that could not be drawn, and why."""

    key: Key
    reason: str


@dataclass(frozen=True)
class Settings:
    """How pictures are drawn; those of one folder must agree. `asked`: which are wanted."""

    cases: str  # the fingerprint of the narratives
    size: int
    models: dict[str, str]  # the fingerprint of the trained parts of each system
    asked: dict[str, Any] = field(compare=False)

    def agree(self, other: "Settings") -> bool:
        """Whether pictures of both may lie in one folder: what both have is the same."""
        both = self.models.keys() & other.models.keys()
        return (self.cases, self.size) == (other.cases, other.size) and all(
            self.models[system] == other.models[system] for system in both
        )


class RunFolder:
    """Reads and writes such a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def agree(self, settings: Settings) -> None:
        """Writes the settings; raises InputError where the folder was drawn with others.

        The models of systems that were asked for earlier stay noted.
        """
        if (self.folder / SETTINGS).is_file():
            before = self.settings()
            if not before.agree(settings):
                raise InputError(
                    f"The pictures in '{self.folder}' were drawn from other narratives, with other "
                    "models or in another size; give another folder to --out."
                )
            settings = replace(settings, models={**before.models, **settings.models})
        record = {"format": FORMAT, **vars(settings)}
        content = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
        write_atomically(self.folder / SETTINGS, content.encode())

    def settings(self) -> Settings:
        """The settings of its pictures; raises InputError where the folder is no evaluation."""
        path = self.folder / SETTINGS
        try:
            record = json.loads(path.read_text("utf-8"))
            written = record.pop("format")
            if written == 2:  # one fingerprint for all systems
                record["models"] = dict.fromkeys(record["asked"]["systems"], record["models"])
            elif written != FORMAT:
                raise ValueError("written by another version of this program")
            return Settings(**record)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"'{self.folder}' is not the folder of an evaluation ({path.name}: {error}); "
                "expected what `trecs evaluate --out` wrote."
            ) from error

    def check_cases(self, fingerprint: str) -> None:
        """Raises InputError where its pictures were not drawn from these narratives."""
        if self.settings().cases != fingerprint:
            raise InputError(
                f"The pictures in '{self.folder}' were drawn from other narratives than those of "
                "--data; give the data folder that they were drawn from."
            )

    def picture(self, key: Key) -> Path:
        """Where its picture lies."""
        return self.folder / "pictures" / key.system / key.file

    def labels(self, key: Key) -> Path:
        """Where the label map lies that it was drawn from, if there is one."""
        return self.folder / "labels" / key.system / key.file

    def drawn(self) -> Iterator[Drawn]:
        """What all journals say was drawn; a picture may come twice."""
        for record in self._lines("drawn-*.jsonl"):
            tags = record["tags"]
            yield Drawn(_key(record), None if tags is None else tuple(tags), record["seconds"])

    def failed(self) -> Iterator[Failed]:
        """What all journals say could not be drawn, also what was drawn afterwards."""
        for record in self._lines("failed-*.jsonl"):
            yield Failed(_key(record), record["reason"])

    def _lines(self, pattern: str) -> Iterator[dict[str, Any]]:
        for path in sorted(self.folder.glob(pattern)):
            with path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):  # the last one may be in work
                        yield json.loads(line)


class Journals:
    """Appends to the journals of a shard, each line whole and on disk before the next.

    Raises InputError where another process is drawing the same shard, or the disk refuses.
    """

    def __init__(self, run: RunFolder, shard: Shard) -> None:
        with disk.told(run.folder):
            run.folder.mkdir(parents=True, exist_ok=True)
        self._files: list[FileIO] = []
        self._lock = acquired(run.folder / f".{shard.name}.lock")
        if self._lock is None:
            raise InputError(
                f"Another process is drawing the shard {shard.name} in '{run.folder}'; wait for "
                "it to end, or give another --shard."
            )
        for folder in ("pictures", "labels"):
            sweep(run.folder / folder, deep=True)
        with disk.told(run.folder):
            for kind in ("drawn", "failed"):
                file = (run.folder / f"{kind}-{shard.name}.jsonl").open("ab+", buffering=0)
                self._files.append(file)
                file.seek(0)
                whole = file.read().rfind(b"\n") + 1
                file.truncate(whole)  # without what a killed run left unfinished

    def __enter__(self) -> "Journals":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Gives the shard back."""
        for file in self._files:
            file.close()
        if self._lock is not None:
            self._lock.release()

    def add_drawn(self, drawn: Drawn) -> None:
        """Notes a picture whose files are written."""
        tags = None if drawn.tags is None else list(drawn.tags)
        self._add(0, drawn.key, tags=tags, seconds=round(drawn.seconds, 4))

    def add_failed(self, failed: Failed) -> None:
        """Notes what could not be drawn."""
        self._add(1, failed.key, reason=failed.reason)

    def _add(self, journal: int, key: Key, **more: Any) -> None:
        line = json.dumps({**vars(key), "seed": key.seed, **more}, ensure_ascii=False) + "\n"
        file = self._files[journal]
        before = file.seek(0, os.SEEK_END)
        with disk.told(Path(file.name)):
            try:
                left = memoryview(line.encode())
                while left:
                    left = left[file.write(left) :]
                os.fsync(file)
            except OSError:
                file.truncate(before)  # no half line before the next one
                raise


def _key(record: dict[str, Any]) -> Key:
    return Key(record["system"], record["case"], record["take"])
