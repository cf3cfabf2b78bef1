"""`trecs train painter`: the cascade that paints thumbnails of canvases, then their latents."""

import argparse
from pathlib import Path
from typing import Any

from trecs.commands import arguments

STAGES = ("thumbnails", "latents")


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser of `trecs train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "painter",
        help="canvases to thumbnails, and thumbnails to latents of an autoencoder",
        description=(
            "Trains one stage of the painter on all photos of the data folder and prints the "
            "folder of its model. The first, thumbnails, goes on from the bundled generator's "
            "flow; the second, latents, learns from what `trecs data latents` has made so far and, "
            "in an eighth of its pictures, from thumbnails that a first stage drew (--thumbnails). "
            "Losses on held-back photos are in the run's log and state. Stopped, it goes on with "
            "the same command."
        ),
        epilog="example: trecs train painter thumbnails --composed composed --minutes 60",
    )
    parser.add_argument("stage", choices=STAGES, help="which of the two")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="the folder of the run and its model (default: runs/painter/STAGE)",
    )
    parser.add_argument("--tiny", action="store_true", help="a tiny model, to try the command")
    parser.add_argument(
        "--seed", type=arguments.seed, default=0, metavar="N",
        help="the same seed, settings and data give the same weights (default: 0)",
    )  # fmt: skip
    arguments.add_steps(parser, 1_000_000)
    parser.add_argument("--batch", type=arguments.count, metavar="N", help="pictures in a step")
    arguments.add_composed(parser)
    parser.add_argument(
        "--latents", type=Path, metavar="DIR", help="what `trecs data latents` made; for latents"
    )
    parser.add_argument(
        "--thumbnails",
        type=Path,
        metavar="DIR",
        help="the first stage's model, for latents (default: the bundled flow)",
    )
    parser.add_argument(
        "--autoencoder",
        type=Path,
        metavar="DIR",
        help="the folder of TAEF2's files, to draw sheets of latents with",
    )
    parser.add_argument(
        "--start",
        type=Path,
        metavar="DIR",
        help="a trained stage whose weights a new run begins with (default: thumbnails, the "
        "bundled flow's; latents, none)",
    )
    arguments.add_precision(parser)
    parser.add_argument(
        "--compile", action="store_true", help="compile the network; pays on a GPU, not on a CPU"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs the command."""
    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder

    out = args.out or Path("runs") / "painter" / args.stage
    check_folder(out)
    shared = {
        "composed": args.composed,
        "seed": args.seed,
        "minutes": args.minutes,
        "precision": args.precision,
        "compiled": args.compile,
    }
    dataset = Dataset(data_folder(args.data))
    (_thumbnails if args.stage == "thumbnails" else _latents)(args, dataset, out, shared)
    print(out / "model")


def _thumbnails(args: argparse.Namespace, dataset: Any, out: Path, shared: dict[str, Any]) -> None:
    from trecs.synthesis.painter.painter import load_thumbnails
    from trecs.synthesis.painter.thumbnail_training import ThumbnailStageTraining, train_thumbnails
    from trecs.synthesis.training import bundled_thumbnails

    training = ThumbnailStageTraining.tiny() if args.tiny else ThumbnailStageTraining()
    start: Any = None
    if args.start is not None:
        start = load_thumbnails(args.start)
    elif not args.tiny:
        start = bundled_thumbnails()
    train_thumbnails(_with(training, args), dataset, out, start=start, **shared)


def _latents(args: argparse.Namespace, dataset: Any, out: Path, shared: dict[str, Any]) -> None:
    from files.errors import InputError
    from trecs.synthesis.painter.latent_training import LatentStageTraining, train_latents
    from trecs.synthesis.painter.painter import load_latents

    if args.latents is None:
        raise InputError(
            "The second stage learns from latents; make them with `trecs data latents` and give "
            "their folder with --latents."
        )
    training = LatentStageTraining.tiny() if args.tiny else LatentStageTraining()
    train_latents(
        _with(training, args),
        args.latents,
        out,
        dataset=dataset,
        thumbnails=args.thumbnails,
        autoencoder=args.autoencoder,
        start=None if args.start is None else load_latents(args.start),
        **shared,
    )


def _with(training: Any, args: argparse.Namespace) -> Any:
    """The training with what was given of its numbers."""
    from dataclasses import replace

    given = {name: getattr(args, name) for name in ("steps", "batch")}
    return replace(training, **{name: value for name, value in given.items() if value is not None})
