"""Texts from outside, which are decoded here and nowhere else.

UTF-8 with or without a byte order mark, and UTF-16 with one, as editors on Windows write it. Lines
end in a line feed, behind a carriage return or not; the last one may lack it.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from files.errors import InputError

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
WIDER = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)  # the first begins as UTF-16's does

BETWEEN_WORDS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")  # space, control, surrogates


def cleaned(text: str) -> str:
    """A text in one line, with a space wherever there is what separates words."""
    return " ".join(piece for piece in BETWEEN_WORDS.split(text) if piece)


def decoded(content: bytes, what: str) -> str:
    """The text of some bytes, without its byte order mark.

    `what` it is called in complaints, such as "The narrative 'told.json'". Raises InputError,
    which names the line, for bytes of another encoding.
    """
    encoding = _encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, "replace")
        raise _undecodable(what, before.count("\n") + 1) from error


def read_text(path: Path, what: str) -> str:
    """The text of a file; raises InputError where it cannot be read or decoded."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{what} cannot be read ({error.strerror}).") from error
    return decoded(content, what)


def numbered_lines(file: BinaryIO, what: str, *, empty: bool = False) -> Iterator[tuple[int, str]]:
    """The lines of a binary stream without their ends, and their numbers from 1.

    Those without text are passed over, though they count, unless `empty` asks for them. One line
    at a time is in memory. Raises InputError as `decoded` does.
    """
    first = file.readline()
    if _encoding(first) == "utf-16":
        order = "utf-16-le" if first.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        lines = _wide_lines(file, first[2:], order, what)
    else:
        lines = _lines(file, first, what)
    for number, line in enumerate(lines, 1):
        if empty or line.strip():
            yield number, line.rstrip("\r\n")


def _lines(file: BinaryIO, first: bytes, what: str) -> Iterator[str]:
    number, line = 1, first
    while line:
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise _undecodable(what, number) from error
        number, line = number + 1, file.readline()


def _wide_lines(file: BinaryIO, begun: bytes, order: str, what: str) -> Iterator[str]:
    """Lines of UTF-16, where a byte that means a line feed may be half of another character."""
    decoder = codecs.getincrementaldecoder(order)()
    number, text, piece = 1, "", begun
    while True:
        try:
            text += decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            sound = error.object[: error.start].decode(order)
            raise _undecodable(what, number + (text + sound).count("\n")) from error
        *whole, text = text.split("\n")
        for line in whole:
            yield line
            number += 1
        if not piece:
            break
        piece = file.readline()
    if text:
        yield text


def _encoding(beginning: bytes) -> str:
    if beginning.startswith(WIDE) and not beginning.startswith(WIDER):
        return "utf-16"
    return "utf-8-sig"


def _undecodable(what: str, line: int) -> InputError:
    return InputError(
        f"{what} is no text that can be read: line {line} is neither UTF-8 nor UTF-16 with a byte "
        "order mark. Save it as UTF-8."
    )


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object from its keys and values, the `object_pairs_hook` of what comes from outside.

    Of a key that comes twice JSON's readers drop one value without a word. Raises ValueError.
    """
    record: dict[str, Any] = {}
    for name, value in pairs:
        if name in record:
            raise ValueError(f"the key '{name[:40]}' comes twice in one object")
        record[name] = value
    return record
