import codecs
import io
from pathlib import Path

import pytest

from files.errors import InputError
from files.text import decoded, numbered_lines, once, read_text

TEXT = "one 三\n\ntwo \u0a0a ਊ 👩‍🚀\n \nthree"  # U+0A0A has two bytes that mean a line feed
LINES = [(1, "one 三"), (3, "two \u0a0a ਊ 👩‍🚀"), (5, "three")]
ENCODED = {
    "UTF-8": TEXT.encode(),
    "a byte order mark": TEXT.encode("utf-8-sig"),
    "UTF-16, little end first": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED.keys())
def test_texts_are_read_in_each_encoding(content: bytes, tmp_path: Path) -> None:
    assert decoded(content, "It") == TEXT
    (tmp_path / "text").write_bytes(content)
    assert read_text(tmp_path / "text", "It") == TEXT
    assert list(numbered_lines(io.BytesIO(content), "It")) == LINES


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["", "\r\n"])
def test_lines_end_as_on_windows_and_the_last_one_may_not(encoding: str, end: str) -> None:
    content = (TEXT.replace("\n", "\r\n") + end).encode(encoding)
    assert list(numbered_lines(io.BytesIO(content), "It")) == LINES


UNREADABLE = {
    "Latin-1": "one\ncafé\n".encode("latin-1"),
    "a character cut in two": "one\ndéjà".encode()[:-1],
    "half of UTF-16": "one\ntwo".encode("utf-16")[:-1],
    "half a pair": codecs.BOM_UTF16_LE + "one\n".encode("utf-16-le") + b"\x00\xd8\x41\x00",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_other_encodings_are_refused_with_the_line(content: bytes) -> None:
    with pytest.raises(InputError, match=r"^It is no text that can be read: line 2 "):
        decoded(content, "It")
    with pytest.raises(InputError, match=r"^It is no text that can be read: line 2 "):
        list(numbered_lines(io.BytesIO(content), "It"))


def test_utf_32_is_refused() -> None:
    for content in ("one".encode("utf-32"), codecs.BOM_UTF32_BE + "one".encode("utf-32-be")):
        with pytest.raises(InputError, match="line 1 is neither"):
            decoded(content, "It")


def test_nothing_has_no_lines() -> None:
    for content in (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\n\r\n"):
        assert list(numbered_lines(io.BytesIO(content), "It")) == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^It cannot be read"):
        read_text(tmp_path / "nothing", "It")


def test_the_key_that_comes_twice_is_found_at_once_among_many() -> None:
    names = [str(number) for number in range(200_000)]  # which would last for minutes if counted
    with pytest.raises(ValueError, match="the key '199999' comes twice"):
        once([(name, 0) for name in [*names, names[-1]]])
    assert once([("a", 1), ("b", 2)]) == {"a": 1, "b": 2}
