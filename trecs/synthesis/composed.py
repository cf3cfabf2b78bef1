"""Canvases as the studio composes them, of photos that have a label map of their own.

A generator that saw only the outlines of photos is at a loss with a canvas of retrieved masks.
So every training photo is told by its own labels in a random order, with the trace that the
simulated annotator (`trecs.data.annotator`) draws round its regions, and what `TReCS` composes from
that stands beside the photo: its layout, with other outlines and another background.
"""

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import write_atomically
from segmentation.canvas import Canvas, instance_png, label_png, read_instance_map, read_label_map
from segmentation.labels import COUNT, NAMES, is_thing
from trecs.data.annotator import Masks, simulate
from trecs.data.dataset import EVERY_SET, Dataset, Photo
from trecs.data.photo_masks import PhotoMasks
from trecs.tagging.tagger import Tags

if TYPE_CHECKING:
    from trecs.pipeline import TReCS

SIZE = 256
LEAST = 0.004  # share of the picture that a region covers at least to be spoken of
MOST = 6  # things of one label that are spoken of one by one


def compose_photos(trecs: "TReCS", dataset: Dataset, folder: Path) -> int:
    """Writes a canvas for every photo that may be trained on; returns how many there are.

    Those that are in the folder already are kept, so that a stopped run goes on. A photo in which
    nothing is labelled gets none.
    """
    masks = PhotoMasks(dataset, SIZE)
    found = 0
    for photo in dataset.photos(held_back=False, sets=EVERY_SET):
        labels, instances = _files(folder, photo)
        if not instances.is_file():
            seed = zlib.crc32(f"{photo.source}/{photo.name}".encode())
            canvas = _composed(trecs, masks.of(photo), np.random.default_rng(seed))
            if canvas is None:
                continue
            labels.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(labels, label_png(canvas.label_map))
            write_atomically(instances, instance_png(canvas.instance_map))
        found += 1
    return found


def composed_canvas(folder: Path, photo: Photo) -> Canvas | None:
    """The canvas of a photo that `compose_photos` wrote, a square; None where there is none.

    Raises InputError where the folder is missing or its files are damaged.
    """
    if not folder.is_dir():
        raise InputError(f"No composed canvases in '{folder}'; `trecs data compose` makes them.")
    labels, instances = _files(folder, photo)
    if not instances.is_file():
        return None
    label_map = read_label_map(labels)
    return Canvas(label_map, read_instance_map(instances, label_map.shape))


def told(masks: Masks, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The labels of a photo's regions, (N,) uint8, in a random order; none twice in a row.

    Stuff is spoken of once, things one by one up to MOST; those that come to stand together are
    one mention.
    """
    mentioned = [
        label
        for label, parts in masks.items()
        for part in parts[: MOST if is_thing(label) else 1]
        if part.mean() >= LEAST
    ]
    order = rng.permutation(np.array(mentioned, np.uint8))
    return order[np.append(True, order[1:] != order[:-1])] if len(order) else order


def _composed(trecs: "TReCS", masks: Masks, rng: np.random.Generator) -> Canvas | None:
    labels = told(masks, rng)
    if not len(labels):
        return None
    narrative = simulate([NAMES[label] for label in labels], labels, masks, rng)
    tags = Tags(labels, np.eye(COUNT, dtype=np.float32)[labels])
    regions = trecs.align(narrative, tags)
    return trecs.compose(trecs.retrieve(narrative, regions, tags), SIZE)


def _files(folder: Path, photo: Photo) -> tuple[Path, Path]:
    """Where its label map is, and its instance map."""
    beside = folder / photo.source
    return beside / f"{photo.name}.labels.png", beside / f"{photo.name}.instances.png"
