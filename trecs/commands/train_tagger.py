"""`trecs train tagger`: the tagger, on the released narratives' tags."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "tagger",
        help="words to labels",
        description=(
            "Trains the tagger on narratives/train.jsonl of the data folder and prints the "
            "folder of the model. Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train tagger --out runs/tagger --minutes 30",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/tagger"),
        metavar="DIR",
        help="the run: state, log and model (default: runs/tagger)",
    )
    parser.add_argument(
        "--steps", type=arguments.count, metavar="N", help="steps in all (default: 1500)"
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
    from trecs.training.tagger import TaggerTraining, train

    data = data_folder(args.data)
    config = replace(TaggerTraining.tiny() if args.tiny else TaggerTraining(), seed=args.seed)
    if args.steps is not None:
        config = replace(config, steps=args.steps)
    print(train(config, data, args.out, minutes=args.minutes))
