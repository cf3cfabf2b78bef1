"""Texts in PNGs, as any reader of PNGs has them."""

import io
import zlib

import pytest
from PIL import Image

from files.png_text import PIECE, text_in, with_text

LONG = "\u00e4\u20ac" * PIECE  # several chunks


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("text", ["a", "na\u00efve \u2603", LONG])
def test_a_text_comes_back_and_the_picture_stays(text: str) -> None:
    told = with_text(png(), "trecs", text)
    assert text_in(told, "trecs", 10 * len(LONG)) == text
    with Image.open(io.BytesIO(told)) as picture:
        picture.load()
        assert picture.convert("RGB").getpixel((2, 1)) == (255, 0, 0)
        assert picture.info["trecs"] == text[-(len(text) % PIECE or PIECE) :]  # the last piece


def test_other_keys_and_no_text_give_none() -> None:
    assert text_in(png(), "trecs", 10) is None
    assert text_in(with_text(png(), "trecs2", "a"), "trecs", 10) is None


def test_what_is_damaged_or_too_much_is_told() -> None:
    told = with_text(png(), "trecs", "narrative")
    place = told.index(b"trecs\0") + 12
    with pytest.raises(ValueError, match="damaged or truncated"):
        text_in(told[:place] + b"?" + told[place + 1 :], "trecs", 100)
    with pytest.raises(ValueError, match="more than 8 bytes"):
        text_in(told, "trecs", 8)


def test_what_unpacks_to_gigabytes_is_not_unpacked() -> None:
    bomb = with_text(png(), "trecs", "0" * PIECE)
    packed = zlib.compress(b"0" * PIECE)
    assert len(packed) < 1000
    with pytest.raises(ValueError, match="more than 1,000 bytes"):
        text_in(bomb, "trecs", 1000)
