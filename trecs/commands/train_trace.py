"""`trecs train trace`: the trace predictor, on where the photos' labels lie."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "trace",
        help="words to a trace",
        description=(
            "Trains the trace predictor on the label maps and narratives of the data folder and "
            "prints the folder of the model. Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train trace --out runs/trace --minutes 20",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/trace"),
        metavar="DIR",
        help="the run: state, log and model (default: runs/trace)",
    )
    parser.add_argument(
        "--steps", type=arguments.count, metavar="N", help="steps in all (default: 800)"
    )
    parser.add_argument(
        "--minutes",
        type=arguments.minutes,
        metavar="M",
        help="stop after so long, to go on another time",
    )
    parser.add_argument(
        "--tiny", action="store_true", help="a few steps of a tiny model, to try the command"
    )
    parser.add_argument(
        "--seed",
        type=arguments.seed,
        default=0,
        metavar="N",
        help="the same seed and settings give the same weights (default: 0)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.training.data import data_folder
    from trecs.training.trace import TraceTraining, train

    data = data_folder(args.data)
    config = replace(TraceTraining.tiny() if args.tiny else TraceTraining(), seed=args.seed)
    if args.steps is not None:
        config = replace(config, steps=args.steps)
    print(train(config, data, args.out, minutes=args.minutes))
