"""Texts inside of PNG files (PNG specification, third edition, 11.3.3.4: iTXt).

Long texts are cut over several chunks of one key, since readers unpack no more than 1 MB of each.
"""

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIECE = 250_000  # characters, at most 4 bytes each
HEAD = len(SIGNATURE) + 25  # signature and IHDR, the first chunk


def with_text(png: bytes, key: str, text: str) -> bytes:
    """The PNG with a text; `key`: 1 to 79 Latin letters."""
    head = key.encode("latin-1") + b"\0\1\0\0\0"  # compressed by deflate; of no language
    pieces = [text[i : i + PIECE] for i in range(0, len(text), PIECE)]
    chunks = [_chunk(b"iTXt", head + zlib.compress(piece.encode())) for piece in pieces]
    return b"".join([png[:HEAD], *chunks, png[HEAD:]])


def text_in(png: bytes, key: str, most: int) -> str | None:
    """The text of a key in a PNG, None without one.

    Raises ValueError for a damaged one, or one of more than `most` bytes.
    """
    wanted, found = key.encode("latin-1") + b"\0", b""
    for kind, content in _chunks(png):
        if kind != b"iTXt" or not content.startswith(wanted):
            continue
        flags, rest = content[len(wanted) : len(wanted) + 2], content[len(wanted) + 2 :]
        try:
            _, _, packed = rest.split(b"\0", 2)
            unpacked = _unpacked(packed, most) if flags[:1] == b"\1" else packed
        except (ValueError, zlib.error) as error:
            raise ValueError(f"its text '{key}' is damaged") from error
        found += unpacked
        if len(found) > most:
            raise ValueError(f"its text '{key}' has more than {most:,} bytes")
    return found.decode() if found else None


def _unpacked(packed: bytes, most: int) -> bytes:
    """What was deflated, or the first of it where that is more than `most` bytes."""
    return zlib.decompressobj().decompress(packed, most + 1)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place + 12 <= len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += 12 + length
        if place > len(png) or png[place - 4 : place] != _check(kind + content):
            raise ValueError("it is damaged or truncated")
        yield kind, content


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + _check(kind + content)


def _check(of: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(of))
