"""The shape model's silhouettes: recognisable, diverse, new? And a sheet to look at.

    python -m benchmarks.shapes [--sheet docs/shapes.png] [--shapes DIR] [--data DIR]

Recognition: the accuracy (mean over labels) of a small classifier that was trained on the training
photos' silhouettes, on generated ones beside clear ones of held-back photos; things with enough
of both. Diversity: the mean IoU of two silhouettes of a label. Novelty: the IoU with the nearest
training silhouette of the label, either way round (1 would be a copy), of what is generated and
of what the model's file stores, beside real held-back ones.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from retrieval.shapes import SIDE, ShapeModel, load
from segmentation.labels import NAMES, is_thing, value_of
from segmentation.masks import iou
from trecs.data.dataset import Dataset, data_folder
from trecs.evaluation.instruments.shape_classifier import accuracy, train_classifier
from trecs.scenes.shape_data import ShapeSet, shape_set, silhouettes
from trecs.scenes.shape_mixing import Overlaps

ROOT = Path(__file__).parents[1]
SHOWN = tuple(
    value_of(name)
    for name in (
        "person dog cat horse elephant giraffe cow bird car bus bicycle airplane boat chair "
        "bottle wine-glass umbrella teddy-bear tree house"
    ).split()
)
COLUMNS = 8
PER_LABEL = 24
ENOUGH_TRAINING, ENOUGH_HELD = 20, 4  # silhouettes of a label
CELL = 88  # pixels of the sheet


def main() -> None:
    """Prints the table; writes the sheet where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--shapes", type=Path, default=ROOT / "checkpoints/shapes", metavar="DIR")
    parser.add_argument("--sheet", type=Path, help="a PNG of 20 labels, 8 silhouettes each")
    args = parser.parse_args()
    model = load(args.shapes)
    if args.sheet:
        sheet(model).save(args.sheet, optimize=True)
        print(f"wrote {args.sheet}\n")
    dataset = Dataset(data_folder(args.data))
    training = shape_set(silhouettes(dataset), SIDE)
    held = shape_set(silhouettes(dataset, held_back=True), SIDE)
    print(table(model, training, held.where(held.clear)))


def table(model: ShapeModel, training: ShapeSet, held: ShapeSet) -> str:
    """The figures of the model beside those of real held-back silhouettes, in Markdown."""
    labels = judged(training, held)
    made, real = generated(model, labels), held.where(np.isin(held.labels, labels))
    known = training.where(np.isin(training.labels, labels))
    classifier = train_classifier(known.bitmaps, known.labels, known.aspects)
    seen, unseen = (accuracy(classifier, s.bitmaps, s.labels, s.aspects) for s in (made, real))
    lines = [
        f"{len(labels)} things: {', '.join(NAMES[i] for i in labels)}; {len(real)} real "
        f"silhouettes, {len(made)} generated.",
        "",
        "| | generated | stored | real, held back |",
        "| --- | --- | --- | --- |",
        f"| recognised ({1 / len(labels):.3f} by chance) | {seen:.3f} | | {unseen:.3f} |",
        f"| IoU inside a label | {diversity(made):.3f} | | {diversity(real):.3f} |",
    ]
    stored = bank(model, labels)
    near = [novelty(s, training) for s in (made, stored, real)]
    for title, measure in (
        ("IoU with the nearest training one, mean over labels", lambda x: x[0]),
        ("the same, 95th percentile", lambda x: x[1]),
        ("the same, largest", lambda x: x[2]),
    ):
        lines.append(f"| {title} | " + " | ".join(f"{measure(n):.3f}" for n in near) + " |")
    lines += ["", f"Recognition, generated over real: {seen / unseen:.3f}."]
    return "\n".join(lines)


def judged(training: ShapeSet, held: ShapeSet) -> list[int]:
    """The things with enough silhouettes to learn from and to compare with."""
    counts = (np.bincount(s.labels, minlength=256) for s in (training, held))
    enough = [a >= b for a, b in zip(counts, (ENOUGH_TRAINING, ENOUGH_HELD), strict=True)]
    return [int(i) for i in np.flatnonzero(enough[0] & enough[1]) if is_thing(int(i))]


def generated(model: ShapeModel, labels: list[int]) -> ShapeSet:
    """PER_LABEL samples of each label, at aspects that the model has for it."""
    rng = np.random.default_rng(0)
    values = np.repeat(np.array(labels, np.uint8), PER_LABEL)
    aspects = np.concatenate([rng.choice(model.aspects_of(i), PER_LABEL) for i in labels])
    return _as_set(np.stack(model.sample(values, rng, aspects)), values, aspects)


def bank(model: ShapeModel, labels: list[int]) -> ShapeSet:
    """What the model's file holds of the labels."""
    chosen = np.isin(model.labels, labels)
    return _as_set(model.bitmaps[chosen], model.labels[chosen], model.aspects[chosen])


def diversity(shapes: ShapeSet) -> float:
    """The mean IoU of two silhouettes of a label, averaged over labels."""
    groups = [shapes.bitmaps[shapes.labels == label] for label in np.unique(shapes.labels)]
    return float(np.mean([np.mean([iou(a, b) for a, b in combinations(g, 2)]) for g in groups]))


def novelty(shapes: ShapeSet, training: ShapeSet) -> tuple[float, float, float]:
    """The IoU with the nearest training silhouette: mean over labels, 95th percentile, largest."""
    nearest = []
    for label in np.unique(shapes.labels):
        overlaps = Overlaps.of(training.bitmaps[training.labels == label])
        nearest.append(overlaps.with_(shapes.bitmaps[shapes.labels == label]).max(1))
    everything = np.concatenate(nearest)
    mean = float(np.mean([group.mean() for group in nearest]))
    return mean, float(np.quantile(everything, 0.95)), float(everything.max())


def sheet(model: ShapeModel) -> Image.Image:
    """Twenty labels in two columns, eight samples of each as they come, dark on light."""
    deep, wide = -(-len(SHOWN) // 2), 110 + COLUMNS * CELL
    page = Image.new("L", (2 * wide, deep * CELL), 248)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(15)
    for number, label in enumerate(SHOWN):
        block, line = divmod(number, deep)
        rng = np.random.default_rng((0, label))
        aspects = rng.choice(model.aspects_of(label), COLUMNS)
        pen.text((block * wide + 10, line * CELL + CELL // 2 - 9), NAMES[label], 40, font)
        bitmaps = model.sample(np.full(COLUMNS, label), rng, aspects)
        for i, (bitmap, aspect) in enumerate(zip(bitmaps, aspects, strict=True)):
            width, height = np.maximum(76 * np.minimum((aspect, 1), (1, 1 / aspect)), 4).astype(int)
            left = block * wide + 110 + i * CELL + (CELL - width) // 2
            shape = Image.fromarray(bitmap.astype(np.uint8) * 255)
            shape = shape.resize((int(width), int(height)), Image.Resampling.BICUBIC)
            page.paste(40, (int(left), line * CELL + CELL - 6 - int(height)), shape)
    return page


def _as_set(
    bitmaps: NDArray[np.bool_], labels: NDArray[np.uint8], aspects: NDArray[np.float32]
) -> ShapeSet:
    count = len(labels)
    whole = np.ones(count)
    return ShapeSet(
        bitmaps, labels, aspects, whole > 0, whole.astype(np.float32), np.full(count, ""), whole < 0
    )


if __name__ == "__main__":
    main()
