"""`trecs data prepare`: brings downloaded files into the layout that trainings read."""

import argparse
import sys
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(steps: Any) -> None:
    """Adds the step to the parser."""
    parser: argparse.ArgumentParser = steps.add_parser(
        "prepare",
        help="bring downloaded COCO files into the layout that `trecs train NAME --data` reads",
        description=(
            "Reads annotations/instances_*2017.json, the photos {train,val}2017/, the maps "
            "stuffthingmaps/{train,val}2017/ or annotations/stuff_*2017_pixelmaps/, and, where "
            "they are there, annotations/captions_*2017.json and "
            "coco_*_localized_narratives*.jsonl. Writes photos, label maps, instance maps, "
            "annotations, captions, and narratives both with their traces and with a label for "
            "each word (the most frequent one in the hull of its trace, refined by the words). "
            "Categories are told by their names; all files of an image are named by its id; what "
            "cannot be used is left out and counted."
        ),
        epilog="example: trecs data prepare coco --out data",
    )
    parser.add_argument("coco", type=Path, metavar="COCO_DIR", help="what `data download` made")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    arguments.add_hull_odds(parser)
    parser.add_argument(
        "--no-refinement", action="store_true", help="keep the labels of the hulls as they are"
    )
    arguments.add_strict(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs `trecs data prepare`."""
    from trecs.commands.output import check_folder
    from trecs.data.prepare import prepare
    from trecs.data.refinement import RefinerConfig
    from trecs.tagging.reading import all_nouns

    check_folder(args.out)
    refinement = None if args.no_refinement else RefinerConfig(hull_odds=args.hull_odds)
    counts = prepare(
        args.coco, args.out, refinement, synonyms=all_nouns().labels, strict=args.strict
    )
    left_out = [
        f"{number:,} {what}"
        for number, what in (
            (counts.without_photo, "images without their photo"),
            (counts.without_stuff, "photos without a stuff map"),
            (counts.unusable_narratives, "unusable narratives"),
            (counts.narratives_of_others, "narratives of photos that are not here"),
        )
        if number
    ]
    print(
        f"{args.out}: {counts.photos:,} photos, {counts.narratives:,} narratives"
        + (f"; left out: {', '.join(left_out)}" if left_out else "")
    )
    for note in counts.notes:
        print(note)
    if counts.first_unusable:
        print(f"trecs: the first unusable narrative is {counts.first_unusable}", file=sys.stderr)
