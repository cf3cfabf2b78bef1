"""Generated scenes beside the label maps of held-back photos, in a few numbers.

    python -m benchmarks.layouts [--library DIR] [--layout DIR] [--data DIR]

Meeting: the mean, over all pairs of labels in a picture, of the log ratio of their meeting to
chance in the training photos; pairs that exclude each other: those met at under a third of
chance. Standing: things in the picture whose foot is on a label that carries under 2 % of their
kind in the training photos. Places: the correlation, over labels, of the mean height of a label
in generated and in real pictures. Things are the connected regions of a label.
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
from retrieval.layouts import LayoutModel
from retrieval.library import SceneLibrary
from segmentation.labels import COUNT, FIRST_STUFF, UNLABELED
from trecs.data.dataset import Dataset, data_folder
from trecs.data.photo_masks import square

ROOT = Path(__file__).parents[1]
SIDE = 128
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
    parser.add_argument("--scenes", type=int, default=500, help="of the library (default: 500)")
    args = parser.parse_args()
    model, library = layouts.load(args.layout), SceneLibrary.open(args.library)
    chosen = range(0, library.scene_count, max(library.scene_count // args.scenes, 1))
    photos = Dataset(data_folder(args.data)).photos(held_back=True)
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
