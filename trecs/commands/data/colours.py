"""`trecs data colours`: what colours' names mean, learned from photos and their captions."""

import argparse
from pathlib import Path
from typing import Any


def add_parser(steps: Any) -> None:
    """Adds the step to the parser."""
    parser: argparse.ArgumentParser = steps.add_parser(
        "colours",
        help="what colours' names mean for each label, from photos and their captions",
        description=(
            "Looks at the regions of training photos whose captions bind a colour's name to them, "
            "and at what people wear, and writes what they look like, in the format of "
            "segmentation/colours.txt."
        ),
        epilog="example: trecs data colours --out colours.txt",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs `trecs data colours`."""
    from itertools import chain

    from files.progress import progress_bar
    from files.whole import write_atomically
    from segmentation.colours import HEAD, ColourNames, colour_lines
    from segmentation.labels import NAMES
    from trecs.commands.output import check_file
    from trecs.data.dataset import Dataset, data_folder
    from trecs.synthesis.said_colours import said_colours, worn_colours

    check_file(args.out)
    dataset = Dataset(data_folder(args.data))
    found = chain(said_colours(dataset, held_back=False), worn_colours(dataset, held_back=False))
    seen = [
        (one.mention.colours[0], NAMES[one.label], one.called)
        for one in progress_bar(found, "regions", leave=False)
        if len(one.mention.colours) == 1
    ]
    lines = [*HEAD, *colour_lines(ColourNames.read(), seen)]
    write_atomically(args.out, "".join(f"{line}\n" for line in lines).encode())
    print(f"{args.out}: {len(seen):,} regions")
