"""Files and folders that appear whole or not at all, whatever ends the process that writes them.

A file is written under a name of its own in its folder and renamed. A folder's files are written
into a *staging* folder, which lies within the target where that exists (it may be a mounted volume
or the only place that this user may write), else beside it, and holds a lock while its process
lives. Names of staging are short whatever the target's is.

A new folder is renamed into its place. Into one that is there already the files are moved one by
one after a plan: first goes what they replace, then they come, so that at no moment old files lie
beside new ones. Whoever writes there next completes the plan of a process that died over it, and
removes what dead ones left unfinished (`sweep`).
"""

import json
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from platform import node
from typing import TYPE_CHECKING

from files import disk
from files.errors import InputError
from files.locks import acquired

if TYPE_CHECKING:
    from filelock import BaseFileLock

MARK = ".writing-"
LOCK, FILES, READY, PLAN = "lock", "files", "ready", "plan.json"
FOREIGN_SECONDS = 3600.0  # after which an unfinished file of another machine is left over

_mine = set[str]()  # the names of what this process is writing


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all: to a temporary name beside it, then renamed.

    Raises InputError where the disk refuses.
    """
    _appear(path, len(content), lambda temporary: temporary.write_bytes(content))


def copy_atomically(source: Path, path: Path) -> None:
    """Copies a file, so that it appears whole or not at all, as `write_atomically` writes one."""
    _appear(path, source.stat().st_size, lambda temporary: shutil.copyfile(source, temporary))


def _appear(path: Path, size: int, write: Callable[[Path], object]) -> None:
    with disk.told(path, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{MARK}{_here():08x}-{os.getpid()}-{secrets.token_hex(4)}")
        _mine.add(temporary.name)
        try:
            write(temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
            _mine.discard(temporary.name)


@contextmanager
def written_whole(out: Path, replaced: Sequence[str] = ()) -> Iterator[Path]:
    """Gives an empty folder to write to; its files move to `out` when the block ends well.

    What else lies in `out` stays but for files of the same names and those that match the patterns
    `replaced`, the rest of what these files are a new version of. Raises InputError where the disk
    refuses.
    """
    with disk.told(out):
        staging = Staging(out)
    try:
        with disk.told(out, within=staging.files):
            yield staging.files
        with disk.told(out):
            staging.commit(replaced)
    finally:
        staging.remove()


class Staging:
    """Where files are written until `commit` puts them in their place `out`, all at once.

    Raises OSError where the disk refuses.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        within = out if out.is_dir() else out.absolute().parent
        within.mkdir(parents=True, exist_ok=True)
        sweep(within)
        self._home, self._lock = _home(within)
        self.files = self._home / FILES
        self.files.mkdir()

    def commit(self, replaced: Sequence[str] = (), made: Path | None = None) -> None:
        """Moves the files, or those of a folder `made`, to their place as `written_whole` does."""
        made = made or self.files
        if not self.out.is_dir():
            made.rename(self.out)
            return
        new = [path.relative_to(made) for path in sorted(made.rglob("*"))]
        for name in new:
            there, comes = self.out / name, made / name
            if there.exists() and there.is_dir() != comes.is_dir():
                raise InputError(
                    f"'{there}' is in the way of a result of that name; move it away or give "
                    "another folder."
                )
        old = [path for pattern in replaced for path in self.out.glob(pattern)]
        names = {*new, *(path.relative_to(self.out) for path in old)}
        gone = [name for name in names if (self.out / name).is_file()]
        target = "." if self.out.samefile(self._home.parent) else self.out.name
        _write_plan(self._home, target, sorted(map(str, gone)))
        made.rename(self._home / READY)  # from here on it is done, by whoever comes
        _carry_out(self._home)

    def remove(self) -> None:
        """Removes what was not committed, and gives the lock back."""
        self._lock.release()
        if not (self._home / READY).exists():
            _remove(self._home)


def sweep(folder: Path, *, deep: bool = False) -> None:
    """Completes or removes what dead processes left in a folder; `deep`: and in those within it.

    What the disk refuses meanwhile stays.
    """
    places: Iterator[Path] = folder.rglob(f"{MARK}*") if deep else folder.glob(f"{MARK}*")
    with suppress(OSError):
        for path in list(places):
            if path.is_dir():
                _settle(path)
            elif _is_left_over(path):
                with suppress(OSError):
                    path.unlink()


def _home(within: Path) -> tuple[Path, "BaseFileLock"]:
    while True:
        home = within / f"{MARK}{secrets.token_hex(4)}"
        home.mkdir()
        try:
            if (lock := acquired(home / LOCK)) and (home / LOCK).exists():
                return home, lock
        except FileNotFoundError:
            pass  # taken for a dead one's before it had its lock


def _settle(home: Path) -> None:
    """Ends what a dead process began; leaves alone what a living one is at."""
    try:
        lock = acquired(home / LOCK)
    except (InputError, OSError):  # another user's, or gone meanwhile
        return
    if lock is None:
        return
    try:
        if (home / READY).is_dir():
            _carry_out(home)
        _remove(home)  # before its owner, if it is only about to lock it, can believe that it may
    finally:
        lock.release()
    _remove(home)  # where a file that is open cannot be removed


def _write_plan(home: Path, target: str, gone: Sequence[str]) -> None:
    temporary = home / f"{PLAN}.new"
    temporary.write_text(json.dumps({"target": target, "gone": gone}), "utf-8")
    temporary.replace(home / PLAN)


def _carry_out(home: Path) -> None:
    """Moves what is ready to its place, after what it replaces has gone."""
    plan = json.loads((home / PLAN).read_text("utf-8"))
    out, ready = home.parent / plan["target"], home / READY
    for name in plan["gone"]:
        (out / name).unlink(missing_ok=True)
        with suppress(OSError):  # not empty
            if (out / name).parent != out:
                (out / name).parent.rmdir()
    _write_plan(home, plan["target"], [])  # what lies there under these names is new from now on
    for path in sorted(ready.rglob("*")):
        place = out / path.relative_to(ready)
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            path.replace(place)
    shutil.rmtree(ready)


def _remove(home: Path) -> None:
    """Removes a staging folder; its lock last, without which it would look like another's."""
    for path in (home / READY, home / FILES):
        shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def _here() -> int:
    return zlib.crc32(node().encode())


def _is_left_over(path: Path) -> bool:
    """Whether the process that was writing a file, which its name tells, has died."""
    machine, _, rest = path.name.removeprefix(MARK).partition("-")
    pid = rest.partition("-")[0]
    if not pid.isdecimal():
        return False
    if machine != f"{_here():08x}":
        with suppress(OSError):
            return time.time() - path.stat().st_mtime > FOREIGN_SECONDS
        return False
    if int(pid) == os.getpid():
        return path.name not in _mine
    if os.name == "nt":  # which deletes no file that is open
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False
