"""Locks between processes: who holds one is alone, and whoever dies gives it back.

Those of `filelock`: the system's where it has some (Linux, macOS, Windows). On a file system
without locks a marker file stands for one; it names its owner, so that a dead one's is taken over
on the same machine.
"""

import errno
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from files.disk import told
from files.errors import InputError

if TYPE_CHECKING:
    from filelock import BaseFileLock

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def acquired(path: Path) -> "BaseFileLock | None":
    """The lock that stands in the file `path`, held until its `release`; None where another has it.

    Raises InputError where nothing can be written there.
    """
    from filelock import FileLock, SoftFileLock, Timeout

    with told(path):
        lock: BaseFileLock = FileLock(path, timeout=0, thread_local=False)
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                lock.acquire()
            if warned:  # that the lock's file is itself a marker, for want of flock
                _tell(path.parent, path.name)
        except Timeout:
            return None
        except (OSError, NotImplementedError) as error:
            if isinstance(error, OSError) and error.errno not in WITHOUT_LOCKS:
                raise
            marker = path.with_name(f"{path.name}.owner")
            _tell(path.parent, marker.name)
            lock = SoftFileLock(marker, timeout=0, thread_local=False)
            try:
                lock.acquire()
            except Timeout:
                return None
        return lock


@contextmanager
def locked(path: Path, busy: str) -> Iterator[None]:
    """Holds the lock in the file `path`; raises InputError(`busy`) where another process does."""
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    lock = acquired(path)
    if lock is None:
        raise InputError(busy)
    try:
        yield
    finally:
        lock.release()


@cache
def _tell(folder: Path, marker: str) -> None:
    print(
        f"trecs: the file system of '{folder}' has no locks; '{marker}' there stands for one. Of a "
        "process that was killed on another machine it stays: delete it then.",
        file=sys.stderr,
    )
