"""Canvases as the studio composes them, of photos that have a label map of their own.

A generator that saw only the outlines of photos is at a loss with a canvas of retrieved masks.
So every training photo is told by its own labels in a random order, with the trace that the
simulated annotator (`trecs.data.annotator`) draws round its regions, and what the studio composes
from that stands beside the photo: its layout, with other outlines and another background.
"""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.whole import write_atomically
from segmentation.canvas import Canvas, instance_png, label_png
from segmentation.labels import COUNT, NAMES, is_thing
from trecs.data.annotator import Masks, simulate
from trecs.data.composed import composed_files
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.photo_masks import PhotoMasks
from trecs.narrative import Narrative
from trecs.tagging.tagger import Tags

Compose = Callable[[Narrative, Tags], Canvas]
"""What a studio makes of a narrative whose words are tagged: a square canvas of SIZE."""

SIZE = 256
LEAST = 0.004  # share of the picture that a region covers at least to be spoken of
MOST = 6  # things of one label that are spoken of one by one


def compose_photos(compose: Compose, dataset: Dataset, folder: Path) -> int:
    """Writes a canvas for every photo that may be trained on; returns how many there are.

    Those that are in the folder already are kept, so that a stopped run goes on. A photo in which
    nothing is labelled gets none.
    """
    masks = PhotoMasks(dataset, SIZE)
    found = 0
    for photo in dataset.photos(held_back=False, sets=EVERY_SET):
        labels, instances = composed_files(folder, photo)
        if not instances.is_file():
            seed = zlib.crc32(f"{photo.source}/{photo.name}".encode())
            canvas = _composed(compose, masks.of(photo), np.random.default_rng(seed))
            if canvas is None:
                continue
            labels.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(labels, label_png(canvas.label_map))
            write_atomically(instances, instance_png(canvas.instance_map))
        found += 1
    return found


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


def _composed(compose: Compose, masks: Masks, rng: np.random.Generator) -> Canvas | None:
    labels = told(masks, rng)
    if not len(labels):
        return None
    narrative = simulate([NAMES[label] for label in labels], labels, masks, rng)
    tags = Tags(labels, np.eye(COUNT, dtype=np.float32)[labels])
    return compose(narrative, tags)
