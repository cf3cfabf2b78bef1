"""Data that come from elsewhere, as `benchmarks.crash` interrupts them: download and preparing."""

import hashlib
import http.server
import json
import os
import re
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.crash_job import Job
from trecs.data import download
from trecs.data.prepare import prepare
from trecs.data.sources import Source

SIDE, DOG, GRASS, PHOTOS = 64, 17, 123, 40
DOWNLOAD = bytes(np.random.default_rng(0).integers(256, size=2**20).astype(np.uint8))


class Prepare(Job):
    """A made-up COCO in the layout of trainings."""

    def begin(self, source: Path) -> None:
        """Photos, annotations and label maps, and what becomes of them without a stop."""
        write_coco(source / "coco", PHOTOS)
        self.work(source, source / "undisturbed")

    def work(self, source: Path, out: Path) -> None:
        """Prepares the folder, if it is not there."""
        if not out.exists():
            prepare(source / "coco", out)

    def check(self, out: Path) -> None:
        """The folder is there with everything or not at all."""
        if out.exists():
            self.finished(out, out)
            assert len(list((out / "coco" / "labels").iterdir())) == PHOTOS

    def finished(self, source: Path, out: Path) -> None:
        """The same files as without a stop."""
        assert {p.name for p in out.iterdir()} == {"coco", "narratives"}
        if (there := source / "undisturbed").exists():
            assert _hashes(out) == _hashes(there)


class Download(Job):
    """A file from a server on this machine that sends it slowly."""

    def __init__(self) -> None:
        self._had = 0

    def serve(self) -> None:
        """Starts the server, which ends with this process."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._url = f"http://127.0.0.1:{server.server_port}/file.bin"
        parent = os.getpid()
        if not os.fork():
            threading.Thread(target=server.serve_forever, daemon=True).start()
            while os.getppid() == parent:
                time.sleep(0.1)
            os._exit(0)
        server.server_close()

    def work(self, source: Path, out: Path) -> None:
        """Downloads what is missing, whatever room there is for it."""
        download.SPARE = -(2**60)
        download.fetch(Source(self._url), out, tries=2, wait=lambda seconds: None)

    def check(self, out: Path) -> None:
        """The file is whole under its name; what had come stays."""
        if (out / "file.bin").exists():
            assert (out / "file.bin").read_bytes() == DOWNLOAD
            return
        part = out / ".file.bin.part"
        have = part.read_bytes() if part.exists() else b""
        assert DOWNLOAD.startswith(have)
        assert len(have) >= self._had
        self._had = len(have)

    def finished(self, source: Path, out: Path) -> None:
        """It has come, with its checksum."""
        assert hashlib.sha256(DOWNLOAD).hexdigest() in (out / "file.bin.sha256").read_text()
        self._had = 0


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        start = int(m[1]) if (m := re.match(r"bytes=(\d+)-", self.headers["Range"] or "")) else 0
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(DOWNLOAD) - start))
        if start:
            end = len(DOWNLOAD)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        self.end_headers()
        for at in range(start, len(DOWNLOAD), 2**14):
            try:
                self.wfile.write(DOWNLOAD[at : at + 2**14])
            except ConnectionError:  # who asked was killed
                return
            time.sleep(0.002)

    def log_message(self, *_: object) -> None:
        pass


def write_coco(folder: Path, photos: int) -> None:
    """Writes photos with a dog each, their annotations and COCO-Stuff's maps."""
    maps = folder / "stuffthingmaps" / "val2017"
    for made in (maps, folder / "val2017", folder / "annotations"):
        made.mkdir(parents=True)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number in range(1, photos + 1):
        name = f"{number:012}"
        images.append({"id": number, "file_name": f"{name}.jpg", "height": SIDE, "width": SIDE})
        corner = 4 + number % 20
        polygon = [corner, 5, corner + 30, 5, corner + 30, 40 + number % 9, corner, 40]
        annotations.append(
            {
                "id": number,
                "image_id": number,
                "category_id": DOG + 1,
                "area": 900,
                "segmentation": [polygon],
            }
        )
        Image.fromarray(np.full((SIDE, SIDE, 3), number, np.uint8)).save(
            folder / "val2017" / f"{name}.jpg"
        )
        Image.fromarray(np.full((SIDE, SIDE), GRASS, np.uint8)).save(maps / f"{name}.png")
    record = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": DOG + 1, "name": "dog"}],
    }
    (folder / "annotations" / "instances_val2017.json").write_text(json.dumps(record))


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
