"""The collage: a canvas drawn with the photos of a library."""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from retrieval.painted import scene_masks
from retrieval.scene_side import SceneMasks, batch_of
from segmentation.canvas import Canvas
from segmentation.told_colours import ToldColours
from trecs.synthesis.collage.chosen import Chosen
from trecs.synthesis.collage.harmony import Repainter, relit
from trecs.synthesis.collage.pasting import pasted
from trecs.synthesis.collage.sources import Sources
from trecs.synthesis.generator import Generator
from trecs.synthesis.steering import steered

LIKE = 50  # scenes of the library that are like a canvas
LARGEST = 512  # pixels of a collage's side, as of the photos; larger ones are enlarged
NOTHING = Chosen()


class Collage:
    """Draws canvases with a library's photos, and with a generator where it has none that fit.

    `repainter`: what makes it of one piece, where it is at hand.
    """

    def __init__(
        self,
        library: SceneLibrary,
        encoder: DualEncoder,
        generator: Generator,
        repainter: Repainter | None = None,
    ) -> None:
        """Raises InputError where the library has no photos or another encoder's embeddings."""
        if library.photos is None:
            raise InputError(
                f"The library '{library.folder}' has no photos to make a collage of; build one "
                "with `trecs library build --photos DIR` and give it with --library."
            )
        encoder.check_embedded(library)
        self.library, self._sources = library, Sources(library)
        self._encoder, self._generator, self._repainter = encoder, generator, repainter

    @staticmethod
    def of(
        library: SceneLibrary,
        encoder: DualEncoder,
        generator: Generator,
        painter: Path,
        autoencoder: Path | None,
    ) -> "Collage":
        """One that the painter in a folder paints over, if its autoencoder's folder is told."""
        repainter = Repainter(painter, autoencoder) if autoencoder is not None else None
        return Collage(library, encoder, generator, repainter)

    @staticmethod
    def found(
        library: SceneLibrary,
        own: Path,
        encoder: DualEncoder,
        generator: Generator,
        painter: Path,
        autoencoder: Path | None,
    ) -> "Collage":
        """As `of`, with the user's own library, in the folder `own`, where this has no photos."""
        return Collage.of(photo_library(library, own), encoder, generator, painter, autoencoder)

    def render(
        self,
        canvas: Canvas,
        seed: int = 0,
        size: int = 256,
        chosen: Chosen = NOTHING,
        told: ToldColours | None = None,
    ) -> NDArray[np.uint8]:
        """Draws a canvas of any size as a (size, size, 3) uint8 RGB picture.

        `chosen`: the masks that the canvas was composed of; for what they do not tell, photos are
        found by label and silhouette. `told`: colours of its regions, reached at the end. The same
        arguments give the same picture.
        """
        side = min(size, LARGEST)
        canvas = canvas.resized(side, side)
        rng = np.random.default_rng(seed)
        parts = self._sources.parts(canvas, chosen, self._like(canvas), rng)
        drawn = None
        if any(part.origin is None for part in parts) or not parts:
            drawn = (self._generator.render(canvas, seed, side, told) / 255).astype(np.float32)
        if not any(part.origin is not None for part in parts):
            return self._generator.render(canvas, seed, size, told)
        picture = pasted(parts, self.library, drawn, side, rng)
        if self._generator.flow is not None:
            picture = relit(picture, canvas, self._generator.flow, seed)
        if self._repainter is not None:
            picture = self._repainter.repainted(picture, canvas, seed)
        if side != size:
            picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC)
        pixels = (np.clip(picture, 0, 1) * 255).round().astype(np.uint8)
        return pixels if told is None else steered(pixels, told.resized(size, size))

    @torch.inference_mode()
    def _like(self, canvas: Canvas) -> list[int]:
        """The scenes of the library that show most nearly what a canvas shows, best first."""
        masks = scene_masks(canvas.label_map, canvas.instance_map)
        scene = SceneMasks(
            np.array([label for label, _ in masks], np.uint8),
            np.array([mask.box for _, mask in masks], np.float32).reshape(-1, 4),
            np.array([mask.area for _, mask in masks], np.float32),
        )
        vector = self._encoder.scene(*batch_of([scene]))[0].numpy()
        found = self.library.search(vector, min(LIKE, self.library.scene_count))
        return [index for index, _ in found]


def photo_library(library: SceneLibrary, own: Path) -> SceneLibrary:
    """A library itself where it has photos, else the user's own, in the folder `own`.

    Raises InputError where neither has any.
    """
    if library.photos is not None or not own.is_dir():
        return library
    return SceneLibrary.open(own)
