"""Downloading a large file: resumable, checked, and never half there under its name.

A file grows as `.NAME.part`; beside it `.NAME.part.json` says which version of it (ETag, date,
size) the server was sending, so that two versions are never glued together. When all of it has
come and its checksum holds, it gets its name, and `NAME.sha256` (the format of `sha256sum -c`)
beside it.
"""

import hashlib
import http.client
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from files import disk
from files.locks import locked
from files.progress import progress_bar
from files.whole import write_atomically
from trecs.data.sources import Source

CHUNK = 2**20
SPARE = 2**28  # bytes that a download leaves free on the disk
TIMEOUT = 60.0


class DownloadError(Exception):
    """A file could not be had; the message says why and what to do."""


@dataclass(frozen=True)
class Version:
    """What the server says of the file it sends; empty where it says nothing."""

    etag: str = ""
    modified: str = ""
    size: int | None = None


def fetch(
    source: Source,
    folder: Path,
    *,
    tries: int = 6,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Downloads a file into a folder, going on where an earlier attempt stopped.

    A file that is there already is only checked. Broken connections are tried again `tries`
    times, with pauses that double from a second. Raises DownloadError where the server does not
    have the file, the disk is too small, or the checksum does not hold, and InputError where
    another process is downloading it or the disk refuses.
    """
    path = folder / source.name
    busy = f"Another process is downloading '{path}'; wait for it to end, or give another --out."
    lock = path.with_name(f".{path.name}.lock")
    with locked(lock, busy):
        try:
            return _fetched(source, path, tries, wait)
        finally:
            with suppress(OSError):  # a system may keep what is open
                lock.unlink()


def _fetched(source: Source, path: Path, tries: int, wait: Callable[[float], None]) -> Path:
    if path.is_file():
        _verify(path, path, source)
        return path
    part = _part(path)
    for attempt in range(tries):
        try:
            _receive(source, part)
            break
        except (OSError, http.client.HTTPException) as error:
            if attempt + 1 == tries or _is_final(error):
                raise DownloadError(
                    f"{source.url} cannot be downloaded ({error}); run the command again to go on "
                    "from here, or fetch the file by other means and put it in the folder."
                ) from error
            wait(2.0**attempt)
    _verify(part, path, source)
    part.replace(path)
    _version_file(part).unlink(missing_ok=True)
    return path


def _receive(source: Source, part: Path) -> None:
    """Asks for what is still missing of a file and appends it to `part`."""
    have, known = _state(part)
    request = urllib.request.Request(source.url, headers={"User-Agent": "trecs-studio"})
    if have:
        request.add_header("Range", f"bytes={have}-")
        # A file that has changed is then sent from its beginning. Weak tags may not be asked for.
        same = known.modified if known.etag.startswith("W/") else known.etag or known.modified
        if same:
            request.add_header("If-Range", same)
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have == known.size:
            return
        if error.code == 416:  # ours is longer than theirs
            _forget(part)
            raise ConnectionError("the file on the server has changed") from error
        raise
    with response:
        goes_on = response.status == 206
        now = _version(response, have if goes_on else 0)
        if goes_on and (now != known or not _starts_at(response, have)):
            _forget(part)
            raise ConnectionError("the file on the server has changed")
        _check_space(part, (now.size or 0) - (have if goes_on else 0))
        if not goes_on:
            have = 0
            _forget(part)
        write_atomically(_version_file(part), json.dumps(asdict(now)).encode())
        received = have + _append(response, part, have, now.size)
    if now.size is not None and received != now.size:
        raise ConnectionError(f"the connection broke off after {received:,} of {now.size:,} bytes")


def _append(response: Any, part: Path, have: int, size: int | None) -> int:
    """Writes what comes to the end of `part`; returns how many bytes came."""
    came = 0
    label = part.name.strip(".").removesuffix(".part")
    with (
        part.open("ab") as file,
        progress_bar(total=size, initial=have, unit="B", unit_scale=True, desc=label) as bar,
    ):
        while chunk := response.read(CHUNK):
            with disk.told(part, size):
                file.write(chunk)
            came += len(chunk)
            bar.update(len(chunk))
    return came


def _verify(content: Path, path: Path, source: Source) -> None:
    """Compares a file's checksums with the published and the recorded one, and records its own.

    Raises DownloadError where they differ, after deleting an unfinished download.
    """
    record = path.with_name(path.name + ".sha256")
    algorithm, _, published = source.checksum.partition(":")
    hashes = {name: hashlib.new(name) for name in {"sha256", algorithm} - {""}}
    with (
        content.open("rb") as file,
        progress_bar(
            total=content.stat().st_size, unit="B", unit_scale=True, desc="checking"
        ) as bar,
    ):
        while chunk := file.read(CHUNK):
            for one in hashes.values():
                one.update(chunk)
            bar.update(len(chunk))
    found = hashes["sha256"].hexdigest()
    recorded = record.read_text().split()[0] if record.is_file() else found
    wrong = ""
    if published and hashes[algorithm].hexdigest() != published:
        wrong = f"{algorithm} is {hashes[algorithm].hexdigest()}, published is {published}"
    elif recorded != found:
        wrong = f"SHA-256 is {found}, '{record.name}' says {recorded}"
    if wrong and content == path:
        raise DownloadError(f"'{path}' has changed: its {wrong}. Delete both to download it again.")
    if wrong:
        _forget(content)
        raise DownloadError(
            f"{source.url} is not what was expected, and was not kept: its {wrong}. Run the "
            f"command again; if the file was updated on purpose, delete '{record.name}' first."
        )
    if not record.is_file():
        write_atomically(record, f"{found}  {path.name}\n".encode())


def _version(response: Any, start: int) -> Version:
    length = response.headers.get("Content-Length")
    return Version(
        etag=response.headers.get("ETag", ""),
        modified=response.headers.get("Last-Modified", ""),
        size=start + int(length) if length is not None else None,
    )


def _starts_at(response: Any, have: int) -> bool:
    """Whether the server sends the range that was asked for."""
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {have}-")


def _state(part: Path) -> tuple[int, Version]:
    """How many bytes are there, and of which version; (0, nothing) where either is unknown."""
    try:
        return part.stat().st_size, Version(**json.loads(_version_file(part).read_text()))
    except (OSError, ValueError, TypeError):
        return 0, Version()


def _check_space(part: Path, missing: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if missing + SPARE > free:
        raise DownloadError(
            f"{missing / 2**30:.1f} GB are still to come, but '{part.parent}' has only "
            f"{free / 2**30:.1f} GB free; make room or give another folder."
        )


def _is_final(error: Exception) -> bool:
    """Whether trying again is pointless: the server answered that it will not send the file."""
    if not isinstance(error, urllib.error.HTTPError):
        return False
    return 400 <= error.code < 500 and error.code not in (408, 416, 429)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _version_file(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _version_file(part).unlink(missing_ok=True)
