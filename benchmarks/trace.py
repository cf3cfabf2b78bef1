"""How well the trace predictor places regions, beside simple baselines.

    python -m benchmarks.trace [--tuning] [--checkpoint DIR] [--before DIR] [--library DIR]
                               [--data DIR]

On held-back photos of COCO with narratives, with the released tags; in brackets the 95 %
bootstrap interval over narratives or regions.

Canvases: the pipeline's canvas where nothing is drawn and regions get boxes, either each label's
average box or the predicted ones; last with the trace of the simulated annotator
(`trecs.data.annotator`).
Pixel accuracy and mean IoU as in `benchmarks.canvas`. "painted": the hulls painted instead, which
shows the layout without the masks. `--before`: another trace predictor's folder, whose boxes are
compared, narrative by narrative.

Boxes: the IoU of each region's box with the box of the mask that the simulated annotator takes it
to mean, with no other box known and with all others known. Also how often a stroke's label is
guessed right from its box alone, and given the other labels.

`--tuning`: on the narratives that the training sets aside (`trecs.prediction.examples`) instead, to
choose its numbers by.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.canvas import SIZE, Case, simulated
from segmentation.labels import COUNT
from segmentation.masks import Box
from trecs.alignment.regions import Region, align
from trecs.data.annotator import mentions
from trecs.data.dataset import Dataset, TaggedNarrative, data_folder
from trecs.data.photo_masks import PhotoMasks
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.evaluation.measures.canvas import mean_iou, painted_hulls, pixel_accuracy
from trecs.narrative import Narrative, from_text
from trecs.pipeline import TReCS
from trecs.prediction.examples import set_aside
from trecs.prediction.predictor import TracePredictor, draw

SEED = 0
BEFORE = "boxes predicted before"
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true", help="on what training sets aside instead")
    parser.add_argument("--checkpoint", type=Path, metavar="DIR")
    parser.add_argument("--before", type=Path, metavar="DIR", help="another trace predictor")
    parser.add_argument("--library", type=Path, metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    trecs = TReCS.from_pretrained(args.checkpoint, library=args.library)
    dataset = Dataset(data_folder(args.data))
    before = TracePredictor.load(args.before) if args.before else None
    narratives = measured(dataset, tuning=args.tuning)
    print_canvases(trecs, list(simulated(dataset, narratives)), before)
    print_boxes(trecs.predictor, dataset, narratives)


def measured(dataset: Dataset, *, tuning: bool) -> list[TaggedNarrative]:
    """The narratives of the held-back photos, or of those that the training sets aside."""
    if not tuning:
        return dataset.narratives("held")
    aside = {int(photo.name) for photo in set_aside(dataset)}
    return [n for n in dataset.narratives("train") if n.image_id in aside]


def print_canvases(trecs: TReCS, cases: Sequence[Case], before: TracePredictor | None) -> None:
    """Prints the canvases' table, and the gains of predicted boxes, narrative by narrative."""
    average = average_boxes(trecs.predictor)
    scores: dict[str, list[tuple[float, float]]] = {}
    for case in cases:
        regions_of = layouts(trecs.predictor, average, case)
        if before is not None:
            untraced = case.narrative.without_trace()
            regions_of[BEFORE] = before.complete(untraced, align(untraced, case.tags), SEED)
        for name, regions in regions_of.items():
            canvases = {
                name: composed(trecs, case, regions),
                f"{name}, painted": painted_hulls(regions, SIZE),
            }
            for row, canvas in canvases.items():
                score = pixel_accuracy(case.truth, canvas), mean_iou(case.truth, canvas)
                scores.setdefault(row, []).append(score)
    print("| canvas | pixel accuracy | mean IoU | narratives |\n| --- | --- | --- | --- |")
    for name, pairs in scores.items():
        print(f"| {name} | {' | '.join(map(interval, zip(*pairs, strict=True)))} | {len(pairs)} |")
    beside = ["average boxes", *([BEFORE] if before is not None else [])]
    for other, painted in product(beside, ("", ", painted")):
        gains = np.array(scores["predicted boxes" + painted]) - np.array(scores[other + painted])
        name = f"gain of predicted over {other}{painted}"
        print(f"| {name} | {' | '.join(interval(gain) for gain in gains.T)} | {len(gains)} |")
    print()


def composed(trecs: TReCS, case: Case, regions: Sequence[Region]) -> NDArray[np.uint8]:
    """The label map of the pipeline's canvas for some regions."""
    retrieval = trecs.retrieve(case.narrative, regions, case.tags)
    return trecs.compose(retrieval, SIZE).label_map


def layouts(
    predictor: TracePredictor, average: Sequence[Box], case: Case
) -> dict[str, tuple[Region, ...]]:
    """A case's regions, traced in three ways."""
    untraced = case.narrative.without_trace()
    regions = align(untraced, case.tags)
    usual = [average[region.label] for region in regions]
    drawn = align(case.narrative, case.tags)
    return {
        "average boxes": draw(untraced, regions, usual, SEED),
        "predicted boxes": predictor.complete(untraced, regions, SEED),
        "simulated trace": predictor.complete(case.narrative, drawn, SEED),
    }


def print_boxes(
    predictor: TracePredictor, dataset: Dataset, narratives: Sequence[TaggedNarrative]
) -> None:
    """Prints the boxes' table."""
    average = average_boxes(predictor)
    scores: dict[str, list[float]] = {}
    for narrative, regions in true_regions(dataset, narratives):
        unseen = [replace(region, strokes=()) for region in regions]
        alone = predictor.predict(narrative, unseen)
        for i, region in enumerate(regions):
            if not region.strokes:
                continue
            others = [*regions[:i], unseen[i], *regions[i + 1 :]]
            labels = [other.label for other in regions if other is not region]
            boxes = {
                "predicted, no box known": alone[i],
                "predicted, others known": predictor.predict(narrative, others)[i],
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
        print(f"| {name} | {interval(values)} | {len(values)} |")


def interval(values: Sequence[float]) -> str:
    """The mean and its 95 % bootstrap interval."""
    low, high = bootstrap_interval(values)
    return f"{np.mean(values):.3f} ({low:.3f}-{high:.3f})"


def true_regions(
    dataset: Dataset, narratives: Sequence[TaggedNarrative]
) -> Iterator[tuple[Narrative, list[Region]]]:
    """Narratives with their true regions: traces that are the corners of a box."""
    maker = PhotoMasks(dataset)
    photos = {int(photo.name): photo for photo in dataset.photos(sets=("coco_more", "coco"))}
    for released in narratives:
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
