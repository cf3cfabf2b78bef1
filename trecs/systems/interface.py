"""What everything that draws a narrative has in common: where it finds its parts, what it gives."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.weights import BUNDLED
from segmentation.canvas import Canvas
from trecs.data.squeezing import squeezed
from trecs.installed import (
    cache_folder,
    drawing_folders,
    generator_folder,
    part_folder,
    pipeline_folders,
)
from trecs.narrative import Narrative
from trecs.synthesis.diffusion.settings import DiffusionSettings

if TYPE_CHECKING:
    from trecs.data.dataset import Dataset
    from trecs.pipeline import TReCS
    from trecs.result import Result


class NotInstalled(InputError):
    """What a system is made of is not on this machine; the message says what is missing."""


@dataclass(frozen=True, eq=False)
class Home:
    """Where systems find what they are made of, and how large those draw that can choose."""

    checkpoint: Path = BUNDLED  # a folder of trained parts, or that of one system's own
    library: Path | None = None  # another scene library than the checkpoint's
    generator: str | None = None  # another generator, see `trecs.installed.generator_folder`
    data: Path | None = None  # the data folder; None: the usual one, where there is one
    cache: Path = field(default_factory=cache_folder)  # for what takes long to compute
    autoencoder: Path | None = None  # of the painter, which then paints over collages
    diffusion: DiffusionSettings = field(default_factory=DiffusionSettings)  # what such a one is
    downloads: bool = True  # whether what is not on this machine may be fetched
    size: int = 256  # the side of canvas and picture in pixels
    pipelines: dict[str, "TReCS"] = field(default_factory=dict)  # the loaded ones, by device

    def part(self, kind: str, title: str) -> Path:
        """The folder of a system's own part: the checkpoint itself, in it, or an imported one.

        Raises NotInstalled, in which it is called by its `title`, where there is none.
        """
        if (folder := part_folder(self.checkpoint, kind)) is None:
            raise NotInstalled(f"No {title} in '{self.checkpoint}', and none was imported.")
        return folder

    def stages(self, *names: str) -> tuple[Path, ...]:
        """The folders of the pipeline's parts: "tagger", "trace", "encoder", "library", ...

        Raises InputError where the generator that was asked for is not there.
        """
        parts = pipeline_folders(self.checkpoint, self.library)
        folders = [parts[name] for name in names if name != "generator"]
        if "generator" in names:
            folders.append(generator_folder(self.checkpoint, self.generator))
            folders += drawing_folders(self.checkpoint)
        return tuple(folders)

    def pipeline(self, device: str) -> "TReCS":
        """The paper's pipeline, loaded once for all systems that use its stages."""
        from trecs.pipeline import TReCS

        if device not in self.pipelines:
            self.pipelines[device] = TReCS.from_pretrained(
                self.checkpoint,
                library=self.library,
                generator=self.generator,
                autoencoder=self.autoencoder,
                diffusion=self.diffusion,
                device=device,
            )
        return self.pipelines[device]

    @cached_property
    def dataset(self) -> "Dataset":
        """The data folder's photos and narratives; raises InputError where there is none."""
        from trecs.data.dataset import Dataset, data_folder

        return Dataset(data_folder(self.data))


@dataclass(frozen=True, eq=False)
class WordAttention:
    """Where in the picture each of the words (W) counted that a system used.

    `maps`: of each layer that attends, by its title, (W, h, w) float32: a place's shares of the
    words. The last layer's tell how much a word counted. What goes before may be other measures of
    it, whose titles say so: how much a place changes without the word.
    """

    words: tuple[str, ...]
    maps: Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Frame:
    """A moment of a drawing that grew: the picture so far, (S, S, 3) uint8 RGB.

    `window`: where it was changed last, left, top, right and bottom as shares of the side; it may
    reach beyond the picture.
    """

    picture: NDArray[np.uint8]
    window: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class Drawing:
    """What a system made of a narrative: a picture (S, S, 3) uint8 RGB, and what else it has.

    `tags`: the label of each word, (N,) uint8. `notes`: sentences about what was left out.
    `result`: every stage, where the paper's pipeline drew. `frames`: how the picture came about,
    the last one the picture, where a system draws in steps.
    """

    picture: NDArray[np.uint8]
    canvas: Canvas | None = None
    tags: NDArray[np.uint8] | None = None
    attention: WordAttention | None = None
    notes: tuple[str, ...] = ()
    result: "Result | None" = None
    frames: tuple[Frame, ...] = ()

    def resized(self, size: int) -> "Drawing":
        """The drawing with picture and canvas at another side in pixels."""
        if self.picture.shape[:2] == (size, size):
            return self
        return replace(
            self,
            picture=squeezed(Image.fromarray(self.picture), size),
            canvas=self.canvas and self.canvas.resized(size, size),
        )


class System(ABC):
    """Draws narratives; the same narrative, seed and take give the same drawing.

    `composes`: whether its drawings have a canvas, which can be saved in layers.
    `watch`: where it draws in steps and tells of them, is told how many are done, of how many;
    what it raises ends the drawing.
    """

    composes: ClassVar[bool] = False
    watch: Callable[[int, int], object] | None = None

    @classmethod
    @abstractmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """The folders and files of trained parts that its drawings depend on; loads nothing.

        Raises NotInstalled where something is missing without which there is no such system.
        """

    @classmethod
    @abstractmethod
    def load(cls, home: Home, device: str) -> "System":
        """Loads it; raises InputError where something is missing or damaged."""

    @abstractmethod
    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Draws a narrative; raises InputError for one that it cannot.

        `take`: how often it was drawn before, for systems that have no noise.
        """


class Editor(System):
    """A system that also changes a picture by words."""

    @abstractmethod
    def edit(self, picture: NDArray[np.uint8], words: str, seed: int = 0) -> Drawing:
        """What becomes of a picture (H, W, 3) uint8 RGB of any size; the frames lead there.

        Raises InputError for words that it cannot use.
        """
