"""Draws sentences with a trained HDGAN: the pictures of every side."""

import torch
from torch import nn

from trecs.systems.hdgan.config import HdGanConfig
from trecs.systems.hdgan.generator import Generator
from trecs.systems.interface import Drawing, Frame
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption


class HdGan(CaptionSystem):
    """Draws a sentence's vector, on every side."""

    kind, title, config_type = "hdgan", "HDGAN", HdGanConfig

    @classmethod
    def made(cls, config: HdGanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The largest picture, of 64x64 pixels, and those of all sides."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = drawing.draw_noise(1, generator)
        drawn = drawing(noise.to(told.sentence), told.sentence, variation.to(told.sentence))
        frames = tuple(Frame(pixels(picture[0])) for picture in drawn.pictures)
        return Drawing(frames[-1].picture, frames=frames)
