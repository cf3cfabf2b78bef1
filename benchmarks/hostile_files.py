"""Files and paths that want to be opened, run, unpacked or fetched; what `attacks` sends."""

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

SECRET = "the-secret-itself"
MARK = "was-run"  # the name of a file that code among these would write


def files(folder: Path) -> dict[str, bytes]:
    """Contents by what they are; all are named .png. `folder`: where code would write."""
    target = folder / MARK
    whole = _saved("PNG")
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
    return {
        "PostScript that loops": eps + b"{} loop\n",
        "PostScript that writes": eps + f"({target}) (w) file closefile\n".encode(),
        "PostScript with a preview": b"\xc5\xd0\xd3\xc6"
        + struct.pack("<6I", 32, 90, 0, 0, 0, 0)
        + eps,
        "PDF": b"%PDF-1.4\n1 0 obj<</OpenAction<</S/Launch/F(/bin/sh)>>>>endobj",
        "SVG with an entity": (
            f'<!DOCTYPE svg [<!ENTITY e SYSTEM "file://{folder / "secret.txt"}">]><svg>&e;</svg>'
        ).encode(),
        "SVG that laughs": b'<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
        "SVG with a link": b'<svg><image href="http://127.0.0.1:9/x"/></svg>',
        **{f"{name} picture": _saved(name) for name in ("TIFF", "GIF", "BMP", "ICO", "PPM", "TGA")},
        **{f"{name} picture ": _saved(name) for name in ("PCX", "SGI", "JPEG2000", "WEBP", "JPEG")},
        "TIFF of 16 million rows": _tiff(2**24),
        "WMF": b"\xd7\xcd\xc6\x9a\x00\x00" + b"\x00" * 40,
        "PSD": b"8BPS\x00\x01" + b"\x00" * 6 + struct.pack(">HIIHH", 3, 30000, 30000, 8, 3),
        "FLI animation": struct.pack("<IHHHH", 128, 0xAF11, 60000, 9999, 9999) + b"\0" * 116,
        "PNG of 60000x60000 pixels": _png(60_000, 60_000),
        "PNG of 2 billion pixels a side": _png(2**31 - 1, 2**31 - 1),
        "PNG of no pixels": _png(0, 0),
        "PNG that unpacks to 1 GB": _png(32_000, 32_000, zlib.compress(bytes(2**26), 9)),
        "PNG with a text of 64 MB": _with(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**26), 9)),
        "PNG with 200 texts of 1 MB": _with(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**20)), 200),
        "PNG with an international text of 64 MB": _with(
            b"iTXt", b"k\0\1\0\0\0" + zlib.compress(bytes(2**26), 9)
        ),
        "PNG with a profile of 64 MB": _with(b"iCCP", b"k\0\0" + zlib.compress(bytes(2**26), 9)),
        "PNG with a chunk of 2 GB": whole[:33] + struct.pack(">I", 2**31 - 1) + b"tEXt",
        "PNG cut off": whole[:-20],
        "PNG with a wrong sum": whole[:30] + b"\0\0\0" + whole[33:],
        "PNG of colours": _saved("PNG", "RGB"),
        "PNG and ZIP at once": whole + _zip({"../../" + MARK: b"x"}),
        "PNG and script at once": whole + f"\n<?php system('touch {target}'); ?>".encode(),
        "GIF and JavaScript at once": b"GIF89a/*" + _saved("GIF")[8:] + b"*/=1;",
        "animated PNG of a million frames": _with(b"acTL", struct.pack(">II", 10**6, 0)),
        "pickle": pickle.dumps(_Touch(str(target))),
        "pickle in an array": _pickled_array(str(target)),
        "ZIP that climbs": _zip({f"../../../..{target}": b"x"}),
        "ZIP bomb": _zip({"x": bytes(2**26)}),
        "gzip bomb": gzip.compress(bytes(2**26)),
        "tar with a link": _tar(folder / "secret.txt"),
        "safetensors with a head of 1 TB": struct.pack("<Q", 2**40) + b"{}",
        "HTML": f"<script>fetch('file://{folder}/secret.txt')</script>".encode(),
        "shell script": f"#!/bin/sh\ntouch {target}\n".encode(),
        "Python": f"open({str(target)!r}, 'w')".encode(),
        "program": b"\x7fELF" + bytes(100),
        "nothing": b"",
        "one byte": b"\x89",
        "noise": np.random.default_rng(0).bytes(100_000),
        "17 MB": bytes(17 * 2**20),
    }


def names() -> list[str]:
    """Names of uploaded files that lead elsewhere."""
    return [
        *(
            "../../" + MARK,
            "/tmp/" + MARK,
            "..\\..\\" + MARK,
            "a/../../" + MARK,
            "%2e%2e%2f" + MARK,
        ),
        *(
            "." * 3,
            ".htaccess",
            "x" * 5_000 + ".png",
            "x.png\0.sh",
            "CON",
            "\u202egnp.exe",
            "~/" + MARK,
        ),
        *("$(touch was-run)", "; touch was-run", "|touch was-run"),
    ]


def paths(folder: Path, own: Path, canary: str) -> list[str]:
    """Paths and addresses of things that nobody uploaded.

    `own`: the server's folder for uploads; `canary`: an address that notes who fetches from it.
    """
    secret = folder / "secret.txt"
    link = own / "link.png"
    link.unlink(missing_ok=True)
    link.symlink_to(secret)
    up = "../" * 12
    return [
        *(str(secret), "/etc/passwd", "/proc/self/environ", "/proc/self/mem", "/dev/zero"),
        *(
            "/dev/stdin",
            "/",
            ".",
            "",
            "app.py",
            up + "etc/passwd",
            str(link),
            f"{own}/{up}etc/passwd",
        ),
        *(f"{own}/..//{secret}", f"file://{secret}", "file:///etc/passwd", f"{secret}\0.png"),
        *(canary, canary.replace("http", "HTTP"), canary.replace("127.0.0.1", "localhost")),
        *(canary.replace("127.0.0.1", "[::1]"), canary.replace("127.0.0.1", "2130706433")),
        *(
            "http://169.254.169.254/latest/meta-data",
            "https://example.invalid/x",
            "ftp://127.0.0.1/x",
        ),
        *(
            "gopher://127.0.0.1/x",
            "data:image/png;base64,AAAA",
            "\\\\host\\share\\x",
            "~/.ssh/id_rsa",
        ),
    ]


class _Touch:
    """Writes a file when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (self.path, "w")


def _pickled_array(path: str) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([_Touch(path)], object), allow_pickle=True)
    return buffer.getvalue()


def _saved(kind: str, mode: str = "L") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB" if kind == "JPEG" else mode, (64, 64)).save(buffer, kind)
    return buffer.getvalue()


def _chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _png(width: int, height: int, packed: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = _chunk(b"IDAT", packed or zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + pixels + _chunk(b"IEND", b"")


def _with(name: bytes, content: bytes, count: int = 1) -> bytes:
    """A PNG with further chunks behind its head."""
    whole = _saved("PNG")
    return whole[:33] + _chunk(name, content) * count + whole[33:]


def _tiff(rows: int) -> bytes:
    tags = (
        (256, 2**16),
        (257, rows),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (278, rows),
        (279, 9),
    )
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _tar(target: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(target)
        archive.addfile(link)
    return buffer.getvalue()
