import io
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import EpsImagePlugin, Image

from files.errors import InputError
from files.pictures import open_map, open_picture, picture_size, read_rgb
from segmentation.canvas import read_instance_map, read_label_map
from tests.conftest import ROOT

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\n{} loop\n%%EOF\n"


def encoded(format: str, picture: Image.Image | None = None, **settings: object) -> bytes:
    noise = np.random.default_rng(0).integers(256, size=(40, 60, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    (picture or Image.fromarray(noise)).save(buffer, format, **settings)
    return buffer.getvalue()


def png(rows: list[bytes], width: int, bits: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A grey PNG written by hand."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    head = struct.pack(">IIBBBBB", width, len(rows), bits, 0, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    parts = [(b"IHDR", head), *chunks, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_pictures_are_opened_in_one_place() -> None:
    sources = [ROOT / "app.py"]
    for folder in ("files", "segmentation", "retrieval", "trecs", "scripts", "benchmarks"):
        sources += (ROOT / folder).rglob("*.py")
    opens = re.compile(r"\bImage\.open\(")  # not psd-tools' PSDImage
    found = [path for path in sources if opens.search(path.read_text("utf-8"))]
    assert found == [ROOT / "files" / "pictures.py"]


def test_no_postscript_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: object, **settings: object) -> None:
        pytest.fail("Ghostscript would run.")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", run)
    path = tmp_path / "labels.png"
    path.write_bytes(EPS)
    with Image.open(path) as picture:
        assert picture.format == "EPS"  # PIL by itself takes it for a picture
    with pytest.raises(InputError, match=r"label map '.*' cannot .* a whole PNG file"):
        read_label_map(path)
    with pytest.raises(InputError, match="of another format"):
        read_instance_map(EPS, (64, 64))
    with pytest.raises(InputError, match=r"The photo given cannot .* JPEG, PNG or WEBP file"):
        read_rgb(EPS, "photo")


@pytest.mark.parametrize("format", ["GIF", "TIFF", "BMP", "PPM", "ICO", "TGA", "PCX", "PDF"])
def test_other_formats_are_refused(format: str) -> None:
    with pytest.raises(InputError, match="of another format or damaged"):
        open_picture(encoded(format))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_photos_are_read_whole_or_refused(format: str, tmp_path: Path) -> None:
    whole = encoded(format)
    assert read_rgb(whole).size == picture_size(whole) == (60, 40)
    path = tmp_path / "photo.jpg"
    for length in range(0, len(whole) - 40, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=f"The photo '{path}' cannot be read as a picture"):
            read_rgb(path, "photo")


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x40\0\0\0WEBPVP8 "])
@given(rest=st.binary(max_size=200))
def test_whatever_follows_a_signature_is_an_input_error(head: bytes, rest: bytes) -> None:
    with pytest.raises(InputError):
        open_picture(head + rest)


def test_phones_put_several_pictures_into_a_photo() -> None:
    small = Image.new("RGB", (6, 4))
    photo = encoded("MPO", small, save_all=True, append_images=[small])
    assert read_rgb(photo).size == (6, 4)


def test_what_unfolds_to_too_much_is_refused_before_it_is_read() -> None:
    huge = png([bytes(8)], 64, 1)
    for side in (20_000, 60_000):
        bomb = huge[:16] + struct.pack(">II", side, side) + huge[24:29]
        bomb += struct.pack(">I", zlib.crc32(bomb[12:29])) + huge[33:]
        with pytest.raises(InputError, match="cannot be read as a picture"):
            open_picture(bomb)
    with pytest.raises(InputError, match="is 64x1; at most 32x32"):
        open_picture(huge, most_side=32)
    with pytest.raises(InputError, match="has 1 MB; at most 1 MB"):
        open_picture(Path("/dev/zero"), most_bytes=2**20)


@pytest.mark.parametrize(("count", "size"), [(1, 2**21), (8, 2**20 - 100)])
def test_texts_that_unfold_to_megabytes_are_refused(count: int, size: int) -> None:
    text = (b"zTXt", b"note\0\0" + zlib.compress(bytes(size)))
    with pytest.raises(InputError, match="cannot be read as a picture"):
        read_label_map(png([b"\0"], 1, 8, *[text] * count))
    assert read_label_map(png([b"\7"], 1, 8, (b"tEXt", b"note\0short"))).tolist() == [[7]]


@pytest.mark.parametrize(
    ("bits", "row", "values"),
    [(4, b"\x02\x7f", [0, 2, 7, 15]), (2, b"\x1b", [0, 1, 2, 3]), (1, b"\x50", [0, 1, 0, 1])],
)
def test_numbers_of_few_bits_are_read_as_they_are(bits: int, row: bytes, values: list[int]) -> None:
    assert read_label_map(png([row], 4, bits)).tolist() == [values]
    assert read_instance_map(png([row], 4, bits), (1, 4)).tolist() == [values]


def test_a_palette_of_few_colours_keeps_its_numbers() -> None:
    picture = Image.fromarray(np.array([[0, 2, 7]], np.uint8), "P")
    picture.putpalette(bytes(range(24)))
    stored = encoded("PNG", picture, bits=4)
    assert np.asarray(open_map(stored, "map")).tolist() == [[0, 2, 7]]


def test_a_palette_that_is_missing_is_told() -> None:
    content = encoded("PNG", Image.new("P", (4, 4)))
    at = content.index(b"PLTE")
    length = int.from_bytes(content[at - 4 : at], "big")
    bare = content[: at - 4] + content[at + length + 8 :]
    for read in (open_map, open_picture):
        with pytest.raises(InputError, match="its palette is missing"):
            read(bare, "map")


def test_photos_of_16_bits_keep_their_light() -> None:
    grey = np.array([[0, 255, 256, 32_768, 65_535]], np.uint16)
    photo = read_rgb(encoded("PNG", Image.fromarray(grey)))
    assert np.asarray(photo)[0].tolist() == [[v] * 3 for v in (0, 0, 1, 128, 255)]


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.png"):
        with pytest.raises(InputError, match=f"The picture '{path}' cannot be read"):
            open_picture(path)


def seen(picture: Image.Image, format: str = "PNG", **how: object) -> list[int]:
    return [int(v) for v in np.asarray(read_rgb(encoded(format, picture, **how)))[0, 0]]


def test_what_is_transparent_is_seen_before_white() -> None:
    assert seen(Image.new("RGBA", (4, 4), (200, 0, 0, 0))) == [255, 255, 255]
    assert seen(Image.new("RGBA", (4, 4), (200, 0, 0, 255))) == [200, 0, 0]
    assert seen(Image.new("LA", (4, 4), (0, 51))) == [204, 204, 204]
    assert seen(Image.new("L", (4, 4), 9), transparency=9) == [255, 255, 255]
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 10, 20, 30])
    assert seen(palette, transparency=0) == [10, 20, 30]
    assert seen(palette, transparency=1) == [255, 255, 255]


def test_photos_for_printing_keep_their_colours() -> None:
    assert seen(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")[0] == pytest.approx(255, abs=3)
    assert max(seen(Image.new("CMYK", (8, 8), (0, 0, 0, 255)), "JPEG")) <= 3


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_what_moves_is_refused(format: str) -> None:
    frames = [Image.new("RGB", (6, 4), colour) for colour in ("red", "blue", "green")]
    moving = encoded(format, frames[0], save_all=True, append_images=frames[1:])
    for read in (read_rgb, picture_size):
        with pytest.raises(InputError, match=r"is animated \(3 pictures\)"):
            read(moving)


def test_a_server_opens_the_named_formats_alone_whoever_asks(tmp_path: Path) -> None:
    code = (
        "import io, sys\n"
        "from PIL import Image, EpsImagePlugin\n"
        "from files.pictures import PHOTOS, only_ours\n"
        "import gradio.image_utils\n"  # it makes PIL know all formats
        "def saved(kind):\n"
        "    buffer = io.BytesIO()\n"
        "    Image.new('RGB', (8, 8)).save(buffer, kind)\n"
        "    return io.BytesIO(buffer.getvalue())\n"
        "only_ours()\n"
        "for kind in PHOTOS: Image.open(saved(kind)).load()\n"
        "for kind in ('TIFF', 'GIF', 'BMP', 'EPS', 'PPM', 'ICO', 'TGA'):\n"
        "    try: Image.open(saved(kind))\n"
        "    except OSError: continue\n"
        "    sys.exit(kind)\n"
        "sys.exit(EpsImagePlugin.has_ghostscript() and 'Ghostscript')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
