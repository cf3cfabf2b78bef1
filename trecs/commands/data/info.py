"""`trecs data info`: counts what a data folder holds."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trecs.data.contents import Contents

SHOWN_LABELS = 20


def add_parser(steps: Any) -> None:
    """Adds the step to the parser."""
    parser: argparse.ArgumentParser = steps.add_parser(
        "info",
        help="what a data folder holds, set by set",
        description=(
            "Counts the photos with label maps (those held back from every training; maps that "
            "networks made, and how much of such a map is expected to be right on average), "
            "captions, narratives, polygons, and how many photos show each label. Reads every "
            "label map. Of the narratives, 'train' leaves out those of held-back photos, and "
            "'held' are those of the held-back photos of coco, from either file."
        ),
        epilog="example: trecs data info data",
    )
    parser.add_argument(
        "data", type=Path, nargs="?", metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs `trecs data info`."""
    from trecs.data.contents import contents_of
    from trecs.data.dataset import Dataset, data_folder

    folder = data_folder(args.data)
    contents = contents_of(Dataset(folder))
    told = ", ".join(f"{count:,} {split}" for split, count in contents.narratives.items())
    print(f"data folder  {folder}\nnarratives   {told}")
    if contents.sets:
        for table in (_photos(contents), _annotations(contents), _labels(contents)):
            print(f"\n{table}")


def _photos(contents: "Contents") -> str:
    heads = ("photos", "all", "held back", "trained on",
             "maps by people", "machine-made", "expected right")  # fmt: skip
    rows = [
        (s.name, s.photos, s.held_back, s.photos - s.held_back, s.photos - s.machine_made,
         s.machine_made, "-" if s.accuracy is None else _percent(s.accuracy))
        for s in (*contents.sets, contents.total)
    ]  # fmt: skip
    return _table(heads, rows)


def _annotations(contents: "Contents") -> str:
    heads = ("of these photos", "captions", "narratives",
             "with polygons of all things", "of people only", "people")  # fmt: skip
    rows = [
        (s.name, s.captions, s.narratives, s.all_things, s.people_only, s.people)
        for s in (*contents.sets, contents.total)
    ]
    return _table(heads, rows)


def _labels(contents: "Contents") -> str:
    from segmentation.labels import COUNT, NAMES

    heads = (f"labels ({len(contents.labels)} of {COUNT} occur)",
             "photos that show it", "of the labelled pixels")  # fmt: skip
    rows = [
        (NAMES[found.label], found.photos, _percent(found.share))
        for found in contents.labels[:SHOWN_LABELS]
    ]
    return _table(heads, rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Aligned columns, names to the left and numbers to the right."""
    cells = [heads, *([c if isinstance(c, str) else f"{c:,}" for c in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in cells
    ]
    return "\n".join(lines)
