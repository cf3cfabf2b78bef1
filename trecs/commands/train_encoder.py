"""`trecs train encoder`: the dual encoder of descriptions and scenes."""

import argparse
from pathlib import Path
from typing import Any

from files.weights import BUNDLED
from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "encoder",
        help="descriptions and scenes to vectors",
        description=(
            "Trains the dual encoder on the narratives, the photos with their narratives and "
            "captions and a library of generated scenes, and prints the folder of the model. "
            "Stopped, it goes on with the same command. `--embed DIR` gives a library the new "
            "encoder's embeddings."
        ),
        epilog="example: trecs train encoder --out runs/encoder --minutes 30",
    )
    arguments.add_run(parser, "encoder")
    arguments.add_steps(parser, 600)
    parser.add_argument(
        "--layout", type=Path, metavar="DIR", help="the layout model (default: the bundled one)"
    )
    parser.add_argument(
        "--library",
        type=Path,
        metavar="DIR",
        help="a library of generated scenes to learn from (default: the bundled one)",
    )
    parser.add_argument(
        "--embed", type=Path, metavar="DIR", help="a library that gets the new embeddings"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import data_folder
    from trecs.scenes.encoder import EncoderTraining, train

    check_folder(args.out)
    data = data_folder(args.data)
    config = replace(EncoderTraining.tiny() if args.tiny else EncoderTraining(), seed=args.seed)
    if args.steps is not None:
        config = replace(config, steps=args.steps)
    encoder = train(
        config,
        data,
        args.layout or BUNDLED / "layout",
        args.library or BUNDLED / "library",
        args.out,
        minutes=args.minutes,
    )
    if args.embed is not None:
        encoder.embed(args.embed)
    print(args.out / "model")
