"""`trecs train tagger`: the tagger, on the released narratives' tags."""

import argparse
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
    arguments.add_run(parser, "tagger")
    arguments.add_steps(parser, 1500)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.training.data import data_folder
    from trecs.training.tagger import TaggerTraining, train

    check_folder(args.out)
    data = data_folder(args.data)
    config = replace(TaggerTraining.tiny() if args.tiny else TaggerTraining(), seed=args.seed)
    if args.steps is not None:
        config = replace(config, steps=args.steps)
    print(train(config, data, args.out, minutes=args.minutes))
