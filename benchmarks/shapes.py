"""The shape model's silhouettes: how diverse and how new they are; and a sheet to look at.

    python -m benchmarks.shapes --sheet shapes.png

Diversity: the mean IoU of two silhouettes of one label, generated beside real ones of held-back
photos. Novelty: the IoU of a generated silhouette with the nearest training silhouette of its
label (1 would be a copy), beside a real held-back one's.
"""

import argparse
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from retrieval.shapes import SIDE, load
from segmentation.labels import is_thing, value_of
from segmentation.masks import iou
from trecs.training.data import Dataset, data_folder
from trecs.training.shape_data import polygon_silhouettes, shape_set, silhouettes

ROOT = Path(__file__).parents[1]
LABELS = tuple(
    value_of(name)
    for name in (
        "person dog car chair bird horse cat bottle bicycle airplane elephant giraffe umbrella "
        "potted-plant teddy-bear tree bush sky-other building-other mountain"
    ).split()
)
PER_LABEL = 24
SHOWN = 8
Shapes = dict[int, list[NDArray[np.bool_]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--shapes", type=Path, default=ROOT / "checkpoints" / "shapes")
    parser.add_argument("--sheet", type=Path, help="a PNG of 20 labels, 8 silhouettes each")
    args = parser.parse_args()

    model, rng = load(args.shapes), np.random.default_rng(0)
    dataset = Dataset(data_folder(args.data))
    training = shape_set(silhouettes(dataset), SIDE)
    held = shape_set(list(polygon_silhouettes(dataset, held_back=True)), SIDE)
    known, real = by_label(training[0], training[1]), by_label(held[0], held[1])
    aspects: dict[int, list[float]] = {}
    made: Shapes = {}
    for label in LABELS:
        pool = model.aspects[model.labels == label]
        aspects[label] = rng.choice(pool, PER_LABEL).tolist()
        made[label] = model.sample(np.full(PER_LABEL, label), rng, np.array(aspects[label]))

    things = [label for label in LABELS if is_thing(label)]
    print(f"{'':28}{'generated':>10}{'held back':>10}")
    for title, measure in (
        ("IoU inside a label", within),
        ("IoU with nearest training", lambda shapes: nearest(shapes, known)),
    ):
        real_value = measure({i: real[i] for i in things if len(real.get(i, ())) > 1})
        print(f"{title:28}{measure({i: made[i] for i in things}):10.3f}{real_value:10.3f}")
    if args.sheet:
        Image.fromarray(sheet(made, aspects)).save(args.sheet)
        print(f"wrote {args.sheet}")


def by_label(coverages: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Shapes:
    """Bitmaps (N, 64, 64) of 0-255 coverage, sorted by label."""
    shapes: Shapes = defaultdict(list)
    for coverage, label in zip(coverages, labels, strict=True):
        shapes[int(label)].append(coverage > 127)
    return dict(shapes)


def within(shapes: Shapes) -> float:
    """The mean IoU of two silhouettes of a label, averaged over labels."""
    return float(
        np.mean([np.mean([iou(a, b) for a, b in combinations(s, 2)]) for s in shapes.values()])
    )


def nearest(shapes: Shapes, known: Shapes) -> float:
    """The mean IoU with the most similar training silhouette of the label, or its mirror image."""
    return float(
        np.mean(
            [
                np.mean([max(max(iou(a, b), iou(a[:, ::-1], b)) for b in known[label]) for a in s])
                for label, s in shapes.items()
            ]
        )
    )


def sheet(shapes: Shapes, aspects: dict[int, list[float]]) -> NDArray[np.uint8]:
    """A contact sheet, a label a row."""
    rows = []
    for label in LABELS:
        cells = []
        for bitmap, aspect in zip(shapes[label][:SHOWN], aspects[label], strict=False):
            cell = np.full((100, 100), 60, np.uint8)
            width, height = (96, max(int(96 / aspect), 4)) if aspect > 1 else (
                max(int(96 * aspect), 4), 96)  # fmt: skip
            cell[:height, :width] = cv2.resize(bitmap.astype(np.uint8) * 255, (width, height))
            cells.append(cell)
        rows.append(np.concatenate(cells, 1))
    return np.concatenate(rows)


if __name__ == "__main__":
    main()
