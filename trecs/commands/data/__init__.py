"""`trecs data`: the public datasets for training, brought here, prepared, counted, composed."""

import argparse
from typing import Any

from trecs.commands.data import colours, compose, download, info, latents, prepare


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "data",
        help="download COCO, COCO-Stuff and Localized Narratives; prepare and count them",
        description="The public datasets for training and for the real scene library.",
        epilog="example: trecs data download --out coco && trecs data prepare coco --out data",
    )
    steps = parser.add_subparsers(metavar="STEP", required=True)
    for step in (download, prepare, info, compose, latents, colours):
        step.add_parser(steps)
