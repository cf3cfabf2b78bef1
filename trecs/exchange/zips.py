"""Zip archives from outside, of which no more is unfolded than may be."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from files.errors import InputError

MOST_UNFOLDED = 256 * 2**20  # bytes of all that is in an archive
MOST_MEMBER = 64 * 2**20
MOST_MEMBERS = 4_000
DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)


@contextmanager
def opened_zip(content: bytes, called: str) -> Iterator[zipfile.ZipFile]:
    """An archive; raises InputError for one that is damaged or would unfold to too much."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (*DAMAGE, ValueError) as error:
        raise InputError(
            f"{called} is cut off or damaged ({error}); save it anew, or copy it again."
        ) from error
    with archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > MOST_UNFOLDED or len(entries) > MOST_MEMBERS:
            raise InputError(
                f"{called} has {len(content) / 2**20:.1f} MB but would unfold to {len(entries):,} "
                f"files of {size / 2**20:,.0f} MB; at most {MOST_MEMBERS:,} of "
                f"{MOST_UNFOLDED // 2**20} MB are read. Merge layers, or scale it down."
            )
        yield archive


def member(archive: zipfile.ZipFile, name: str, called: str, most: int = MOST_MEMBER) -> bytes:
    """The content of one file in an archive, whatever its head says of its length."""
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except KeyError as error:
        raise InputError(
            f"{called} lacks '{name[:60]}', which it should hold; save it anew."
        ) from error
    except (*DAMAGE, ValueError) as error:
        raise InputError(
            f"'{name[:60]}' in {called[0].lower()}{called[1:]} is damaged ({error}); save it anew."
        ) from error
    if len(content) > most:
        raise InputError(
            f"'{name[:60]}' in {called[0].lower()}{called[1:]} has more than {most / 2**20:.0f} "
            "MB; scale it down."
        )
    return content
