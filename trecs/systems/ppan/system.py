"""Draws sentences with a trained PPAN: the picture of every level."""

import torch
from torch import nn

from trecs.systems.interface import Drawing, Frame
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption
from trecs.systems.ppan.config import PpanConfig
from trecs.systems.ppan.generator import Generator


class Ppan(CaptionSystem):
    """Draws a sentence's vector, on every level of the pyramid."""

    kind, title, config_type = "ppan", "PPAN", PpanConfig

    @classmethod
    def made(cls, config: PpanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The last level's picture of 64x64 pixels, and those of all."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = drawing.draw_noise(1, generator)
        drawn = drawing(noise.to(told.sentence), told.sentence, variation.to(told.sentence))
        frames = tuple(Frame(pixels(picture[0])) for picture in drawn.pictures)
        return Drawing(frames[-1].picture, frames=frames)
