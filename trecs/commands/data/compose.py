"""`trecs data compose`: canvases as the studio composes them."""

import argparse
from pathlib import Path
from typing import Any


def add_parser(steps: Any) -> None:
    """Adds the step to the parser."""
    parser: argparse.ArgumentParser = steps.add_parser(
        "compose",
        help="canvases as the studio composes them, for the training of generators",
        description=(
            "Tells every training photo by its own labels, traced by the simulated annotator, and "
            "writes the canvas that is composed from that. Stopped, it goes on with the same "
            "command."
        ),
        epilog="example: trecs data compose --out composed && "
        "trecs train painter thumbnails --composed composed",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs `trecs data compose`."""
    from files.locks import locked
    from files.whole import sweep
    from trecs.commands.output import busy, check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.pipeline import TReCS
    from trecs.synthesis.composing import compose_photos

    check_folder(args.out)
    dataset = Dataset(data_folder(args.data))
    with locked(args.out / ".lock", busy(args.out)):
        sweep(args.out, deep=True)
        count = compose_photos(TReCS.from_pretrained().canvas, dataset, args.out)
    print(f"{args.out}: {count:,} canvases")
