"""`trecs train trace`: the trace predictor, on where the photos' labels lie."""

import argparse
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
    arguments.add_run(parser, "trace")
    arguments.add_steps(parser, 1000)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import data_folder
    from trecs.prediction.training import TraceTraining, train

    check_folder(args.out)
    data = data_folder(args.data)
    config = replace(TraceTraining.tiny() if args.tiny else TraceTraining(), seed=args.seed)
    if args.steps is not None:
        config = replace(config, steps=args.steps)
    print(train(config, data, args.out, minutes=args.minutes))
