"""Whether strokes get the label of what was drawn, when captions are typed and drawn.

    python -m benchmarks.typed --data DIR [--captions 2] [--model DIR]

Captions that people wrote of held-back photos with label maps; every noun that the photo shows is
drawn by a simulated typist (`trecs.alignment.typists`), by each habit. A stroke counts as right
where most of its points come to a region of its noun's label. Beside the aligner: the same without
places, whose strokes are told apart by order and time alone, and the ceiling, where every stroke
gets the label that its own noun has, as the tagger and the grammar read it.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.weights import BUNDLED
from trecs.alignment.model import PLACELESS, AlignmentModel
from trecs.alignment.regions import Region, align
from trecs.alignment.typists import Habit, Typed, typed
from trecs.data.dataset import EVERY_SET, Dataset, Photo, data_folder
from trecs.data.described import captions_of
from trecs.data.photo_masks import PhotoMasks
from trecs.tagging.reading import reading
from trecs.tagging.tagger import Tagger, Tags

ROWS = ("without places", "with places", "ceiling")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="the data folder (default: $TRECS_DATA)")
    parser.add_argument("--captions", type=int, default=2, help="of each photo (default: 2)")
    parser.add_argument("--model", type=Path, default=BUNDLED / "alignment", help="the aligner")
    parser.add_argument("--set", default="flickr", help="which photos (default: flickr)")
    args = parser.parse_args()
    dataset = Dataset(data_folder(args.data))
    model = AlignmentModel.load(args.model)
    right: dict[tuple[Habit, str], list[bool]] = defaultdict(list)
    for told, tags, habit in _cases(dataset, args.set, args.captions):
        for row, aligner in zip(ROWS, (PLACELESS, model), strict=False):
            regions = align(told.narrative, tags, aligner)
            right[habit, row] += [
                _label(regions, stroke) == noun.label
                for stroke, noun in zip(told.narrative.strokes, told.meant, strict=True)
            ]
        right[habit, "ceiling"] += [
            noun.label in tags.labels[noun.start : noun.stop] for noun in told.meant
        ]
    print(f"| habit | strokes | {' | '.join(ROWS)} |\n|---|---|" + "---|" * len(ROWS))
    for habit in Habit:
        print(_line(habit.value, [right[habit, row] for row in ROWS]))
    print(_line("all", [[one for habit in Habit for one in right[habit, row]] for row in ROWS]))


def _cases(dataset: Dataset, source: str, count: int) -> Iterator[tuple[Typed, Tags, Habit]]:
    """Captions, typed and drawn by every habit, with their tags."""
    tagger, masks = Tagger.load(BUNDLED / "tagger"), PhotoMasks(dataset)
    captions = captions_of(dataset)
    photos = dataset.photos(held_back=True, sets=EVERY_SET)
    for number, photo in enumerate(p for p in photos if p.source == source):
        found = masks.of(photo)
        for caption in captions.get(_name(photo), ())[:count]:
            words = caption.split()
            tags = reading(words, tagger.tag(words), tagger.knows)
            for habit in Habit:
                told = typed(words, found, habit, np.random.default_rng((number, len(caption))))
                if told is not None:
                    yield told, tags, habit


def _label(regions: tuple[Region, ...], stroke: NDArray[np.float64]) -> int | None:
    """The label of the region that most points of a stroke belong to."""
    counts: dict[int, int] = defaultdict(int)
    for region in regions:
        for piece in region.strokes:
            counts[region.label] += int(np.isin(piece[:, 2], stroke[:, 2]).sum())
    return max(counts, key=lambda label: counts[label]) if counts else None


def _name(photo: Photo) -> str:
    return f"{photo.source}/{photo.name}"


def _line(name: str, columns: list[list[bool]]) -> str:
    return f"| {name} | {len(columns[0]):,} | " + " | ".join(
        f"{np.mean(column):.3f}" for column in columns
    ) + " |"  # fmt: skip


if __name__ == "__main__":
    main()
