"""`trecs train thumbnails`: the flow that draws what pictures begin as."""

import argparse
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "thumbnails",
        help="canvases to pictures of 32x32 pixels, which the generator enlarges",
        description=(
            "Trains the flow that draws the thumbnails of pictures, on the photos and label maps "
            "of the data folder, and prints the folder of the model, which `trecs train generator "
            "--thumbnails` takes. Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train thumbnails --out runs/thumbnails --minutes 60",
    )
    arguments.add_run(parser, "thumbnails")
    arguments.add_steps(parser, 5_000)
    parser.add_argument("--batch", type=arguments.count, metavar="N", help="photos in a step")
    arguments.add_composed(parser)
    arguments.add_precision(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.synthesis.thumbnail_training import ThumbnailTraining, train_thumbnails

    check_folder(args.out)
    given = {name: getattr(args, name) for name in ("steps", "batch")}
    training = replace(
        ThumbnailTraining.tiny() if args.tiny else ThumbnailTraining(),
        **{name: value for name, value in given.items() if value is not None},
    )
    train_thumbnails(
        training,
        Dataset(data_folder(args.data)),
        args.out,
        composed=args.composed,
        seed=args.seed,
        minutes=args.minutes,
        precision=args.precision,
    )
    print(args.out / "model")
