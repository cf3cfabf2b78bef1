"""`trecs train refiner`: the words' labels of traced narratives, refined."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "refiner",
        help="traced narratives to a label for each word",
        description=(
            "Labels the words of Localized Narratives by their traces over the photos' label maps "
            "and refines the labels by the words (TReCS, section 2.1). Writes the statistics to "
            "DIR/model and the refined labels to DIR/tags/NAME.jsonl, a file for each file of "
            "narratives, in the format that `trecs train tagger` reads (narratives/train.jsonl "
            "and dev.jsonl of its data folder)."
        ),
        epilog=(
            "example: trecs train refiner coco_val_localized_narratives.jsonl "
            "--labels data/coco/labels --out runs/refiner"
        ),
    )
    parser.add_argument(
        "narratives",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="Localized Narratives with traces, JSONL",
    )
    parser.add_argument(
        "--labels",
        type=Path,
        required=True,
        metavar="DIR",
        help="the photos' label maps, PNG files named by image id (as `data prepare` writes)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/refiner"),
        metavar="DIR",
        help="where to (default: runs/refiner)",
    )
    arguments.add_hull_odds(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from trecs.commands.output import check_folder
    from trecs.data.refinement import RefinerConfig
    from trecs.data.refiner import train
    from trecs.learning.folder import taken

    check_folder(args.out)
    config = RefinerConfig(hull_odds=args.hull_odds)
    with taken(args.out):
        counts = train(config, args.narratives, args.labels, args.out)
    left_out = [
        f"{number:,} {what}"
        for number, what in (
            (counts.unusable, "unusable lines"),
            (counts.without_map, "narratives without a label map"),
            (counts.without_label, "with nothing labelled under their trace"),
        )
        if number
    ]
    print(
        f"{args.out}: {counts.narratives:,} narratives"
        + (f"; left out: {', '.join(left_out)}" if left_out else "")
    )
