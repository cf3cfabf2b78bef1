"""Packs what the painter learns from into a few files, to be carried to a machine with a GPU.

    python -m scripts.pack_photos --data DIR --composed DIR --autoencoder DIR --out DIR
        [--side 256] [--quality 80] [--part-mb 56]

Writes photos-0.tar.gz, photos-1.tar.gz, ...; `scripts/train_on_gpu.sh` unpacks and uses them. All
unpacked into one folder, they are

- `data/`, a data folder: `Dataset` finds the same photos in it, with the same held-back flags,
  accuracies and aspects. Photos are smaller JPEGs, label and instance maps PNGs of the same size
  (nearest neighbours), polygons are rounded to whole pixels. Of the narratives only the photos'
  ids are left, which decide what is held back.
- `composed/`, the canvases that `trecs data compose` made, of the size that the painter reads.
- `autoencoder/`, TAEF2's two files.
"""

import argparse
import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from PIL import Image

from files.errors import InputError
from files.pictures import open_map, read_rgb
from files.progress import progress_bar
from files.whole import written_whole
from retrieval.coco_files import read_json
from trecs.cli import Parser
from trecs.commands import arguments
from trecs.data.composed import composed_canvas
from trecs.data.dataset import EVERY_SET, Dataset, Photo, data_folder
from trecs.synthesis.painter.autoencoder import DECODER, ENCODER, Autoencoder
from trecs.synthesis.painter.told import POINTS

PART = "photos-{}.tar.gz"
COMPLETE = "complete"
"""The last file of the last part: where it is missing, a part is."""

END = gzip.compress(bytes(2 * tarfile.BLOCKSIZE), mtime=0)  # of a tar file


class Member(NamedTuple):
    """A file in a part."""

    name: str
    content: bytes


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the parts and prints their names and sizes; returns the exit code."""
    args = _parser().parse_args(argv)
    try:
        parts = pack(args)
    except InputError as error:
        print(f"pack_photos: {error}", file=sys.stderr)
        return 2
    for part in parts:
        print(f"{part}  {part.stat().st_size / 2**20:.1f} MiB")
    return 0


def pack(args: argparse.Namespace) -> list[Path]:
    """Writes all parts or none; raises InputError where something cannot be used."""
    if list(args.out.glob(PART.format("*"))):
        raise InputError(f"'{args.out}' holds parts already; give another --out.")
    Autoencoder.load(args.autoencoder)
    dataset = Dataset(data_folder(args.data))
    dataset.narratives("all")
    photos = dataset.photos(sets=EVERY_SET)
    if not photos:
        raise InputError(f"No photos with label maps in '{dataset.folder}'; see `trecs data info`.")
    with written_whole(args.out) as folder:
        files = members(dataset.folder, photos, args)
        count = write_parts(folder, files, args.part_mb * 2**20)
    return [args.out / PART.format(number) for number in range(count)]


def members(data: Path, photos: Sequence[Photo], args: argparse.Namespace) -> Iterator[Member]:
    """All files that are packed."""
    for name in (ENCODER, DECODER):
        yield Member(f"autoencoder/{name}", (args.autoencoder / name).read_bytes())
    for path in sorted((data / "narratives").glob("*.jsonl")):
        yield _member(data, path, _ids_alone(path))
    for part in sorted({photo.image_path.parents[1] for photo in photos}):
        yield from (_member(data, path, path.read_bytes()) for path in part.glob("labels.csv"))
        for path in (part / "instances.json", part / "persons.json"):
            if path.is_file():
                polygons = _rounded(read_json(path, "COCO's annotations"))
                yield _member(data, path, json.dumps(polygons, separators=(",", ":")).encode())
    for photo in progress_bar(photos, "photos", unit="photo"):
        yield from _of_photo(data, photo, args.side, args.quality)
        yield from _composed(args.composed, photo)
    yield Member(COMPLETE, f"{len(photos)} photos\n".encode())


def write_parts(folder: Path, files: Iterable[Member], limit: int) -> int:
    """Writes files to gzipped tar files of at most `limit` bytes; returns how many it takes.

    Each is compressed alone and appended, as gzip allows, so that sizes add up. Raises InputError
    for a file that is too large for a part.
    """
    sizes: list[int] = []
    for member in files:
        packed = _packed(member)
        if len(packed) + len(END) > limit:
            raise InputError(
                f"'{member.name}' takes {len(packed) / 2**20:.1f} MiB; give a larger --part-mb."
            )
        if not sizes or sizes[-1] + len(packed) + len(END) > limit:
            sizes.append(0)
        with (folder / PART.format(len(sizes) - 1)).open("ab") as part:
            part.write(packed)
        sizes[-1] += len(packed)
    for number in range(len(sizes)):
        with (folder / PART.format(number)).open("ab") as part:
            part.write(END)
    return len(sizes)


def _of_photo(data: Path, photo: Photo, side: int, quality: int) -> Iterator[Member]:
    """A photo and its maps; squashed ones stay squashed. Raises InputError for unreadable ones."""
    picture = read_rgb(photo.image_path, "photo")
    scale = min(1, side / min(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    pixels = cv2.resize(np.asarray(picture), size, interpolation=cv2.INTER_AREA)
    maps = {
        path: open_map(path, "map").resize(size, Image.Resampling.NEAREST)
        for path in (photo.label_path, photo.instance_path)
        if path is not None
    }
    jpeg = io.BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=quality, optimize=True, progressive=True)
    yield _member(data, photo.image_path, jpeg.getvalue())
    yield from (_member(data, path, _png(picture)) for path, picture in maps.items())


def _composed(folder: Path, photo: Photo) -> Iterator[Member]:
    """The canvas that is composed of a photo, where there is one."""
    canvas = composed_canvas(folder, photo)
    if canvas is None:
        return
    side = min(POINTS, len(canvas.label_map))
    canvas = canvas.resized(side, side)
    kind = np.uint8 if canvas.instance_map.max() < 256 else np.uint16
    name = f"composed/{photo.source}/{photo.name}"
    yield Member(f"{name}.labels.png", _png(Image.fromarray(canvas.label_map)))
    instances = Image.fromarray(canvas.instance_map.astype(kind))
    yield Member(f"{name}.instances.png", _png(instances))


def _ids_alone(path: Path) -> bytes:
    """Narratives, one for each photo, without a word."""
    ids = sorted({json.loads(line)["image_id"] for line in path.read_text("utf-8").splitlines()})
    empty = {"annotator_id": 0, "words": [], "tags": []}
    return "".join(json.dumps({"image_id": i, **empty}) + "\n" for i in ids).encode()


def _rounded(value: Any) -> Any:
    """JSON whose fractions are whole numbers."""
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return round(value) if isinstance(value, float) else value


def _member(data: Path, path: Path, content: bytes) -> Member:
    """A file that stands at the same place in the packed data folder."""
    return Member(f"data/{path.relative_to(data).as_posix()}", content)


def _packed(member: Member) -> bytes:
    """What a file is in a gzipped tar file."""
    info = tarfile.TarInfo(member.name)
    info.size = len(member.content)
    padding = bytes(-info.size % tarfile.BLOCKSIZE)
    return gzip.compress(info.tobuf() + member.content + padding, mtime=0)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _parser() -> Parser:
    parser = Parser(prog="pack_photos", description=str(__doc__).splitlines()[0])
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--composed",
        type=Path,
        required=True,
        metavar="DIR",
        help="the canvases that `trecs data compose` made",
    )
    parser.add_argument(
        "--autoencoder", type=Path, required=True, metavar="DIR", help="the folder of TAEF2's files"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    for name, usual, meaning in (
        ("side", 256, "pixels of a photo's shorter side, at most"),
        ("quality", 80, "of the JPEGs, 1 to 95"),
        ("part-mb", 56, "MiB of a part, at most"),
    ):
        parser.add_argument(
            f"--{name}",
            type=arguments.count,
            default=usual,
            metavar="N",
            help=f"{meaning} (default: {usual})",
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
