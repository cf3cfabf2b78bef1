"""Do placed masks look like the things they stand for, and do they lie where those were drawn?

    python -m benchmarks.placed [--tuning] [--checkpoint DIR] [--library DIR] [--data DIR]

Things of held-back photos are drawn in three habits: a plain ellipse round the box, as most people
draw; a loop that follows the outline; and the simulated annotator's narratives with the true tags.
Looks: the share of the masks placed for them that a small classifier of real silhouettes of the
training photos (`trecs.evaluation.instruments.shape_classifier`) names rightly, and has among its
first three; it has no part in choosing them. Beside it what the classifier makes of the real masks
of the same things. Place: the mean IoU of the placed mask with the real one. `--tuning`: on every
fourth of the training photos instead, to choose weights by.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.shapes import SIDE
from segmentation.labels import COUNT, is_thing
from segmentation.masks import Box, Mask, iou
from trecs.alignment.regions import Region
from trecs.data.annotator import simulate
from trecs.data.dataset import Dataset, TaggedNarrative, data_folder
from trecs.data.hand import rounded_box
from trecs.data.photo_masks import PhotoMasks
from trecs.evaluation.instruments.shape_classifier import ShapeClassifier, ranks, train_classifier
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.scenes.shape_data import (
    Silhouette,
    polygon_silhouettes,
    shape_set,
    silhouettes,
    stretched,
)
from trecs.tagging.tagger import Tags

ENOUGH = 10  # training silhouettes of a label that the classifier knows
LEAST_AREA = 0.003  # of the picture; smaller things are a few pixels of the canvas
TUNING = 4  # every so many training photos
CANVAS = 256
SMOOTHED = 0.02  # of its length: how far a hand that follows an outline cuts its corners
NARRATED = "narrated, simulated annotator"


@dataclass(frozen=True, eq=False)
class Placed:
    """A mask that was placed for a drawn thing.

    `aspect`: width over height of the photo, squeezed to a square canvas. `real`: the thing's own
    mask, None where a region stands for several.
    """

    label: int
    mask: Mask
    aspect: float
    real: Mask | None = None


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tuning", action="store_true", help="on training photos instead")
    parser.add_argument("--checkpoint", type=Path, metavar="DIR")
    parser.add_argument("--library", type=Path, metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    trecs = TReCS.from_pretrained(args.checkpoint, library=args.library)
    dataset = Dataset(data_folder(args.data))
    classifier = trained(dataset)
    things = drawn_things(dataset, tuning=args.tuning)
    found = {
        "ellipse round the box": list(placed(trecs, things, ellipse)),
        "loop along the outline": list(placed(trecs, things, outline)),
        NARRATED: list(narrated(trecs, dataset, tuning=args.tuning)),
    }
    print(table(classifier, found))


def trained(dataset: Dataset) -> ShapeClassifier:
    """The classifier, of things with ENOUGH silhouettes in the training photos."""
    known = shape_set(silhouettes(dataset), SIDE)
    counts = np.bincount(known.labels, minlength=256)
    labels = [i for i in np.flatnonzero(counts >= ENOUGH).tolist() if is_thing(i)]
    known = known.where(np.isin(known.labels, labels))
    return train_classifier(known.bitmaps, known.labels, known.aspects)


def drawn_things(dataset: Dataset, *, tuning: bool) -> list[Silhouette]:
    """The things of the reporting or the tuning photos, those of one photo in a row."""
    found = polygon_silhouettes(dataset, held_back=not tuning)
    things = [s for s in found if s.mask.area >= LEAST_AREA]
    photos = sorted({s.photo for s in things})
    kept = set(photos[::TUNING] if tuning else photos)
    return [s for s in things if s.photo in kept]


def ellipse(thing: Silhouette) -> NDArray[np.float64]:
    """The ellipse that fills a thing's box, (P, 2) fractions."""
    return rounded_box(thing.mask.box, squareness=2)


def outline(thing: Silhouette) -> NDArray[np.float64]:
    """A loop along a thing's largest outline, its finest corners cut, (P, 2) fractions."""
    mask = thing.mask
    padded = np.pad(mask.bitmap, 1).astype(np.uint8)
    contours, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = max(contours, key=cv2.contourArea)[:, 0].astype(np.float64) - 0.5
    window = max(round(SMOOTHED * len(points)), 1)
    around = np.concatenate([points[-window:], points, points[:window]])
    kernel = np.full(2 * window + 1, 1 / (2 * window + 1))
    smooth = np.stack([np.convolve(axis, kernel, "valid") for axis in around.T], 1)
    low, high = np.array(mask.box[:2]), np.array(mask.box[2:])
    height, width = mask.bitmap.shape
    return low + smooth / (width, height) * (high - low)


def placed(
    trecs: TReCS,
    things: Sequence[Silhouette],
    habit: Callable[[Silhouette], NDArray[np.float64]],
) -> Iterator[Placed]:
    """What is placed for each thing when a photo's are drawn in a habit, without words."""
    for _, group in groupby(things, key=lambda s: s.photo):
        together = list(group)
        regions = [Region(s.label, 0, 0, (timed(habit(s)),)) for s in together]
        narrative = Narrative((), tuple(r.strokes[0] for r in regions))
        for thing, placement in zip(
            together, trecs.place(trecs.retrieve(narrative, regions)), strict=True
        ):
            left, top, right, bottom = thing.mask.box
            aspect = thing.aspect * (bottom - top) / (right - left)
            yield Placed(thing.label, placement.mask, aspect, thing.mask)


def timed(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A closed stroke (P + 1, 3) of two seconds along points (P, 2)."""
    closed = np.vstack([points, points[:1]])
    return np.column_stack([closed, np.linspace(0, 2, len(closed))])


def narrated(trecs: TReCS, dataset: Dataset, *, tuning: bool) -> Iterator[Placed]:
    """What is placed for the drawn things of narratives whose words have their true tags."""
    photos = {int(p.name): p for p in dataset.photos() if p.source == "coco"}
    masks = PhotoMasks(dataset, CANVAS)
    for number, told in enumerate(narratives(dataset, tuning=tuning)):
        photo = photos.get(told.image_id)
        if photo is None:
            continue
        rng = np.random.default_rng(number)
        narrative = simulate(told.words, told.tags, masks.of(photo), rng)
        if not narrative.strokes:
            continue
        certain = Tags(told.tags, np.eye(COUNT, dtype=np.float32)[told.tags])
        regions = [r for r in trecs.align(narrative, certain, 0) if not r.predicted]
        width, height = photo.size
        for placement in trecs.place(trecs.retrieve(narrative, regions, certain)):
            if is_thing(placement.label):
                for mask in placement.masks:
                    yield Placed(placement.label, mask, width / height)


def narratives(dataset: Dataset, *, tuning: bool) -> list[TaggedNarrative]:
    """Those of the reporting or of the tuning photos."""
    if not tuning:
        return dataset.narratives("held")
    return [n for n in dataset.narratives("train") if n.image_id % TUNING == 1]


def table(classifier: ShapeClassifier, found: dict[str, list[Placed]]) -> str:
    """The figures of each habit in Markdown."""
    lines = [
        f"{len(classifier.labels)} things are known to the classifier.",
        "",
        "| drawn | masks | named rightly | mean over labels | among the first three | IoU |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, masks in found.items():
        lines.append(row(classifier, name, masks))
    real = [replace(m, mask=m.real) for m in next(iter(found.values())) if m.real is not None]
    lines.append(row(classifier, "the real masks of the same things", real))
    return "\n".join(lines)


def row(classifier: ShapeClassifier, name: str, masks: list[Placed]) -> str:
    """One habit's figures."""
    known = [m for m in masks if m.label in classifier.labels]
    bitmaps = np.stack([stretched(m.mask.bitmap, SIDE) for m in known])
    aspects = np.array([m.aspect * width_over_height(m.mask.box) for m in known], np.float32)
    labels = np.array([m.label for m in known], np.uint8)
    rank = ranks(classifier, bitmaps, labels, aspects)
    of_label = [np.mean(rank[labels == label] == 1) for label in np.unique(labels)]
    both = [(m.mask, m.real) for m in known if m.real is not None]
    overlap = [iou(a.render(CANVAS, CANVAS), b.render(CANVAS, CANVAS)) for a, b in both]
    place = f"{np.mean(overlap):.3f}" if overlap else ""
    return (
        f"| {name} | {len(known)} | {np.mean(rank == 1):.3f} | {np.mean(of_label):.3f} "
        f"| {np.mean(rank <= 3):.3f} | {place} |"
    )


def width_over_height(box: Box) -> float:
    """Of a box in fractions."""
    return (box[2] - box[0]) / (box[3] - box[1])


if __name__ == "__main__":
    main()
