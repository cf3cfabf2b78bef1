"""What a frozen trunk sees in random crops of photos: looked at once and kept in a folder."""

import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, inference_mode

from files import disk
from files.progress import progress_bar
from trecs.data.dataset import Photo
from trecs.data.described import load_squares, random_crops

AT_ONCE = 32  # photos that the trunk looks at together


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
    n * views + v. `key` tells what looked, so that another trunk looks anew.
    """
    key = f"{key} {side} {views} {seed}\n" + "\n".join(f"{p.source}/{p.name}" for p in photos)
    if (folder / "of.txt").is_file() and (folder / "of.txt").read_text("utf-8") == key:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    count, files = len(photos) * views, dict[str, NDArray[np.float16]]()
    for start in progress_bar(range(0, len(photos), AT_ONCE), "photos seen", unit_scale=AT_ONCE):
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
    (folder / "of.txt").write_text(key, "utf-8")


def _made(path: Path, shape: tuple[int, ...]) -> NDArray[np.float16]:
    """A new file of so many numbers, mapped into memory, which has its place on the disk.

    Without that, a disk that fills up later would end the process without a word.
    """
    with disk.told(path, 2 * math.prod(shape)):
        array = np.lib.format.open_memmap(path, "w+", np.float16, shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array
