"""What a frozen trunk sees in random crops of photos: looked at once and kept in a folder."""

import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from torch import Tensor, inference_mode

from files import disk
from files.progress import progress_bar
from trecs.data.dataset import Photo
from trecs.data.described import load_squares, random_crops

AT_ONCE = 32  # photos that the trunk looks at together
DONE, BEGUN = "of.txt", "begun.txt"  # what looked and at which photos; behind how many of them
Kept: TypeAlias = "np.memmap[Any, np.dtype[np.float16]]"


@inference_mode()
def keep_views(
    folder: Path,
    photos: Sequence[Photo],
    see: Callable[[Tensor], Mapping[str, Tensor]],
    *,
    side: int,
    views: int,
    seed: int,
    key: str,
) -> None:
    """Writes NAME.npy for everything that the trunk `see`s, unless it is there already.

    `see` takes crops (B, 3, side, side) in [-1, 1], half of them mirrored, and names what it
    found (B, ...). A file is (photos * views, ...) float16: view v of photo n is row
    n * views + v. `key` tells what looked, so that another trunk looks anew. Stopped by a signal
    or a full disk, it goes on where it was, with the same numbers.
    """
    key = f"{key} {side} {views} {seed}\n" + "\n".join(f"{p.source}/{p.name}" for p in photos)
    if (folder / DONE).is_file() and (folder / DONE).read_text("utf-8") == key:
        return
    seen, files = _begun(folder, key)
    count, left = len(photos) * views, range(seen, len(photos), AT_ONCE)
    for start in progress_bar(left, "photos seen", unit_scale=AT_ONCE):
        rng = np.random.default_rng((seed, start))
        squares = load_squares(photos[start : start + AT_ONCE], side)
        for view in range(views):
            first = start * views + view
            rows = slice(first, first + len(squares) * views, views)
            for name, values in see(random_crops(squares, side, rng)).items():
                if name not in files:
                    shape = (count, *values.shape[1:])
                    files[name] = _made(folder / f"{name}.npy", shape)
                files[name][rows] = values.half().cpu().numpy()
        for array in files.values():
            array.flush()
        _write(folder / BEGUN, f"{start + AT_ONCE}\n{key}")
    _write(folder / DONE, key)
    (folder / BEGUN).unlink(missing_ok=True)


def _begun(folder: Path, key: str) -> tuple[int, dict[str, Kept]]:
    """How many photos what `key` tells has seen and the files of that; else an empty folder."""
    if (folder / BEGUN).is_file():
        seen, _, of = (folder / BEGUN).read_text("utf-8").partition("\n")
        if of == key:
            files = {p.stem: np.lib.format.open_memmap(p, "r+") for p in folder.glob("*.npy")}
            return int(seen), files
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return 0, {}


def _write(path: Path, text: str) -> None:
    """Writes all of it or nothing."""
    new = path.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(path)


def _made(path: Path, shape: tuple[int, ...]) -> Kept:
    """A new file of so many numbers, mapped into memory, which has its place on the disk.

    Without that, a disk that fills up later would end the process without a word.
    """
    with disk.told(path, 2 * math.prod(shape)):
        array = np.lib.format.open_memmap(path, "w+", np.float16, shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array
