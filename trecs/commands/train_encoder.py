"""`trecs train encoder`: the dual encoder of descriptions and scenes."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "encoder",
        help="descriptions and scenes to vectors",
        description=(
            "Trains the dual encoder on the narratives, the captioned photos and a library of "
            "generated scenes, and prints the folder of the model. Stopped, it goes on with the "
            "same command. `--embed DIR` gives a library the new encoder's embeddings."
        ),
        epilog="example: trecs train encoder --out runs/encoder --minutes 30",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/encoder"),
        metavar="DIR",
        help="the run: state, log and model (default: runs/encoder)",
    )
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
    parser.add_argument(
        "--steps", type=arguments.count, metavar="N", help="steps in all (default: 1200)"
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
    from trecs.training.encoder import EncoderTraining, train

    data = data_folder(args.data)
    config = replace(EncoderTraining.tiny() if args.tiny else EncoderTraining(), seed=args.seed)
    if args.steps is not None:
        config = replace(config, steps=args.steps)
    bundled = Path(__file__).parents[2] / "checkpoints"
    encoder = train(
        config,
        data,
        args.layout or bundled / "layout",
        args.library or bundled / "library",
        args.out,
        minutes=args.minutes,
    )
    if args.embed is not None:
        encoder.embed(args.embed)
    print(args.out / "model")
