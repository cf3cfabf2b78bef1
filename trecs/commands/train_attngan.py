"""`trecs train attngan`: the baseline that draws from words alone."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "attngan",
        help="the baseline that draws from words alone",
        description=(
            "Trains AttnGAN on the captions and narratives of the data folder's photos, taught by "
            "the DAMSM that `trecs train damsm` trained, and prints the folder of the model. "
            "Stopped, it goes on with the same command."
        ),
        epilog="example: trecs train attngan --damsm runs/damsm/model --out runs/attngan",
    )
    arguments.add_run(parser, "attngan")
    arguments.add_steps(parser, 6_000)
    parser.add_argument("--batch", type=arguments.count, metavar="N", help="photos in a step")
    parser.add_argument(
        "--stage-steps",
        type=arguments.count,
        metavar="N",
        help="steps after which the next stage, of pictures twice as large, joins (default: 2400)",
    )
    parser.add_argument(
        "--damsm",
        type=Path,
        metavar="DIR",
        help="the matching model (default: that of the studio's checkpoints)",
    )
    parser.add_argument("--precision", default="32-true", choices=("32-true", "bf16-mixed"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from dataclasses import replace

    from files.weights import BUNDLED
    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.systems.attngan.training import AttnGanTraining, train_attngan
    from trecs.systems.parts.damsm import Damsm

    check_folder(args.out)
    given = {name: getattr(args, name) for name in ("steps", "batch", "stage_steps")}
    training = replace(
        AttnGanTraining.tiny() if args.tiny else AttnGanTraining(),
        **{name: value for name, value in given.items() if value is not None},
    )
    train_attngan(
        training,
        Dataset(data_folder(args.data)),
        Damsm.load(args.damsm or BUNDLED / "damsm"),
        args.out,
        seed=args.seed,
        minutes=args.minutes,
        precision=args.precision,
    )
    print(args.out / "model")
