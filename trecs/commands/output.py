"""Where commands write: looked at before the work, so that none is done for nothing."""

import secrets
from contextlib import suppress
from pathlib import Path

from files import disk
from files.errors import InputError
from files.whole import MARK, sweep


def check_folder(out: Path) -> None:
    """Makes sure that `out` can become a folder, before work is put into its contents.

    What dead processes left unfinished there is removed first. Raises InputError where a file or
    a link to nothing is in the way, or nothing may be written there.
    """
    places = (out, *out.absolute().parents)
    with disk.told(out):
        existing = next(path for path in places if path.exists())
    for path in places[: places.index(existing)]:
        if path.is_symlink():
            raise InputError(
                f"'{path}' is a link to '{path.readlink()}', which is not there; make that folder "
                "(or mount it), or give another --out."
            )
    if not existing.is_dir():
        raise InputError(
            f"'{existing}' is a file, so '{out}' cannot be written; give a folder to --out."
        )
    for place in {existing, out.absolute().parent}:
        sweep(place)
    probe = existing / f"{MARK}{secrets.token_hex(8)}"
    try:
        probe.mkdir()  # a folder, as what is written lies in one until it is whole
        with suppress(FileNotFoundError):  # another process took it for a dead one's
            probe.rmdir()
    except OSError as error:
        raise InputError(
            f"Nothing can be written to '{existing}' ({error.strerror}); give another --out."
        ) from error


def busy(out: Path) -> str:
    """What to tell who would write where another process does."""
    return f"Another process is writing '{out}'; wait for it to end, or give another --out."


def check_file(out: Path) -> None:
    """Makes sure that `out` can be written as a file; raises InputError otherwise."""
    with disk.told(out):
        if out.is_dir():
            raise InputError(f"'{out}' is a folder; give the name of a file to --out.")
        if out.exists() and not out.is_file():
            raise InputError(f"'{out}' is no file that can be replaced; give another --out.")
    check_folder(out.absolute().parent)
