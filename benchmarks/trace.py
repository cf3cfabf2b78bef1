"""How well the trace predictor places regions, beside simple baselines.

    python -m benchmarks.trace [--checkpoint DIR] [--data DIR]

On held-back `coco_mini` photos with narratives: the IoU of each region's predicted box with the
box of the mask that the simulated annotator takes it to mean (`trecs.annotator.mentions`), from
the released tags, with no other box known and with all others known; averaged over regions, in
brackets the 95 % bootstrap interval over regions. Also how often a stroke's label is guessed
right from its box alone, and given the other labels.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.weights import BUNDLED
from segmentation.labels import COUNT
from segmentation.masks import Box
from trecs.alignment import Region
from trecs.annotator import mentions
from trecs.evaluation.canvas import bootstrap_interval
from trecs.narrative import Narrative, from_text
from trecs.trace_predictor import TracePredictor
from trecs.training.data import Dataset, data_folder
from trecs.training.photo_masks import PhotoMasks

SEED = 0
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", default=BUNDLED)
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    predictor = TracePredictor.load(args.checkpoint / "trace")
    average = average_boxes(predictor)
    scores: dict[str, list[float]] = {}
    for narrative, regions in held_back(Dataset(data_folder(args.data))):
        unseen = [replace(region, strokes=()) for region in regions]
        alone = predictor.predict(narrative, unseen, SEED)
        for i, region in enumerate(regions):
            if not region.strokes:
                continue
            others = [*regions[:i], unseen[i], *regions[i + 1 :]]
            labels = [other.label for other in regions if other is not region]
            boxes = {
                "predicted, no box known": alone[i],
                "predicted, others known": predictor.predict(narrative, others, SEED)[i],
                "the label's average box": average[region.label],
                "the whole picture": WHOLE,
            }
            (left, top), (right, bottom) = region.hull.min(0).tolist(), region.hull.max(0).tolist()
            for name, box in boxes.items():
                scores.setdefault(name, []).append(box_iou(box, (left, top, right, bottom)))
            for name, context in (("from its box", []), ("from its box and the others", labels)):
                right_label = predictor.guess_label(region.hull, context) == region.label
                scores.setdefault(f"label guessed {name}", []).append(float(right_label))
    print("| measure | IoU or accuracy | regions |\n| --- | --- | --- |")
    for name, values in scores.items():
        low, high = bootstrap_interval(values)
        print(f"| {name} | {np.mean(values):.3f} ({low:.3f}-{high:.3f}) | {len(values)} |")


def held_back(dataset: Dataset) -> Iterator[tuple[Narrative, list[Region]]]:
    """Held-back narratives with their true regions: traces that are the corners of a box."""
    maker = PhotoMasks(dataset)
    photos = {int(photo.name): photo for photo in dataset.photos() if photo.source == "coco"}
    for released in dataset.narratives("held"):
        found = mentions(released.words, released.tags, maker.of(photos[released.image_id]))
        regions = [
            Region(m.label, m.start, m.stop, () if m.mask is None else (corners(m.mask),))
            for m in found
        ]
        yield from_text(" ".join(released.words)), regions


def corners(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The corners of a mask's box as a stroke, (4, 3)."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    left, right = np.array([columns[0], columns[-1] + 1]) / mask.shape[1]
    top, bottom = np.array([rows[0], rows[-1] + 1]) / mask.shape[0]
    return np.array([[left, top, 0], [right, top, 0], [right, bottom, 0], [left, bottom, 0]])


def average_boxes(predictor: TracePredictor) -> list[Box]:
    """Each label's average centre and size in the training photos, as a box."""
    counts = predictor.network.placement.numpy()  # (182, 4, positions)
    positions = np.linspace(0, 1, counts.shape[2])
    boxes: list[Box] = []
    for label in range(COUNT):
        seen = counts[label] if counts[label].any() else counts.sum(0)
        x, y, width, height = (seen @ positions / seen.sum(1)).tolist()
        boxes.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    return boxes


def box_iou(first: Box, second: Box) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    wide = max(min(first[2], second[2]) - max(first[0], second[0]), 0.0)
    high = max(min(first[3], second[3]) - max(first[1], second[1]), 0.0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return wide * high / (areas - wide * high)


if __name__ == "__main__":
    main()
