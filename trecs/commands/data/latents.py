"""`trecs data latents`: the photos as an autoencoder's latents."""

import argparse
import os
from pathlib import Path
from typing import Any

from trecs.commands import arguments


def add_parser(steps: Any) -> None:
    """Adds the step to the parser."""
    parser: argparse.ArgumentParser = steps.add_parser(
        "latents",
        help="the photos as an autoencoder's latents, for the training of generators",
        description=(
            "Encodes a square of every photo and, of those that are trained on, its mirror image "
            "(pass 1) and those of a random crop (pass 2). Writes the latents with labels, "
            "instances, regions and their colours in chunks: first the held-back photos, marked, "
            "then the others in a random order, so that a training may begin with the first ones. "
            "Stopped, it goes on with the same command. The autoencoder is TAEF2: "
            "taef2_encoder.pth and taef2_decoder.pth of the GitHub repository madebyollin/taesd."
        ),
        epilog="example: trecs data latents --data data --autoencoder taesd --out latents",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the data folder (default: $TRECS_DATA)"
    )
    parser.add_argument(
        "--autoencoder", type=Path, required=True, metavar="DIR", help="the folder of TAEF2's files"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to")
    parser.add_argument(
        "--passes",
        type=int,
        default=2,
        choices=(1, 2),
        help="1: two views of a photo that is trained on, 2: four (default: 2)",
    )
    parser.add_argument(
        "--processes",
        type=arguments.count,
        metavar="N",
        help="at work at the same time, each on one core (default: one for each core)",
    )
    parser.add_argument(
        "--device",
        default="auto",
        choices=("auto", "cpu", "cuda"),
        help="what encodes: the processes (cpu), or a GPU what they cut out (cuda); auto takes a "
        "GPU where there is one (default: auto)",
    )
    parser.add_argument(
        "--limit", type=arguments.count, metavar="N", help="so many photos, drawn at random, alone"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> None:
    """Runs `trecs data latents`."""
    from trecs.commands.output import check_folder
    from trecs.data.dataset import Dataset, data_folder
    from trecs.synthesis.painter.autoencoder import Autoencoder
    from trecs.synthesis.painter.latent_making import make_latents

    check_folder(args.out)
    device = _gpu(args.device)
    made = make_latents(
        Dataset(data_folder(args.data)),
        Autoencoder.load(args.autoencoder),
        args.out,
        passes=args.passes,
        processes=args.processes or os.cpu_count() or 1,
        device=device,
        limit=args.limit,
    )
    print(f"{args.out}: {made.views:,} views of {made.photos:,} photos")


def _gpu(wanted: str) -> str | None:
    """The GPU that is wanted, None for none; raises InputError where there is none."""
    from trecs.device import best_device

    there = best_device() == "cuda"
    if wanted == "cuda" and not there:
        from files.errors import InputError

        raise InputError("PyTorch finds no GPU for --device cuda; give --device cpu.")
    return "cuda" if there and wanted != "cpu" else None
