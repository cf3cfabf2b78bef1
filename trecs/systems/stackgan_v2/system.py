"""Draws sentences with a trained StackGAN-v2: every stage's picture."""

import torch
from torch import nn

from trecs.systems.interface import Drawing, Frame
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption
from trecs.systems.stackgan_v2.config import StackGanV2Config
from trecs.systems.stackgan_v2.generator import Generator


class StackGanV2(CaptionSystem):
    """Draws a sentence's vector, by all stages."""

    kind, title, config_type = "stackgan_v2", "StackGAN-v2", StackGanV2Config

    @classmethod
    def made(cls, config: StackGanV2Config) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The last stage's picture of 64x64 pixels, and those of all."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = drawing.draw_noise(1, generator)
        drawn = drawing(noise.to(told.sentence), told.sentence, variation.to(told.sentence))
        frames = tuple(Frame(pixels(stage[0])) for stage in drawn.pictures)
        return Drawing(frames[-1].picture, frames=frames)
