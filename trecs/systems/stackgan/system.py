"""Draws sentences with a trained StackGAN: the sketch, then the picture."""

import torch
from torch import nn

from trecs.systems.interface import Drawing, Frame
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption
from trecs.systems.stackgan.config import StackGanConfig
from trecs.systems.stackgan.generator import Generator


class StackGan(CaptionSystem):
    """Draws a sentence's vector, by as many stages as have been trained."""

    kind, title, config_type = "stackgan", "StackGAN", StackGanConfig

    @classmethod
    def made(cls, config: StackGanConfig) -> nn.Module:
        """The generator of both stages."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """A picture of 64x64 pixels, and that of the first stage."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variations = drawing.draw_noise(1, generator)
        stages = drawing(noise.to(told.sentence), told.sentence, variations.to(told.sentence))
        frames = tuple(Frame(pixels(drawn.pictures[0])) for drawn in stages)
        return Drawing(frames[-1].picture, frames=frames)
