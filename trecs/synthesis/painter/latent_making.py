"""The latents of photos, made once: what a generator in the space of an autoencoder learns from.

A photo gives up to four views, squares of 256x256 pixels: its middle, another crop, and the mirror
images of both; one that is held back gives its middle. These come first, so that every training is
measured on the same; then all others in one random order with their middles, then with the next
kind of view, so that a training may begin with what is there.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from files.errors import InputError
from files.locks import locked
from files.progress import progress_bar
from segmentation.canvas import Canvas
from trecs.data.dataset import EVERY_SET, Dataset, Photo, Things
from trecs.data.pictures import photo_canvas
from trecs.synthesis.painter.autoencoder import Autoencoder
from trecs.synthesis.painter.latent_store import (
    CANVAS_SIDE,
    SIDE,
    THUMBNAIL_SIDE,
    LatentViews,
    ViewRecord,
    chunk_path,
    open_plan,
    write_chunk,
)
from trecs.synthesis.painter.region_colours import region_colours, region_map

KINDS = ("middle", "middle-mirrored", "crop", "crop-mirrored")
KINDS_OF_A_PASS = 2

SMALLEST_CROP = 0.7
"""Side of the smallest crop, of the photo's shorter side."""

VIEWS_OF_A_CHUNK = 1000
AT_ONCE = 64  # views that a GPU encodes together
LAST_THING = 255  # shared by all things but the LAST_THING - 1 largest


class Made(NamedTuple):
    """How many views of how many photos lie in a folder."""

    views: int
    photos: int


@dataclass(frozen=True)
class View:
    """One view to be made: of a photo with the polygons of its things, of one of KINDS."""

    photo: Photo
    things: Things | None
    kind: str
    seed: int

    @property
    def record(self) -> ViewRecord:
        """What the store notes of it."""
        photo = self.photo
        return ViewRecord(photo.source, photo.name, self.kind, photo.held_back, photo.accuracy)


class Square(NamedTuple):
    """A view that is not encoded yet: its photo (256, 256, 3) uint8 RGB, and all else of it."""

    photo: NDArray[np.uint8]
    rest: tuple[NDArray[Any], ...]  # the fields of LatentViews behind the latents


def make_latents(
    dataset: Dataset,
    autoencoder: Autoencoder,
    folder: Path,
    *,
    passes: int = 2,
    processes: int = 1,
    device: str | None = None,
    limit: int | None = None,
    chunk: int = VIEWS_OF_A_CHUNK,
    seed: int = 0,
) -> Made:
    """Writes the views of all photos to a `LatentStore`'s folder, and goes on where it stopped.

    `passes`, for photos that are trained on: 1 makes the middles and their mirror images, 2 also
    the crops. `limit`: so many photos of the random order alone. `chunk`: views of a chunk; none
    holds views of two kinds, or held-back ones and others. Each of the `processes` computes on one
    thread; how many there are changes no byte. `device`: a GPU that encodes what the processes cut
    out, AT_ONCE views together; the autoencoder moves there.

    Raises InputError where there are no photos, where one cannot be read, or where the folder
    holds latents of other photos, another autoencoder, chunk or seed.
    """
    photos = dataset.photos(sets=EVERY_SET)
    order = np.random.default_rng(seed).permutation(len(photos))[:limit]
    photos = [photos[i] for i in order]
    if not photos:
        raise InputError(f"No photos with label maps in '{dataset.folder}'; see `trecs data info`.")
    open_plan(folder, {"seed": seed, "chunk": chunk, "photos": _fingerprint(photos),
                       "autoencoder": _weights(autoencoder)})  # fmt: skip
    held_back = [(photo, KINDS[0]) for photo in photos if photo.held_back]
    trained_on = [photo for photo in photos if not photo.held_back]
    lists = [held_back] + [
        [(photo, kind) for photo in trained_on] for kind in KINDS[: passes * KINDS_OF_A_PASS]
    ]
    chunks = [part[i : i + chunk] for part in lists for i in range(0, len(part), chunk)]
    done = 0
    while done < len(chunks) and chunk_path(folder, done).is_dir():
        done += 1
    total, before = sum(map(len, chunks)), sum(map(len, chunks[:done]))
    with (
        locked(folder / ".lock", f"Another process is writing '{folder}'; wait for it to end."),
        _mapped(autoencoder, processes, device) as see,
        progress_bar(
            total=total, initial=before, desc="views", unit="view", smoothing=0.02
        ) as progress,
    ):
        for number, part in enumerate(chunks[done:], done):
            views = [View(photo, dataset.things_of(photo), kind, seed) for photo, kind in part]
            seen = []
            for view in see(views):
                seen.append(view)
                progress.update()
            write_chunk(folder, number, seen, [view.record for view in views])
    return Made(total, len(photos))


def see_view(view: View, autoencoder: Autoencoder) -> LatentViews:
    """A single view with all that is stored of it. Raises InputError for an unreadable photo."""
    square = cut_view(view)
    return LatentViews(_encoded(square.photo[None], autoencoder, "cpu")[0], *square.rest)


def cut_view(view: View) -> Square:
    """What `see_view` encodes. Raises InputError for an unreadable photo."""
    photo = np.asarray(view.photo.image())
    canvas = photo_canvas(view.photo, view.things)
    window = _window(view, *photo.shape[:2])
    canvas = canvas.resized(*photo.shape[:2])
    canvas = Canvas(canvas.label_map[window], canvas.instance_map[window])
    canvas = canvas.resized(CANVAS_SIDE, CANVAS_SIDE)
    square = _scaled(photo[window], SIDE)
    if view.kind.endswith("mirrored"):
        square = np.ascontiguousarray(square[:, ::-1])
        canvas = Canvas(canvas.label_map[:, ::-1], canvas.instance_map[:, ::-1])
    regions = region_map(canvas)
    return Square(
        square,
        (
            _scaled(square, THUMBNAIL_SIDE),
            canvas.label_map,
            numbered_things(canvas.instance_map),
            regions,
            region_colours(_scaled(square, CANVAS_SIDE), regions),
        ),
    )


def encode_squares(
    squares: Iterable[Square], autoencoder: Autoencoder, device: str
) -> Iterator[LatentViews]:
    """Single views of squares, AT_ONCE encoded together on the device that has the autoencoder."""
    squares = iter(squares)
    while together := list(islice(squares, AT_ONCE)):
        photos = np.stack([square.photo for square in together])
        latents = _encoded(photos, autoencoder, device)
        for own, square in zip(latents, together, strict=True):
            yield LatentViews(own, *square.rest)


def numbered_things(instances: NDArray[np.int32]) -> NDArray[np.uint8]:
    """An instance map (H, W) as uint8: 0 stays, things count from 1, the largest first.

    All that are not among the LAST_THING - 1 largest share LAST_THING.
    """
    found, which, areas = np.unique(instances, return_inverse=True, return_counts=True)
    things = np.flatnonzero(found)
    order = things[np.argsort(-areas[things], kind="stable")]
    numbers = np.zeros(len(found), np.uint8)
    numbers[order] = np.minimum(np.arange(1, len(order) + 1), LAST_THING)
    return numbers[which].reshape(instances.shape)


def _window(view: View, height: int, width: int) -> tuple[slice, slice]:
    """The rows and columns of the square that a view shows."""
    shorter = min(height, width)
    if view.kind.startswith("middle"):
        side, top, left = shorter, (height - shorter) // 2, (width - shorter) // 2
    else:
        name = f"{view.photo.source}/{view.photo.name}"
        rng = np.random.default_rng((view.seed, zlib.crc32(name.encode())))
        side = round(shorter * rng.uniform(SMALLEST_CROP, 1))
        top, left = map(int, rng.integers((height - side + 1, width - side + 1)))
    return slice(top, top + side), slice(left, left + side)


def _scaled(square: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A square photo (S, S, 3) at another size: averaged where it shrinks."""
    how = cv2.INTER_AREA if len(square) > side else cv2.INTER_CUBIC
    return cv2.resize(square, (side, side), interpolation=how).astype(np.uint8)


def _fingerprint(photos: Sequence[Photo]) -> str:
    """A hash of the photos' names and of what `Photo` tells of them."""
    told = [[p.source, p.name, p.held_back, p.accuracy, p.aspect] for p in photos]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _weights(autoencoder: Autoencoder) -> str:
    """A hash of the encoder's weights."""
    digest = hashlib.sha256()
    for name, tensor in autoencoder.encoder.state_dict().items():
        digest.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


@torch.inference_mode()
def _encoded(
    photos: NDArray[np.uint8], autoencoder: Autoencoder, device: str
) -> NDArray[np.float16]:
    """The latents (B, 32, 32, 32) of photos (B, 256, 256, 3) uint8."""
    pictures = torch.from_numpy(photos).to(device).permute(0, 3, 1, 2).float() / 255
    latents: NDArray[np.float16] = autoencoder.encode(pictures).half().cpu().numpy()
    return latents


@contextmanager
def _mapped(autoencoder: Autoencoder, processes: int, device: str | None) -> Iterator[Any]:
    """A function from views to an iterator over what is seen in them, in their order."""
    if processes == 1 and device is None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield lambda views: (see_view(view, autoencoder) for view in views)
        finally:
            torch.set_num_threads(threads)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _start, (None if device else autoencoder,))
    try:
        if device is None:
            yield lambda views: pool.map(_see, views)
        else:
            autoencoder = autoencoder.to(device)
            yield lambda views: encode_squares(pool.map(cut_view, views), autoencoder, device)
    finally:
        pool.shutdown(cancel_futures=True)


_autoencoder: Autoencoder | None
"""Of a worker process, where it is to encode."""


def _start(autoencoder: Autoencoder | None) -> None:
    """Begins a worker process, which ends with its parent and not by Ctrl-C."""
    global _autoencoder
    _autoencoder = autoencoder
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent: Any = multiprocessing.parent_process()
    parent.join()
    os._exit(1)


def _see(view: View) -> LatentViews:
    assert _autoencoder is not None
    return see_view(view, _autoencoder)
