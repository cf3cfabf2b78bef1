"""What the painter and the bundled generator make of scenes, stage by stage: for the pictures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trecs.data.pictures import to_pixels
from trecs.data.scenes import Scene
from trecs.evaluation.pictures import Painter as Paint
from trecs.synthesis.condition import Condition
from trecs.synthesis.painter import Painter
from trecs.synthesis.painter.autoencoder import Autoencoder
from trecs.synthesis.painter.batches import small
from trecs.synthesis.painter.painter import DOUBT
from trecs.synthesis.painter.told import Told
from trecs.synthesis.spade import SpadeGenerator, enlarged

ROWS = {
    "painted": "painter",
    "painted-given": "painter, given the photos' own thumbnails",
    "painted-enlarged": "the painter's thumbnails, enlarged by the generator",
    "decoded": "the photos through the autoencoder",
}


class PaintedScenes:
    """Pictures (S, S, 3) uint8 RGB of scenes of 256 x 256 pixels, by number and seed."""

    def __init__(
        self, scenes: list[Scene], painter: Path, autoencoder: Path, network: SpadeGenerator
    ) -> None:
        """Raises InputError where the painter's or the autoencoder's folder is unusable."""
        self.scenes, self.network = scenes, network
        self.painter = Painter.load(painter)
        self.decoder = Autoencoder.load(autoencoder)

    def rows(self) -> Iterator[tuple[str, Paint]]:
        """What draws each of ROWS."""
        yield "painted", lambda i, seed: self._painted(i, seed, self._thumbnail(i, seed))
        yield "painted-given", lambda i, seed: self._painted(i, seed, self._own(i), doubt=0.0)
        yield "painted-enlarged", self._enlarged
        yield "decoded", lambda i, _: self._decoded(i)

    def _told(self, i: int) -> Told:
        return Told.of_canvases(self.scenes[i].canvas)

    def _own(self, i: int) -> Tensor:
        return small(self.scenes[i].photo[None])

    def _thumbnail(self, i: int, seed: int) -> Tensor:
        return self.painter.thumbnail(self._told(i), seed)

    @torch.inference_mode()
    def _painted(
        self, i: int, seed: int, thumbnails: Tensor, doubt: float = DOUBT
    ) -> NDArray[np.uint8]:
        latents = self.painter.paint(self._told(i), thumbnails, seed, doubt=doubt)
        return to_pixels(self.decoder.decode(latents) * 2 - 1)[0]

    @torch.inference_mode()
    def _enlarged(self, i: int, seed: int) -> NDArray[np.uint8]:
        side = len(self.scenes[i].photo)
        noise = self.network.draw_noise(1, side, side, torch.Generator().manual_seed(seed))
        painting = enlarged(self._thumbnail(i, seed), side, side)
        return to_pixels(self.network(Condition.of(self.scenes[i].canvas), noise, painting))[0]

    @torch.inference_mode()
    def _decoded(self, i: int) -> NDArray[np.uint8]:
        photo = torch.from_numpy(self.scenes[i].photo.copy()).permute(2, 0, 1)[None].float() / 255
        return to_pixels(self.decoder.decode(self.decoder.encode(photo)) * 2 - 1)[0]
