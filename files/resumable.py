"""A new folder that takes long to fill: what is done stays for the next attempt, aside."""

import zlib
from pathlib import Path
from types import TracebackType

from files import disk
from files.errors import InputError
from files.locks import acquired
from files.whole import MARK, Staging, sweep

LOCK, PART = ".lock", ".part"
LONGEST = 255 - len(PART)  # bytes of a name that PART can be added to


class Resumable:
    """Where the files of a new folder `out` are made: `work`, which is kept until `commit`.

    It is `OUT.part`, or `OUT/.part` where `out` is there already, as a mounted volume is. As a
    context manager it belongs to one process. Raises InputError where `out` holds something,
    another process is at it, or the disk refuses.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        with disk.told(out):
            self._within = out.is_dir()
            if self._within:
                sweep(out)
            if out.exists() and not (self._within and _is_empty(out)):
                raise InputError(
                    f"'{out}' exists already; give a new folder to --out, or delete it."
                )
        name = (
            out.name if len(out.name.encode()) <= LONGEST else f"{zlib.crc32(out.name.encode()):x}"
        )
        self.work = out / PART if self._within else out.absolute().parent / f"{name}{PART}"

    def __enter__(self) -> "Resumable":
        with disk.told(self.out):
            self.work.mkdir(parents=True, exist_ok=True)
        self._lock = acquired(self.work / LOCK)
        if self._lock is None:
            raise InputError(
                f"Another process is making '{self.out}'; wait for it to end, or give another "
                "--out."
            )
        sweep(self.work, deep=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            self._lock.release()

    def commit(self) -> None:
        """Puts the finished files in their place, all at once."""
        with disk.told(self.out):
            if self._lock is not None:
                self._lock.release()
            (self.work / LOCK).unlink(missing_ok=True)
            if not self._within:
                self.work.rename(self.out)
                return
            staging = Staging(self.out)
            try:
                staging.commit(made=self.work)
            finally:
                staging.remove()


def _is_empty(folder: Path) -> bool:
    """Whether nothing is there but what belongs to the disk or to us."""
    names = {path.name for path in folder.iterdir()} - {PART, "lost+found"}
    return all(name.startswith(MARK) for name in names)
