"""The card of a system: what is known of it without loading it, and how it is loaded."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trecs.systems
from files.errors import InputError

if TYPE_CHECKING:
    from trecs.systems.interface import Home, System


@dataclass(frozen=True)
class Import:
    """How `trecs weights import` brings the authors' released files in.

    `part`: what they are, if they are not all that it needs to draw.
    """

    function: str
    files: str
    example: str
    part: str | None = None


@dataclass(frozen=True)
class Training:
    """How `trecs train` trains it; `options`: by name, what each takes and what its help says."""

    function: str
    numbers: str
    steps: int
    help: str
    description: str
    example: str
    options: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Card:
    """The keys of a card's front matter, see `trecs.systems.front_matter`, and its text.

    "module:name" is looked for in the folder.
    """

    name: str
    folder: Path
    text: str  # below the front matter
    title: str
    short: str
    paper: str
    year: int
    sees: tuple[str, ...]
    sizes: tuple[int, ...]  # none: any
    published: str | None
    licence: str
    system: str
    train: Training | None
    released: Import | None  # its key is `import`
    noise: bool
    control: bool
    page: str
    order: int

    @property
    def offers(self) -> tuple[str, ...]:
        """Of "train" and "import", what makes it draw."""
        imported = self.released is not None and self.released.part is None
        having = {"train": self.train, "import": imported}
        return tuple(offer for offer, there in having.items() if there)

    @property
    def ways(self) -> tuple[str, ...]:
        """What a user can do to have it, in the imperative."""
        told = {
            "import": f"bring in the authors' with `trecs weights import {self.name}`",
            "train": f"train one with `trecs train {self.name}`",
        }
        return tuple(way for offer, way in told.items() if offer in self.offers)

    @property
    def composes(self) -> bool:
        """Whether its drawings have a canvas; imports its class."""
        return bool(self.named(self.system).composes)

    def parts(self, home: "Home") -> tuple[Path, ...]:
        """What its drawings depend on, as `System.parts`."""
        return self._installed(lambda system: system.parts(home))

    def load(self, home: "Home", device: str | None = None) -> "System":
        """The system, on the best device if none is named; raises InputError where it cannot."""
        from trecs.device import best_device

        return self._installed(lambda system: system.load(home, device or best_device()))

    def installed(self, home: "Home") -> bool:
        """Whether its own parts are there."""
        from trecs.systems.interface import NotInstalled

        try:
            self.parts(home)
        except NotInstalled:
            return False
        return True

    def absolute(self, reference: str) -> str:
        """The full name of what stands in its folder as module:name."""
        return f"{trecs.systems.__name__}.{self.folder.name}.{reference}"

    def named(self, reference: str) -> Any:
        """An object of its folder, by module:object; raises InputError where there is none."""
        full, _, name = self.absolute(reference).partition(":")
        try:
            found = getattr(importlib.import_module(full), name, None)
        except ModuleNotFoundError as error:
            if not full.startswith(str(error.name)):  # but another one that it imports
                raise
            found = None
        if found is None:
            raise wrong(self.folder, f"there is no {reference} in its folder")
        return found

    def _installed(self, use: "Callable[[type[System]], Any]") -> Any:
        """Uses the system's class; what is not installed is told with what helps."""
        from trecs.systems.interface import NotInstalled

        try:
            return use(self.named(self.system))
        except NotInstalled as error:
            if not self.ways:
                raise
            raise NotInstalled(
                f"{error} To have one, {', '.join(self.ways)}, or give its folder to --checkpoint."
            ) from error


def wrong(folder: Path, what: str) -> InputError:
    """The error of a card that cannot be used."""
    return InputError(f"The card of a system, '{folder / 'card.md'}', cannot be used: {what}.")
