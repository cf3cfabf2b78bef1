"""Generated scenes beside the label maps of held-back photos, in a few numbers.

    python -m benchmarks.layouts [--library DIR] [--layout DIR] [--before DIR] [--data DIR]

Meeting: the mean, over all pairs of labels in a picture, of the log ratio of their meeting to
chance in the training photos; pairs that exclude each other: those met at under a third of
chance. Standing: things in the picture whose foot is on a label that carries under 2 % of their
kind in the training photos. Places: the correlation, over labels, of the mean height of a label
in generated and in real pictures. Things are the connected regions of a label.

Last, how well the layout model expects held-back photos whose label maps people drew, in nats:
the mean negative log likelihood of a picture's set of labels, of a cell of a label's map, of the
box of a thing or of stuff (its middle, foot, log width and log height), and of a label under a
thing's foot; with `--before`, beside another model, and what is gained, photo by photo, with its
95 % bootstrap interval.
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval import layouts
from retrieval.layouts import LayoutModel, numbers_of
from retrieval.library import SceneLibrary
from segmentation.labels import COUNT, FIRST_STUFF, UNLABELED, is_thing
from trecs.data.dataset import Dataset, data_folder
from trecs.data.photo_masks import square
from trecs.evaluation.measures import layout_likelihood as likelihood
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.scenes.layouts import SMALLEST, present, scale_of, under_foot
from trecs.scenes.shape_data import Silhouette, silhouettes, stuff_map

ROOT = Path(__file__).parents[1]
SIDE = 128
ALL = np.arange(COUNT)
MEASURED = ("coco", "flickr", "coco_more")  # sets whose held-back photos are looked at
PRESENT = 0.004  # share of the picture from which on a label or a thing counts
EXCLUDE = -1.2  # log of a third, about
RARELY = 0.02
FEWEST = 5  # pictures of a label in both sets for its place to be compared


@dataclass(frozen=True)
class Figures:
    """What is measured of a set of label maps; the fields are means over it."""

    labels: float  # in a picture
    things: float
    thing_area: float  # share of the picture, mean of the logarithm, back as a share
    stuff: float  # share of the picture
    meeting: float
    excluding: float  # share of pairs
    floating: float  # share of things


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--library", type=Path, default=ROOT / "checkpoints/library", metavar="DIR")
    parser.add_argument("--layout", type=Path, default=ROOT / "checkpoints/layout", metavar="DIR")
    parser.add_argument("--before", type=Path, metavar="DIR", help="another layout model")
    parser.add_argument("--scenes", type=int, default=500, help="of the library (default: 500)")
    args = parser.parse_args()
    model, library = layouts.load(args.layout), SceneLibrary.open(args.library)
    chosen = range(0, library.scene_count, max(library.scene_count // args.scenes, 1))
    dataset = Dataset(data_folder(args.data))
    photos = dataset.photos(held_back=True)
    real = [square(p.label_map(), SIDE) for p in photos if p.source in ("coco", "flickr")]
    made = [library.label_map(i, SIDE) for i in chosen]
    mine, theirs = figures(model, made), figures(model, real)
    print(f"| | {len(made)} generated | {len(real)} real |")
    print("| --- | --- | --- |")
    for title, name, form in (
        ("labels in a picture", "labels", ".1f"),
        ("things in a picture", "things", ".1f"),
        ("area of a thing, geometric mean", "thing_area", ".3f"),
        ("share of stuff", "stuff", ".3f"),
        ("meeting of label pairs, mean log ratio", "meeting", "+.2f"),
        ("pairs that exclude each other", "excluding", ".3f"),
        ("things that stand on what rarely carries them", "floating", ".3f"),
    ):
        print(f"| {title} | {getattr(mine, name):{form}} | {getattr(theirs, name):{form}} |")
    print(f"\nCorrelation of the labels' mean heights: {place_agreement(made, real):.3f}")
    print_surprise(model, layouts.load(args.before) if args.before else None, dataset)


def print_surprise(model: LayoutModel, before: LayoutModel | None, dataset: Dataset) -> None:
    """Prints how well held-back photos are expected, and the gain over the model before."""
    drawn = [p for p in dataset.photos(held_back=True, sets=MEASURED) if not p.machine_made]
    things: dict[str, list[Silhouette]] = defaultdict(list)
    for one in silhouettes(dataset, held_back=True, sets=MEASURED):
        things[one.photo].append(one)
    rows: dict[str, list[list[float]]] = defaultdict(list)
    for photo in drawn:
        found = things[f"{photo.source}/{photo.name}"]
        looks = [surprise(m, photo.label_map(), found) for m in (model, before) if m is not None]
        for name in looks[0]:
            rows[name].append([look[name] for look in looks])
    print(f"\n| nats, {len(drawn)} held-back photos | this model | before | gain |")
    print("| --- | --- | --- | --- |")
    for name, values in rows.items():
        table = np.array(values)  # photos by models
        means = table.mean(0)
        if before is None:
            print(f"| {name} | {means[0]:.3f} | | |")
            continue
        gain = table[:, 1] - table[:, 0]
        low, high = bootstrap_interval(gain)
        told = f"{gain.mean():.3f} ({low:.3f} to {high:.3f})"
        print(f"| {name} | {means[0]:.3f} | {means[1]:.3f} | {told} |")


def surprise(
    model: LayoutModel, label_map: NDArray[np.uint8], found: Sequence[Silhouette]
) -> dict[str, float]:
    """What of a picture a model does not expect, in nats; left out is what it does not show."""
    stats, labels, grid = model.statistics, present(label_map), model.config.grid
    values: dict[str, list[float]] = defaultdict(list)
    values["a set of labels"].append(likelihood.of_label_set(stats, np.isin(ALL, labels)))
    filled = stuff_map(label_map)
    for label in labels.tolist():
        full = (label_map if is_thing(label) else filled) == label
        covered = cv2.resize(full.astype(np.float32), (grid, grid), interpolation=cv2.INTER_AREA)
        values["a cell of a label's map"].append(likelihood.of_map(stats, label, covered))
    for one in found:
        if max(one.mask.box[2] - one.mask.box[0], one.mask.box[3] - one.mask.box[1]) < SMALLEST:
            continue
        numbers = np.array(numbers_of(one.mask.box, scale_of(one)))
        kind = "a thing" if is_thing(one.label) else "stuff"
        values[f"the box of {kind}"].append(likelihood.of_box(stats, one.label, numbers))
        below = under_foot(label_map, one)
        if is_thing(one.label) and len(below):
            values["what is under a foot"].append(likelihood.of_ground(stats, one.label, below))
    return {name: float(np.mean(some)) for name, some in values.items()}


def figures(model: LayoutModel, maps: Sequence[NDArray[np.uint8]]) -> Figures:
    """Measures label maps (SIDE, SIDE) against the statistics of a layout model."""
    stats = model.statistics
    labels, meetings, areas, floating, counts = [], [], [], [], []
    for label_map in maps:
        present = _present(label_map)
        labels.append(len(present))
        pairs = stats.together[np.ix_(present, present)]
        meetings.append(pairs[np.triu_indices(len(present), 1)])
        found = _things(label_map)
        counts.append(len(found))
        for label, area, below in found:
            areas.append(np.log(area))
            if below is not None:
                floating.append(stats.support[label, below] < RARELY)
    together = np.concatenate(meetings)
    stuff = [(m[m != UNLABELED] >= FIRST_STUFF).mean() for m in maps if (m != UNLABELED).any()]
    return Figures(
        labels=float(np.mean(labels)),
        things=float(np.mean(counts)),
        thing_area=float(np.exp(np.mean(areas))),
        stuff=float(np.mean(stuff)),
        meeting=float(together.mean()),
        excluding=float((together < EXCLUDE).mean()),
        floating=float(np.mean(floating)),
    )


def place_agreement(made: Sequence[NDArray[np.uint8]], real: Sequence[NDArray[np.uint8]]) -> float:
    """The correlation, over labels, of their mean heights in two sets of label maps."""
    heights = [_heights(maps) for maps in (made, real)]
    common = [i for i in heights[0] if i in heights[1]]
    return float(np.corrcoef([[h[i] for i in common] for h in heights])[0, 1])


def _heights(maps: Sequence[NDArray[np.uint8]]) -> dict[int, float]:
    rows: dict[int, list[float]] = defaultdict(list)
    for label_map in maps:
        for label in _present(label_map):
            rows[int(label)].append(float(np.nonzero(label_map == label)[0].mean()))
    return {label: float(np.mean(found)) for label, found in rows.items() if len(found) >= FEWEST}


def _present(label_map: NDArray[np.uint8]) -> NDArray[np.int64]:
    counts = np.bincount(label_map.ravel(), minlength=256)[:COUNT]
    return np.flatnonzero(counts > PRESENT * label_map.size)


def _things(label_map: NDArray[np.uint8]) -> list[tuple[int, float, int | None]]:
    """The connected things: label, area, and the label under the foot (None at the edge)."""
    found: list[tuple[int, float, int | None]] = []
    for label in _present(label_map):
        if label >= FIRST_STUFF:
            continue
        full = (label_map == label).astype(np.uint8)
        count, parts, numbers, _ = cv2.connectedComponentsWithStats(full)
        for i in range(1, count):
            area = numbers[i, cv2.CC_STAT_AREA] / label_map.size
            if area < PRESENT:
                continue
            bottom = numbers[i, cv2.CC_STAT_TOP] + numbers[i, cv2.CC_STAT_HEIGHT]
            below = None
            if bottom < len(label_map) - 1:
                feet = np.flatnonzero(parts[bottom - 1] == i)
                under = label_map[bottom, feet]
                under = under[under < COUNT]
                below = int(np.bincount(under).argmax()) if len(under) else None
            found.append((int(label), float(area), below))
    return found


if __name__ == "__main__":
    main()
