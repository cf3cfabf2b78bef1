"""Draws sentences with a trained CI-GAN, and edits pictures by words."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trecs.systems.cigan.config import CiGanConfig
from trecs.systems.cigan.editing import edited
from trecs.systems.cigan.generator import Noise
from trecs.systems.cigan.network import CiGanNetworks
from trecs.systems.interface import Drawing, Editor, Frame
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels, unused
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.parts.vocabulary import Caption


class CiGan(CaptionSystem, Editor):
    """Draws the code of the words, and leads a picture's own code there."""

    kind, title, config_type = "cigan", "CI-GAN", CiGanConfig

    @classmethod
    def made(cls, config: CiGanConfig) -> nn.Module:
        """All networks but the text encoder and the judges."""
        return CiGanNetworks(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """G(t), and the pictures on the way from the mean code to t, of the same noise."""
        networks = self._parts
        noise = self._noise(generator, networks.config.frames)
        shares = torch.linspace(0, 1, networks.config.frames).to(told.sentence)
        codes = shares[:, None] * networks.words(told.sentence)
        return _drawing(networks.draw(codes, noise))

    def edit(self, picture: NDArray[np.uint8], words: str, seed: int = 0) -> Drawing:
        """What becomes of a picture (H, W, 3) uint8 RGB of any size by words.

        The frames lead from what its code is drawn as, G(E(x)), to the edited picture. Raises
        InputError where no word is known.
        """
        networks, config = self._parts, self._parts.config
        caption = self.vocabulary.encode(words, self.networks.config.words)
        small = cv2.resize(picture, (config.side, config.side), interpolation=cv2.INTER_AREA)
        with torch.inference_mode(False), torch.no_grad():
            batch = TextBatch.of([caption.numbers], networks.mean.device)
            told = networks.words(self.networks.read(batch).sentence)
            x = torch.from_numpy(small).to(told.device).permute(2, 0, 1)[None] / 127.5 - 1
            noise = self._noise(torch.Generator().manual_seed(seed))
            with torch.enable_grad():
                codes = torch.cat(list(edited(networks, x, told, noise)))
            every = -(-config.edit_steps // config.frames)
            shown = torch.cat([codes[:-1:every], codes[-1:]])
            drawn = networks.draw(shown, [one.expand(len(shown), -1, -1, -1) for one in noise])
        drawing = _drawing(drawn)
        return Drawing(drawing.picture, frames=drawing.frames, notes=unused(caption))

    @property
    def _parts(self) -> CiGanNetworks:
        networks = self.networks.generator
        assert isinstance(networks, CiGanNetworks)
        return networks

    def _noise(self, generator: torch.Generator, times: int = 1) -> Noise:
        """The noise of one picture, for as many of it."""
        drawn = self._parts.generator.draw_noise(1, generator)
        return [one.to(self._parts.mean).expand(times, -1, -1, -1) for one in drawn]


def _drawing(pictures: Tensor) -> Drawing:
    """Pictures (N, 3, S, S), the last of which is what was drawn."""
    frames = tuple(Frame(pixels(picture)) for picture in pictures)
    return Drawing(frames[-1].picture, frames=frames)
