"""What a frozen trunk sees in random crops of photos: looked at once and kept in a folder."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, inference_mode

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
                    files[name] = np.lib.format.open_memmap(
                        folder / f"{name}.npy", "w+", np.float16, (count, *values.shape[1:])
                    )
                files[name][rows] = values.half().cpu().numpy()
    (folder / "of.txt").write_text(key, "utf-8")
