"""Draws captions with a trained SD-GAN: every stage's picture, and which words its norms asked."""

import torch
from torch import nn

from trecs.systems.interface import Drawing
from trecs.systems.parts.caption_system import CaptionSystem, Told, painted_by_words
from trecs.systems.parts.vocabulary import Caption
from trecs.systems.sdgan.config import SdGanConfig
from trecs.systems.sdgan.generator import Generator


class SdGan(CaptionSystem):
    """Draws a caption by norms that are told its sentence, then its words."""

    kind, title, config_type = "sdgan", "SD-GAN", SdGanConfig

    @classmethod
    def made(cls, config: SdGanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The last stage's picture of 64x64 pixels, those of all, and where each word counted."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = (one.to(told.sentence) for one in drawing.draw_noise(1, generator))
        drawn = drawing(noise, variation, told.sentence, told.words, told.padding)
        return painted_by_words(drawn.pictures, drawn.shares, caption)
