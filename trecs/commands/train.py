"""`trecs train NAME`: every part and every system that can be trained."""

import argparse
from typing import Any

from trecs.commands import train_refiner, train_shapes
from trecs.commands.trainings import TRAININGS

FITS = {"refiner": train_refiner, "shapes": train_shapes}
"""What is fitted in one go rather than trained in steps."""

MODELS = (*(one.name for one in TRAININGS), *FITS)


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train",
        help="train a model: " + ", ".join(MODELS),
        description="Trains a model; a run that was stopped goes on where it was.",
        epilog="example: trecs train tagger --out runs/tagger",
    )
    models = parser.add_subparsers(metavar="MODEL", required=True)
    for training in TRAININGS:
        training.add_parser(models)
    for fit in FITS.values():
        fit.add_parser(models)
