"""A folder of photos' views with their latents, in chunks that are memory-mapped.

`plan.json` tells what the views are made of; `views-00000/`, `views-00001/`, ... hold them: an
array for each field of `LatentViews` and `views.json`, an object for each view. A chunk appears
whole or not at all, so that a training may read what is there while more is made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.whole import write_atomically, written_whole
from trecs.synthesis.painter.autoencoder import LATENTS
from trecs.synthesis.painter.region_colours import REGIONS

SIDE = 256
"""Pixels of a view's side."""

LATENT_SIDE = 32
CANVAS_SIDE = 128
THUMBNAIL_SIDE = 32

PLAN = "plan.json"
KIND, FORMAT = "latents", 1
STATISTICS_VIEWS = 2000  # looked at for the latents' mean and deviation, at most
AT_ONCE = 100  # ... of which so many are in memory


class LatentViews(NamedTuple):
    """B views of photos, squares of SIDE pixels; a single one has no B.

    Labels and instances are nearest neighbours; 255 is unlabeled. Things count from 1, the largest
    first; those that are not among the 254 largest share 255; 0 is stuff and unlabeled. Regions
    and colours are those of `trecs.synthesis.painter.region_colours`.
    """

    latents: NDArray[np.float16]  # (B, 32, 32, 32) as the encoder gives them
    thumbnails: NDArray[np.uint8]  # (B, 32, 32, 3) RGB, averages
    labels: NDArray[np.uint8]  # (B, 128, 128)
    instances: NDArray[np.uint8]  # (B, 128, 128)
    regions: NDArray[np.uint8]  # (B, 128, 128)
    colours: NDArray[np.float16]  # (B, 255, 3) CIE Lab, NaN where there is no region


_CANVAS = (np.uint8, (CANVAS_SIDE, CANVAS_SIDE))
STORED: Mapping[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "latents": (np.float16, (LATENTS, LATENT_SIDE, LATENT_SIDE)),
    "thumbnails": (np.uint8, (THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3)),
    "labels": _CANVAS,
    "instances": _CANVAS,
    "regions": _CANVAS,
    "colours": (np.float16, (REGIONS, 3)),
}
"""What one view has in each field of `LatentViews`."""


@dataclass(frozen=True)
class ViewRecord:
    """Which view of which photo this is: of a `source`, under a `photo`'s name there, of a `kind`.

    `accuracy`: the share of its labels, 0 to 1, that is expected to be right.
    """

    source: str
    photo: str
    kind: str
    held_back: bool
    accuracy: float


def open_plan(folder: Path, plan: Mapping[str, Any]) -> None:
    """Notes in a folder what its views are made of, unless it is noted there already.

    Raises InputError where the folder is of another plan.
    """
    wanted = {"kind": KIND, "format": FORMAT, **plan}
    if (folder / PLAN).is_file():
        found = _read_plan(folder)
        other = [name for name in wanted if found.get(name) != wanted[name]]
        if other:
            raise InputError(
                f"'{folder}' holds latents of another plan (it differs in {', '.join(other)}); "
                "give another --out, or the data, autoencoder and limit that it was begun with."
            )
    elif chunk_path(folder, 0).exists():
        raise InputError(
            f"'{folder}' holds views without their {PLAN}; give another --out or restore the file."
        )
    else:
        write_atomically(folder / PLAN, (json.dumps(wanted, indent=2) + "\n").encode())


def chunk_path(folder: Path, number: int) -> Path:
    """Where a chunk lies."""
    return folder / f"views-{number:05}"


def write_chunk(
    folder: Path, number: int, views: Sequence[LatentViews], records: Sequence[ViewRecord]
) -> None:
    """Writes single views as a chunk, whole or not at all."""
    with written_whole(chunk_path(folder, number)) as chunk:
        for name in STORED:
            np.save(chunk / f"{name}.npy", np.stack([getattr(view, name) for view in views]))
        lines = ",\n".join(json.dumps(asdict(record)) for record in records)
        (chunk / "views.json").write_text(f"[\n{lines}\n]\n", "utf-8")


class LatentStore:
    """The views in a folder, those of training and those held back, in the order of their making.

    `names`: the photos, SOURCE/NAME each, in the order of their first view. Of the N views:
    `photo` (N,) int64, its place in `names`; `kind` (N,) str, such as "middle-mirrored";
    `held_back` (N,) bool; `accuracy` (N,) float32, the share of the labels that is expected to be
    right.
    """

    def __init__(self, folder: Path) -> None:
        """Raises InputError where the folder is missing, damaged or not one of latents."""
        found = _read_plan(folder)
        if (found.get("kind"), found.get("format")) != (KIND, FORMAT):
            raise InputError(
                f"'{folder / PLAN}' is not of latents of format {FORMAT}; give the folder that "
                "`trecs data latents` made."
            )
        self.folder = folder
        self.names: list[str] = []
        self.photo = np.zeros(0, np.int64)
        self.kind = np.zeros(0, np.str_)
        self.held_back = np.zeros(0, bool)
        self.accuracy = np.zeros(0, np.float32)
        self._chunks: list[LatentViews] = []
        self._starts = [0]  # of each chunk, and the end of the last
        self._places: dict[str, int] = {}
        self.refresh()

    def __len__(self) -> int:
        return self._starts[-1]

    def refresh(self) -> None:
        """Takes in what chunks have appeared; the views that were there keep their numbers.

        Raises InputError where one is damaged.
        """
        while (chunk := chunk_path(self.folder, len(self._chunks))).is_dir():
            views, records = _read_chunk(chunk)
            for record in records:
                self._places.setdefault(f"{record.source}/{record.photo}", len(self._places))
            self.names = list(self._places)
            places = [self._places[f"{record.source}/{record.photo}"] for record in records]
            self.photo = np.append(self.photo, places)
            self.kind = np.append(self.kind, [record.kind for record in records])
            self.held_back = np.append(self.held_back, [record.held_back for record in records])
            accuracy = np.array([record.accuracy for record in records], np.float32)
            self.accuracy = np.append(self.accuracy, accuracy)
            self._chunks.append(views)
            self._starts.append(len(self) + len(records))

    def take(self, indices: NDArray[np.int64]) -> LatentViews:
        """Views by their numbers (B,), read into memory."""
        taken: dict[str, Any] = {
            name: np.empty((len(indices), *shape), kind) for name, (kind, shape) in STORED.items()
        }
        chunks = np.searchsorted(self._starts, indices, "right") - 1
        for number in np.unique(chunks):
            rows = np.flatnonzero(chunks == number)
            within = indices[rows] - self._starts[number]
            for name, values in taken.items():
                values[rows] = getattr(self._chunks[number], name)[within]
        return LatentViews(**taken)


def latent_statistics(store: LatentStore) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation, (32,) each, of the latents' channels over training views.

    The first STATISTICS_VIEWS are looked at. Raises InputError where there is none.
    """
    views = np.flatnonzero(~store.held_back)[:STATISTICS_VIEWS]
    if not len(views):
        raise InputError(
            f"No views to train on in '{store.folder}' yet; let `trecs data latents` go on."
        )
    sums, squares = np.zeros(LATENTS), np.zeros(LATENTS)
    for start in range(0, len(views), AT_ONCE):
        latents = store.take(views[start : start + AT_ONCE]).latents.astype(np.float64)
        sums += latents.sum((0, 2, 3))
        squares += np.square(latents).sum((0, 2, 3))
    count = len(views) * LATENT_SIDE**2
    mean = sums / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 0))
    return mean.astype(np.float32), deviation.astype(np.float32)


def _read_plan(folder: Path) -> dict[str, Any]:
    path = folder / PLAN
    if not path.is_file():
        raise InputError(
            f"No latents in '{folder}': {PLAN} is missing; give a folder that `trecs data latents` "
            "made."
        )
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"'{path}' is damaged ({error}); restore it, or make the latents anew."
        ) from error


def _read_chunk(chunk: Path) -> tuple[LatentViews, list[ViewRecord]]:
    """A chunk's arrays, memory-mapped, and its views' records."""
    try:
        listed = json.loads((chunk / "views.json").read_text("utf-8"))
        records = [ViewRecord(**entry) for entry in listed]
        arrays = {}
        for name, (kind, shape) in STORED.items():
            array = np.load(chunk / f"{name}.npy", mmap_mode="r")
            if array.dtype != kind or array.shape != (len(records), *shape):
                raise ValueError(f"{name}.npy holds {array.dtype} {array.shape}")
            arrays[name] = array
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"The chunk '{chunk}' is damaged ({error}); remove it and those after it, and "
            "`trecs data latents` makes them anew."
        ) from error
    return LatentViews(**arrays), records
