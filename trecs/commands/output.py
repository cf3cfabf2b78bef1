"""Results on disk: all files of a result appear, or none."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from files.errors import InputError


def check_folder(out: Path) -> None:
    """Makes sure that `out` can become a folder, before work is put into its contents.

    Raises InputError where a file is in the way or nothing may be written there.
    """
    existing = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise InputError(
            f"'{existing}' is a file, so '{out}' cannot be written; give a folder to --out."
        )
    try:
        tempfile.TemporaryFile(dir=existing).close()
    except OSError as error:
        raise InputError(
            f"Nothing can be written to '{existing}' ({error.strerror}); give another --out."
        ) from error


def check_file(out: Path) -> None:
    """Makes sure that `out` can be written as a file; raises InputError otherwise."""
    if out.is_dir():
        raise InputError(f"'{out}' is a folder; give the name of a file to --out.")
    check_folder(out.absolute().parent)


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """Gives an empty folder to write to; its files move to `out` when the block ends well.

    What else lies in `out` stays; files of the same names are replaced.
    """
    check_folder(out)
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.absolute().parent))
    try:
        yield temporary
        if out.exists():
            _move_into(temporary, out)
        else:
            temporary.chmod(0o755)  # mkdtemp's folders are closed to others
            temporary.replace(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move_into(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        moved = target / path.relative_to(source)
        if path.is_dir():
            moved.mkdir(exist_ok=True)
        else:
            path.replace(moved)
