"""A training as a command: its name, what it takes, and where it is found, without importing it.

The function that trains is called as

    train(numbers, dataset, folder, seed=..., minutes=..., **others)

`numbers` is the training's dataclass, or its `tiny()`, with those options in it that are named like
its fields; `others` are the other options that were given. It returns the folder of the model,
unless that is `folder`/model.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from files.errors import InputError
from trecs.commands import arguments


@dataclass(frozen=True)
class Option:
    """One option; `kind` makes its value of the text, and `metavar` stands for it in the help.

    `key`: what the training calls it, unless that is its name.
    """

    name: str
    help: str
    kind: Callable[[str], Any] = str
    metavar: str | None = None
    choices: Sequence[str] | None = None
    key: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.key or self.name.replace("-", "_"))

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Adds it; what is not given is None."""
        parser.add_argument(
            f"--{self.name}",
            type=self.kind,
            metavar=self.metavar,
            choices=self.choices,
            dest=self.key,
            help=self.help,
        )


def folder(name: str, help: str) -> Option:
    """An option that takes a folder."""
    return Option(name, help, Path, "DIR")


def file(name: str, help: str) -> Option:
    """An option that takes a file."""
    return Option(name, help, Path, "FILE")


def number(name: str, help: str) -> Option:
    """An option that takes a whole number, at least 1."""
    return Option(name, help, arguments.count, "N")


class Switch(Option):
    """An option that is given or not."""

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Adds it; what is not given is None."""
        parser.add_argument(
            f"--{self.name}", action="store_const", const=True, dest=self.key, help=self.help
        )


BATCH = number("batch", "photos in a step")
PRECISION = Option(
    "precision",
    "of the computation (default: 32-true)",
    choices=("32-true", "bf16-mixed", "16-mixed"),
)
GOES_ON = "Stopped, it goes on with the same command."
COMPOSED = folder(
    "composed", "the canvases that `trecs data compose` made, to be drawn beside the photos' own"
)


@dataclass(frozen=True)
class Trainable:
    """A training; `numbers` and `train` are "module:name".

    `steps`: how many it does unless told otherwise.
    """

    name: str
    help: str
    description: str
    example: str
    numbers: str
    train: str
    steps: int
    options: tuple[Option, ...] = ()
    steps_help: str = "steps in all"

    def add_parser(self, subparsers: Any) -> None:
        """Adds the command to the parser of `trecs train`."""
        parser: argparse.ArgumentParser = subparsers.add_parser(
            self.name,
            help=self.help,
            description=f"{self.description} {GOES_ON}",
            epilog=f"example: trecs train {self.name} {self.example}",
        )
        arguments.add_run(parser, self.name)
        arguments.add_steps(parser, self.steps, self.steps_help)
        for option in self.options:
            option.add_to(parser)
        parser.set_defaults(run=self.run)

    def run(self, args: argparse.Namespace) -> None:
        """Runs the command: trains, and prints the folder of the model.

        Raises InputError where there is none yet: the part that draws had not begun.
        """
        from files.errors import InputError
        from trecs.commands.output import check_folder
        from trecs.data.dataset import Dataset, data_folder

        check_folder(args.out)
        names = ("steps", *(option.key for option in self.options))
        given = {name: value for name in names if (value := getattr(args, name)) is not None}
        kind = _found(self.numbers)
        own = {field.name for field in fields(kind)} & given.keys()
        numbers = replace(kind.tiny() if args.tiny else kind(), **{n: given[n] for n in own})
        others = {name: value for name, value in given.items() if name not in own}
        dataset = Dataset(data_folder(args.data))
        model = _found(self.train)(
            numbers, dataset, args.out, seed=args.seed, minutes=args.minutes, **others
        )
        model = model or args.out / "model"
        if not model.is_dir():
            raise InputError(
                f"'{args.out}' has no model yet, since what draws has not begun to learn; run the "
                "same command again with more --minutes."
            )
        print(model)


@dataclass(frozen=True)
class Stages:
    """A model of several stages, each with a training of its own: `trecs train NAME STAGE`."""

    name: str
    help: str
    description: str
    stages: tuple[Trainable, ...]

    def add_parser(self, subparsers: Any) -> None:
        """Adds the command to the parser of `trecs train`."""
        first = self.stages[0]
        parser: argparse.ArgumentParser = subparsers.add_parser(
            self.name,
            help=self.help,
            description=" ".join(
                [self.description, *(stage.description for stage in self.stages), GOES_ON]
            ),
            epilog=f"example: trecs train {self.name} {first.name} {first.example}",
        )
        told = "; ".join(f"{stage.name}: {stage.help}" for stage in self.stages)
        parser.add_argument("stage", choices=[stage.name for stage in self.stages], help=told)
        arguments.add_run(parser, f"{self.name}/STAGE")
        usual = ", ".join(f"{stage.name} {stage.steps}" for stage in self.stages)
        arguments.add_steps(parser, usual)
        for option in self._options().values():
            option.add_to(parser)
        parser.set_defaults(run=self.run)

    def run(self, args: argparse.Namespace) -> None:
        """Runs the command; raises InputError for what is another stage's option."""
        chosen = next(stage for stage in self.stages if stage.name == args.stage)
        for key, option in self._options().items():
            if option not in chosen.options and getattr(args, key) is not None:
                raise InputError(
                    f"{self.name} {chosen.name} takes no --{option.name}; leave it out."
                )
        args.out = Path(*(chosen.name if part == "STAGE" else part for part in args.out.parts))
        chosen.run(args)

    def _options(self) -> dict[str, Option]:
        return {option.key: option for stage in self.stages for option in stage.options}


def _found(place: str) -> Any:
    module, name = place.split(":")
    return getattr(import_module(module), name)
