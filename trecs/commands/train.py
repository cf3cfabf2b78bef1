"""`trecs train NAME`: every part and every system that can be trained."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from files.errors import InputError
from trecs.commands import train_queue, train_refiner, train_shapes
from trecs.commands.trainable import PRECISION, Option, Stages, Trainable, file, folder, number
from trecs.commands.trainings import TRAININGS
from trecs.systems import registry
from trecs.systems.card import Card, Training

FITS = {"refiner": train_refiner, "shapes": train_shapes}
"""What is fitted in one go rather than trained in steps."""

OPTIONS = {
    "number": number,
    "folder": folder,
    "file": file,
    "precision": lambda name, help: replace(PRECISION, name=name, help=help),
}
"""What the options of a system's training may take, as its card calls it."""


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parser."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train",
        help="train a model: " + ", ".join(models()),
        description="Trains a model, or several in turn; what was stopped goes on where it was.",
        epilog="example: trecs train tagger --out runs/tagger",
    )
    parser.add_argument(
        "--queue",
        type=Path,
        metavar="FILE",
        help="train what a file names, one after another, each for so many minutes: "
        "systems.toml of the repository has all systems",
    )
    parser.set_defaults(run=run)
    subparsers = parser.add_subparsers(metavar="MODEL")
    for training in _trainings():
        training.add_parser(subparsers)
    for fit in FITS.values():
        fit.add_parser(subparsers)


def run(args: argparse.Namespace) -> int:
    """Runs the command where no model is named; raises InputError where there is no queue."""
    if args.queue is None:
        raise InputError(f"Name what to train: {', '.join(models())}; or a file with --queue.")
    return train_queue.run_queue(args.queue, models())


def models() -> tuple[str, ...]:
    """The names of all that can be trained."""
    return (*(training.name for training in _trainings()), *FITS)


def _trainings() -> tuple[Trainable | Stages, ...]:
    """Those of the pipeline's parts and of what measures, then those of systems."""
    cards = registry.cards().values()
    return (*TRAININGS, *(_of_system(card, card.train) for card in cards if card.train))


def _of_system(card: Card, training: Training) -> Trainable:
    options: list[Option] = [
        OPTIONS[kind](name, help) for name, (kind, help) in training.options.items()
    ]
    return Trainable(
        card.name,
        training.help,
        training.description,
        training.example,
        card.absolute(training.numbers),
        card.absolute(training.function),
        training.steps,
        tuple(options),
    )
