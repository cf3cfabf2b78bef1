"""What a disk refuses, told in one line: which path, why, how much was needed, what to do."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from files.errors import InputError

FULL = (errno.ENOSPC, errno.EDQUOT)
WRITING = (*FULL, errno.EROFS, errno.EFBIG)
"""What only writing meets with."""
WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of this disk is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
    errno.EFBIG: "the file system takes no file so large",
    errno.EIO: "the disk reports an error",
}
"""What a refusal to write means; what else a system says is no matter of the disk."""


def refusal(error: OSError, path: Path | str, needed: int | None = None) -> InputError | None:
    """The error in words for who wanted to write `path`; None where the disk did not refuse.

    `needed`: bytes, where it is known how many.
    """
    number = error.errno
    if number is None and "requested and" in str(error):  # numpy's for a write that fell short
        number = errno.ENOSPC
    if number == errno.ENAMETOOLONG:
        return InputError(
            f"'{path}' cannot be written: the name is too long for the file system (most "
            "take 255 bytes); give a shorter one."
        )
    if number not in WHY:
        return None
    room = ""
    if number in FULL:
        parts = [f"{_told(needed)} needed"] if needed is not None else []
        if number == errno.ENOSPC and (free := _free(Path(path))) is not None:
            parts.append(f"{_told(free)} free")
        room = f" ({', '.join(parts)})" if parts else ""
    todo = "make room or give another place" if number in FULL else "give another place"
    return InputError(f"'{path}' cannot be written: {WHY[number]}{room}; {todo}.")


@contextmanager
def told(path: Path, needed: int | None = None, *, within: Path | None = None) -> Iterator[None]:
    """Turns what the disk refuses of a block that writes `path` into InputError.

    `within`: the only folder of which it is known that the block writes there.
    """
    try:
        yield
    except OSError as error:
        named = error.filename and within and within not in Path(str(error.filename)).parents
        elsewhere = named and error.errno not in WRITING
        if elsewhere or (complaint := refusal(error, path, needed)) is None:
            raise
        raise complaint from error


def _free(path: Path) -> int | None:
    for place in (path, *path.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None


def _told(count: int) -> str:
    return f"{count / 2**20:,.1f} MB" if count >= 2**20 // 10 else f"{count / 2**10:,.1f} kB"
