"""The folder of a training: one process, or group of them, has it at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from files import disk
from files.errors import InputError
from files.locks import acquired
from files.whole import sweep

if TYPE_CHECKING:
    from filelock import BaseFileLock
    from lightning.fabric import Fabric


def take(folder: Path) -> "BaseFileLock":
    """Makes the folder and takes it, until the lock's `release`; what a dead training left goes.

    Raises InputError where another training has it or the disk refuses.
    """
    with disk.told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = acquired(folder / ".lock")
    if lock is None:
        raise InputError(
            f"Another process is training in '{folder}'; wait for it to end, or give another --out."
        )
    sweep(folder, deep=True)
    return lock


def take_together(folder: Path, fabric: "Fabric") -> "BaseFileLock | None":
    """`take`s it on rank 0, for all processes: they have it together or fail together."""
    lock, complaint = None, None
    if fabric.global_rank == 0:
        try:
            lock = take(folder)
        except InputError as error:
            complaint = str(error)
    if complaint := fabric.broadcast(complaint):
        raise InputError(complaint)
    return lock


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Has the folder while a block trains in it, in one process."""
    lock = take(folder)
    try:
        yield
    finally:
        lock.release()
