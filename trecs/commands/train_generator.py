"""`trecs train generator`: the network that renders canvases."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "generator",
        help="the network that turns a canvas into a picture",
        description=(
            "Trains the generator on the photos and label maps of the data folder and prints the "
            "folder of the model. Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train generator --thumbnails runs/thumbnails/model --minutes 120",
    )
    arguments.add_run(parser, "generator")
    arguments.add_steps(parser, 20_000)
    parser.add_argument("--batch", type=arguments.count, metavar="N", help="patches in a step")
    parser.add_argument(
        "--thumbnails",
        type=Path,
        metavar="DIR",
        help="the model of `trecs train thumbnails`, which becomes a part of the generator "
        "(default: the bundled generator's)",
    )
    parser.add_argument(
        "--side", type=arguments.count, metavar="PX", help="of the pictures, a multiple of 32"
    )
    parser.add_argument(
        "--patch", type=arguments.count, metavar="PX", help="of the windows trained on, likewise"
    )
    parser.add_argument(
        "--start", type=Path, metavar="DIR", help="a generator whose weights the run begins with"
    )
    parser.add_argument(
        "--vgg",
        type=Path,
        metavar="FILE",
        help="VGG-16 weights (.pth), for the discriminator and perceptual losses",
    )
    parser.add_argument(
        "--trunk",
        type=Path,
        metavar="FILE",
        help="EfficientNet-lite0 weights (.pth), for discriminators of the whole picture",
    )
    arguments.add_composed(parser)
    arguments.add_precision(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.synthesis.training import GeneratorTraining, train_generator

    check_folder(args.out)
    given = {name: getattr(args, name) for name in ("steps", "batch", "side", "patch")}
    training = replace(
        GeneratorTraining.tiny() if args.tiny else GeneratorTraining(),
        **{name: value for name, value in given.items() if value is not None},
    )
    train_generator(
        training,
        Dataset(data_folder(args.data)),
        args.out,
        thumbnails=args.thumbnails,
        composed=args.composed,
        seed=args.seed,
        minutes=args.minutes,
        start=args.start,
        vgg=args.vgg,
        trunk=args.trunk,
        precision=args.precision,
    )
    print(args.out / "model")
