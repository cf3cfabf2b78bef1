"""One folder for what a process keeps for a while: nobody else reads it, and it goes with it."""

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from files.errors import InputError
from files.locks import acquired

PREFIX = "trecs-studio-"
LOCK = "in-use"


class OwnFolder:
    """A new folder (0700) in `parent`, the system's own one for such files if None.

    It is removed by `close` and at the process's exit; what a killed process left there is removed
    by the next one of the same user. Raises InputError where none can be made.
    """

    def __init__(self, parent: Path | None = None) -> None:
        try:
            where = parent or Path(tempfile.gettempdir())
            where.mkdir(parents=True, exist_ok=True)
            _sweep(where)
            self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where)).resolve()
            self._lock = acquired(self.path / LOCK)
        except OSError as error:
            raise InputError(
                f"No folder for temporary files can be made in '{parent or '/tmp'}' "
                f"({error.strerror or error}); name one where you "
                "may write: GRADIO_TEMP_DIR=DIR."
            ) from error
        self._owner = os.getpid()
        atexit.register(self.close)

    def close(self) -> None:
        """Removes the folder with all that is in it, once; forked processes leave it alone."""
        atexit.unregister(self.close)
        if self._owner == os.getpid() and self._lock is not None:
            self._lock.release()
            self._lock = None
            shutil.rmtree(self.path, ignore_errors=True)


def _sweep(where: Path) -> None:
    """Removes this user's folders whose process is gone: their lock can be taken."""
    for folder in where.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, InputError):
            if not _own(folder) or (folder / LOCK).is_symlink() or not (folder / LOCK).exists():
                continue
            lock = acquired(folder / LOCK)
            if lock is not None:
                lock.release()
                shutil.rmtree(folder, ignore_errors=True)


def _own(folder: Path) -> bool:
    """Whether this user made a folder; where there are no users, folders there are one's own."""
    own = os.getuid() if hasattr(os, "getuid") else folder.lstat().st_uid
    return not folder.is_symlink() and folder.lstat().st_uid == own
