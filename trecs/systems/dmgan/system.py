"""Draws sentences with a trained DM-GAN: every stage's picture, and which words its places read."""

import torch
from torch import nn

from trecs.systems.dmgan.config import DmGanConfig
from trecs.systems.dmgan.generator import Generator
from trecs.systems.interface import Drawing
from trecs.systems.parts.caption_system import CaptionSystem, Told, painted_by_words
from trecs.systems.parts.vocabulary import Caption


class DmGan(CaptionSystem):
    """Draws a sentence's vector, then what its words bring to the places that read them."""

    kind, title, config_type = "dmgan", "DM-GAN", DmGanConfig

    @classmethod
    def made(cls, config: DmGanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The last stage's picture of 64x64 pixels, those of all, and where each word was read."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = (one.to(told.sentence) for one in drawing.draw_noise(1, generator))
        drawn = drawing(noise, variation, told.sentence, told.words, told.padding)
        return painted_by_words(drawn.pictures, [read.attention for read in drawn.reads], caption)
