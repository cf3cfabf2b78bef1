"""The systems that are compared: each draws a narrative, by a seed, and all look the same outside.

A further one is a class with a name and `draw`, and a line in `SYSTEMS`.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.weights import BUNDLED
from segmentation.canvas import Canvas
from trecs.data.dataset import Dataset
from trecs.hub import checkpoint_folder
from trecs.installed import attngan_folder
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.systems.photo.photo_index import PhotoIndex, squeezed
from trecs.systems.retrieval.best_scene import best_scene, text_vector


@dataclass(frozen=True, eq=False)
class Drawing:
    """What a system made: (S, S, 3) uint8 RGB, and the canvas and tags (N,) where it has them."""

    picture: NDArray[np.uint8]
    canvas: Canvas | None = None
    tags: NDArray[np.uint8] | None = None


class System(Protocol):
    """Draws narratives; the same narrative, seed and take give the same drawing."""

    title: str  # of its row in the table

    def draw(self, narrative: Narrative, seed: int, take: int) -> Drawing:
        """Draws a narrative; raises InputError for one that it cannot.

        `take`: how often it was drawn before, for systems that have no noise.
        """
        ...


class Maker(Protocol):
    """A system's class: knows the title, and makes the system of a studio."""

    title: str

    def __call__(self, studio: "Studio") -> System:
        """Loads what the system needs."""
        ...


@dataclass(frozen=True, eq=False)
class Studio:
    """What systems are made of: where the trained parts and the data are, and the size."""

    dataset: Dataset
    size: int
    cache: Path  # a folder for what takes long to compute
    checkpoint: Path | None = None
    library: Path | None = None
    generator: str | None = None

    @cached_property
    def trecs(self) -> TReCS:
        """The pipeline, loaded once."""
        return TReCS.from_pretrained(
            self.checkpoint, library=self.library, generator=self.generator
        )


class Traced:
    """TReCS, given the narrative with its trace."""

    title = "TReCS"

    def __init__(self, studio: Studio) -> None:
        self._trecs, self._size = studio.trecs, studio.size

    def draw(self, narrative: Narrative, seed: int, take: int) -> Drawing:
        """Runs the whole pipeline."""
        result = self._trecs(narrative, seed, size=self._size)
        assert result.image is not None
        return Drawing(result.image, result.canvas, result.tags.labels if result.tags else None)


class Predicted(Traced):
    """TReCS, given the words alone; the trace predictor draws the trace."""

    title = "TReCS without a trace"

    def draw(self, narrative: Narrative, seed: int, take: int) -> Drawing:
        """Runs the whole pipeline; raises InputError for a narrative without words."""
        if not narrative.words:
            raise InputError("The narrative has a trace and no words, so without it nothing.")
        return super().draw(narrative.without_trace(), seed, take)


class RetrievedScene:
    """The scene of the library that is most similar to the words, rendered whole."""

    title = "retrieval: the best scene, rendered"

    def __init__(self, studio: Studio) -> None:
        self._trecs, self._size = studio.trecs, studio.size

    def draw(self, narrative: Narrative, seed: int, take: int) -> Drawing:
        """Finds the scene as the pipeline does and renders it with the seed."""
        canvas = best_scene(self._trecs, narrative, self._size)
        return Drawing(self._trecs.synthesize(canvas, seed), canvas)


class RetrievedPhoto:
    """The training photo that is most similar to the words; the second take is the second best."""

    title = "retrieval: the best training photo"

    def __init__(self, studio: Studio) -> None:
        self._trecs, self._size = studio.trecs, studio.size
        self._photos = PhotoIndex.of(studio.dataset, studio.trecs.encoder, studio.cache)

    def draw(self, narrative: Narrative, seed: int, take: int) -> Drawing:
        """Finds the photo by the scene that it shows, as the pipeline finds scenes."""
        path = self._photos.nearest(text_vector(self._trecs, narrative), take)
        with Image.open(path) as photo:
            return Drawing(squeezed(photo, self._size))


class FromWords:
    """The AttnGAN of the checkpoint, or the imported one; its pictures are resized."""

    title = "AttnGAN"

    def __init__(self, studio: Studio) -> None:
        from trecs.systems.attngan.model import AttnGan

        folder = attngan_folder(checkpoint_folder(studio.checkpoint or BUNDLED))
        self._attngan, self._size = AttnGan.load(folder), studio.size

    def draw(self, narrative: Narrative, seed: int, take: int) -> Drawing:
        """Draws the words that it knows; raises InputError where there are none."""
        words = [word.text for word in narrative.words]
        picture = self._attngan.draw(words, seed).picture
        return Drawing(squeezed(Image.fromarray(picture), self._size))


SYSTEMS: dict[str, Maker] = {
    "retrieval": RetrievedScene,
    "photo": RetrievedPhoto,
    "attngan": FromWords,
    "traced": Traced,
    "predicted": Predicted,
}
CONTROL = "retrieval"
"""It is always among the systems: who does not beat it has drawn nothing of their own."""


def chosen(names: str | None, dataset: Dataset, checkpoint: Path | None = None) -> tuple[str, ...]:
    """The systems that a comma-separated list names, in the table's order, and the control.

    Without a list, all; `photo` only where there are training photos, and `attngan` only where
    one came with the checkpoint or was imported. Raises InputError for unknown names.
    """
    if names is None:
        lacking = set() if dataset.photos(held_back=False) else {"photo"}
        try:
            attngan_folder(checkpoint_folder(checkpoint or BUNDLED))
        except InputError:
            lacking.add("attngan")
        return tuple(name for name in SYSTEMS if name not in lacking)
    asked = [name.strip() for name in names.split(",")]
    unknown = [name for name in asked if name not in SYSTEMS]
    if unknown:
        raise InputError(f"No system '{unknown[0]}'; expected some of {', '.join(SYSTEMS)}.")
    return tuple(name for name in SYSTEMS if name in asked or name == CONTROL)
