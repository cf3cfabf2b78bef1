"""`trecs train NAME`: each model's training, in the module `train_NAME`."""

import argparse
import importlib
from typing import Any

MODELS = (
    *"tagger refiner encoder shapes trace thumbnails generator damsm attngan".split(),
    *"matcher segmenter painter".split(),
)


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train",
        help="train a model: " + ", ".join(MODELS),
        description="Trains a model; a run that was stopped goes on where it was.",
        epilog="example: trecs train tagger --out runs/tagger",
    )
    models = parser.add_subparsers(metavar="MODEL", required=True)
    for name in MODELS:
        importlib.import_module(f"trecs.commands.train_{name}").add_parser(models)
