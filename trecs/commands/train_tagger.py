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
            "Fine-tunes a BERT on narratives/train.jsonl of the data folder and prints the "
            "folder of the model. Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train tagger --out runs/tagger --minutes 30",
    )
    arguments.add_run(parser, "tagger")
    arguments.add_steps(
        parser, 3400, "steps of the longest course; two shorter ones go before it, two follow"
    )
    parser.add_argument(
        "--bert",
        metavar="NAME",
        help="the BERT to start from: a folder or a name on the hub (default: MiniLM-L6)",
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "32-true", "bf16-mixed", "16-mixed"),
        help="of the computation (default: auto, which is bf16-mixed on GPUs that have it)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from trecs.commands.output import check_folder
    from trecs.data.dataset import data_folder
    from trecs.tagging.course import TaggerTraining
    from trecs.tagging.training import train

    check_folder(args.out)
    data = data_folder(args.data)
    given = {name: getattr(args, name) for name in ("steps", "bert", "precision")}
    config = replace(
        TaggerTraining.tiny() if args.tiny else TaggerTraining(),
        seed=args.seed,
        **{name: value for name, value in given.items() if value is not None},
    )
    print(train(config, data, args.out, minutes=args.minutes))
