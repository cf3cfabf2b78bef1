"""Whether the label of each large thing can be read from pictures, relative to real photos.

    python -m benchmarks.things [--checkpoint DIR] [--data DIR] [--limit N] [--only ROW ...]
    python -m benchmarks.things --painter DIR --autoencoder DIR --library DIR      (as for pictures)

Scenes and rows as in `benchmarks.pictures`, each drawn by seed 0 of its own. A large thing covers
LARGE of the picture or more. "found": at least ENOUGH of its pixels are read as its label; "named":
more of them are read as its label than as any other thing's. Means with 95 % bootstrap intervals
over scenes; "of photos": the share of what is found, and of what is named, in the photos' own
pixels. "kinds" is what is named as a mean over labels, people being a third of all. Photos of other
scenes, and labels in their mean colours, show what is read without the thing.

What reads is the bundled segmenter, which looks through EfficientNet-lite2, as nothing that teaches
a generator does; it learnt from the label maps of the same training photos, and is weak: its cells
are 11 pixels wide, and the first row says what it names of real photos. So only the ratio counts.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.pictures import ROWS, painters_of
from files.errors import InputError
from files.progress import progress_bar
from files.weights import BUNDLED
from segmentation.labels import NAMES
from trecs.data.dataset import Dataset, data_folder
from trecs.data.scenes import Scene, held_back_photos, load_scenes, spaced
from trecs.evaluation.instruments.segmenter import Segmenter
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.evaluation.measures.found_things import FoundThing, found_things
from trecs.evaluation.pictures import Painter

SIZE = 256
LARGE = 0.05
ENOUGH = 0.1
SHOWN = ("real", "colour", "first", "ours")
"""The rows unless others are asked for."""

Things = list[list[FoundThing]]
"""What is found of each scene's large things."""


def main() -> None:
    """Prints the table, and for each label what is named of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED / "generator", metavar="DIR")
    parser.add_argument("--against", type=Path, metavar="DIR", help="another first generator")
    parser.add_argument("--segmenter", type=Path, default=BUNDLED / "segmenter", metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(SHOWN), help="rows")
    parser.add_argument("--limit", type=int, metavar="N", help="N evenly spaced scenes")
    parser.add_argument("--painter", type=Path, metavar="DIR", help="with --autoencoder, a painter")
    parser.add_argument("--autoencoder", type=Path, metavar="DIR", help="TAEF2's folder")
    parser.add_argument("--library", type=Path, metavar="DIR", help="one with training photos")
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    try:
        dataset = Dataset(data_folder(args.data))
        scenes = load_scenes(dataset, spaced(held_back_photos(dataset), args.limit), SIZE)
        segmenter = Segmenter.load(args.segmenter)
        painters = dict(painters_of(args, dataset, scenes))
    except InputError as error:
        sys.exit(str(error))
    photos = things_of(scenes, segmenter, lambda i, seed: scenes[i].photo)
    print(f"{sum(map(len, photos))} things of {sum(map(bool, photos))} scenes\n")
    print("| pictures | found | of photos | named | of photos | kinds named |")
    print("|---|---|---|---|---|---|")
    rows = {"the photos themselves": photos}
    print(row("the photos themselves", photos, photos), flush=True)
    for key, paint in painters.items():
        rows[ROWS[key]] = things_of(scenes, segmenter, paint)
        print(row(ROWS[key], rows[ROWS[key]], photos), flush=True)
    print_labels(rows)


def things_of(scenes: Sequence[Scene], segmenter: Segmenter, paint: Painter) -> Things:
    """What is read of each scene's large things in the pictures that a painter makes."""
    found: Things = []
    for number, scene in enumerate(progress_bar(scenes, "reading", leave=False)):
        if not (there := list(found_things(scene.canvas, scene.canvas.label_map, LARGE))):
            found.append(there)
            continue
        (read,) = segmenter.segment(paint(number, 0)[None])
        found.append(list(found_things(scene.canvas, read, LARGE)))
    return found


def row(title: str, things: Things, photos: Things) -> str:
    """A row of the table."""
    cells = []
    for is_so in (is_found, is_named):
        hits = [[float(is_so(thing)) for thing in some] for some in things]
        seen = np.concatenate([some for some in hits if some])
        scene = np.concatenate([[i] * len(some) for i, some in enumerate(hits) if some])
        low, high = bootstrap_interval(seen, groups=scene)
        real = np.mean([float(is_so(thing)) for some in photos for thing in some])
        cells += [f"{seen.mean():.3f} ({low:.3f}-{high:.3f})", f"{seen.mean() / real:.2f}"]
    kinds = [named for _, named in named_of(things).values()]
    return f"| {title} | {' | '.join(cells)} | {np.mean(kinds):.3f} |"


def is_found(thing: FoundThing) -> bool:
    """Whether enough of a thing is read as its label."""
    return thing.share >= ENOUGH


def is_named(thing: FoundThing) -> bool:
    """Whether more of a thing is read as its label than as any other thing."""
    return thing.first


def named_of(things: Things) -> dict[int, tuple[int, float]]:
    """Of each label how many large things there are, and the share of them that is named."""
    by_label: dict[int, list[bool]] = {}
    for some in things:
        for thing in some:
            by_label.setdefault(thing.label, []).append(thing.first)
    return {label: (len(hits), float(np.mean(hits))) for label, hits in by_label.items()}


def print_labels(rows: dict[str, Things]) -> None:
    """What is named of each label that has three large things or more, the most frequent first."""
    tables = [named_of(things) for things in rows.values()]
    counts = sorted(((count, label) for label, (count, _) in tables[0].items()), reverse=True)
    print(f"\n| named of each label | things | {' | '.join(rows)} |")
    print("|---|---|" + "---|" * len(rows))
    for count, label in counts:
        if count >= 3:
            cells = " | ".join(f"{table[label][1]:.2f}" for table in tables)
            print(f"| {NAMES[label]} | {count} | {cells} |")


if __name__ == "__main__":
    main()
