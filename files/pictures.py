"""Pictures from outside, which are opened here and nowhere else.

PIL looks at a file's first bytes, not at its name, and knows dozens of formats; some it hands to
other programs, so that a PostScript file named .png would be run by Ghostscript, for ever if it
loops. Here the formats are named, and what a small file can unfold to is bounded.
"""

import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import EpsImagePlugin, Image, PngImagePlugin, UnidentifiedImageError

from files.errors import InputError

PHOTOS = ("JPEG", "PNG", "WEBP")
MAPS = ("PNG",)
PHONES = "MPO"  # a JPEG with a preview or depth behind it, which is no animation
MOST_SIDE = 16_384  # pixels
MOST_BYTES = 256 * 2**20

# PIL refuses twice as many pixels before it reads them (400 MB as RGB), and warns of fewer. Its
# bounds are the process's, so that they hold for whatever else opens pictures with it, too.
Image.MAX_IMAGE_PIXELS = 2**26
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # of damaged EXIF
# Texts in a PNG are unpacked though nobody reads them: 1 MB each (PIL's own bound), so much in all.
PngImagePlugin.MAX_TEXT_MEMORY = 4 * PngImagePlugin.MAX_TEXT_CHUNK

Source = Path | bytes
"""A file, or what is in one."""


def open_picture(
    source: Source,
    what: str = "picture",
    *,
    formats: tuple[str, ...] = PHOTOS,
    most_side: int = MOST_SIDE,
    most_bytes: int = MOST_BYTES,
) -> Image.Image:
    """A picture with its pixels, in the mode that it is stored in.

    `what` it is called in complaints; `formats` in PIL's names. Raises InputError where it cannot
    be read whole, is of another format, or is larger than `most_side` pixels a side or
    `most_bytes`.
    """
    called = _called(source, what)
    return _decoded(_content(source, called, formats, most_bytes), called, formats, most_side)


def open_map(
    source: Source, what: str, *, most_side: int = MOST_SIDE, most_bytes: int = MOST_BYTES
) -> Image.Image:
    """A PNG whose pixels are numbers: what is stored, of grey pictures with few bits, too.

    PIL stretches grey of 1, 2 and 4 bits to black and white, so that 7 would be read as 119.
    Raises InputError as `open_picture` does.
    """
    called = _called(source, what)
    content = _content(source, called, MAPS, most_bytes)
    picture = _decoded(content, called, MAPS, most_side)
    bits = content[content.index(b"IHDR") + 12]  # after the name, width and height
    if picture.mode in ("1", "L") and bits in (1, 2, 4):
        grey = np.asarray(picture.convert("L")) // (255 // (2**bits - 1))
        return Image.fromarray(grey.astype(np.uint8))
    return picture


def read_rgb(source: Source, what: str = "picture") -> Image.Image:
    """A picture as 8-bit RGB; of 16-bit grey the upper half of the bits.

    What is transparent is seen before white, as viewers show it. Raises InputError as
    `open_picture` does.
    """
    picture = open_picture(source, what)
    if picture.mode.startswith("I;16"):  # PIL would cut all above 255 off
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    return picture.convert("RGB")


def picture_size(source: Source, what: str = "picture") -> tuple[int, int]:
    """Width and height in pixels, from a picture's head alone.

    Raises InputError as `open_picture` does, but not for what is missing behind the head.
    """
    called = _called(source, what)
    content = _content(source, called, PHOTOS, MOST_BYTES)
    return _decoded(content, called, PHOTOS, MOST_SIDE, head_only=True).size


def _called(source: Source, what: str) -> str:
    return f"The {what} '{source}'" if isinstance(source, Path) else f"The {what} given"


def _content(source: Source, called: str, formats: tuple[str, ...], most: int) -> bytes:
    """The bytes of a picture, no more than so many, whatever kind of file it is."""
    if isinstance(source, bytes):
        content, size = source, len(source)
    else:
        try:
            with source.open("rb") as file:
                content = file.read(most + 1)
                size = max(len(content), os.fstat(file.fileno()).st_size)
        except OSError as error:
            raise _unreadable(called, error.strerror, formats) from error
    if size > most:
        raise InputError(
            f"{called} has {size / 2**20:.0f} MB; at most {most // 2**20} MB are read. Save it "
            "smaller (maps: as a PNG of labels, not of colours)."
        )
    return content


def _decoded(
    content: bytes, called: str, formats: tuple[str, ...], most_side: int, head_only: bool = False
) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=formats)
        if max(picture.size) > most_side:
            raise InputError(
                f"{called} is {picture.width}x{picture.height}; at most {most_side}x{most_side} "
                "pixels are read. Scale it down (maps: by nearest neighbour)."
            )
        frames = getattr(picture, "n_frames", 1)
        if frames > 1 and picture.format != PHONES:
            raise InputError(
                f"{called} is animated ({frames} pictures); expected a still one. Save the picture "
                "that is meant by itself."
            )
        if picture.mode == "P" and picture.palette is None:
            raise _unreadable(called, "its palette is missing", formats)
        if not head_only:
            picture.load()
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise _unreadable(called, "of another format or damaged", formats) from error
    except Exception as error:  # PIL raises whatever the bytes lead to
        raise _unreadable(called, str(error) or type(error).__name__, formats) from error
    return picture


def _unreadable(called: str, why: str | None, formats: tuple[str, ...]) -> InputError:
    *others, last = formats
    expected = f"{', '.join(others)} or {last}" if others else last
    return InputError(
        f"{called} cannot be read as a picture ({why}); expected a whole {expected} file. Restore "
        "it or give another."
    )


def only_ours() -> None:
    """Makes PIL, in this process and for whoever else uses it, open the formats of PHOTOS alone.

    A server's libraries open pictures, too, and name no formats. Ghostscript is never asked.
    """
    Image.preinit()
    Image.init()
    EpsImagePlugin.gs_binary = False
    Image.ID[:] = [name for name in Image.ID if name in PHOTOS]
    for name in set(Image.OPEN) - set(PHOTOS):
        del Image.OPEN[name]
