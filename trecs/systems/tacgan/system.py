"""Draws sentences with a trained TAC-GAN."""

import torch
from torch import Tensor, nn

from trecs.systems.interface import Drawing
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption
from trecs.systems.tacgan.network import Generator, TacGanConfig


class TacGan(CaptionSystem):
    """Draws a sentence's vector."""

    kind, title, config_type = "tacgan", "TAC-GAN", TacGanConfig

    @classmethod
    def made(cls, config: TacGanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """A picture of 64x64 pixels."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise = uniform(torch.rand(1, drawing.noise, generator=generator))
        return Drawing(pixels(drawing(noise.to(told.sentence), told.sentence)[0]))


def uniform(drawn: Tensor) -> Tensor:
    """The authors' noise, in [-1, 1], of numbers in [0, 1]."""
    return 2 * drawn - 1
