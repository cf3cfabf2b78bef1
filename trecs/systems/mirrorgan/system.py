"""Draws captions with a trained MirrorGAN: every stage's picture, and where it attended."""

import torch
from torch import nn

from trecs.systems.interface import Drawing
from trecs.systems.mirrorgan.config import MirrorGanConfig
from trecs.systems.mirrorgan.generator import Generator
from trecs.systems.parts.caption_system import CaptionSystem, Told, painted_by_words
from trecs.systems.parts.vocabulary import Caption


class MirrorGan(CaptionSystem):
    """Draws a sentence, then its words, by all stages."""

    kind, title, config_type = "mirrorgan", "MirrorGAN", MirrorGanConfig

    @classmethod
    def made(cls, config: MirrorGanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The last stage's picture of 64x64 pixels, those of all, and the later ones' words."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = (part.to(told.words) for part in drawing.draw_noise(1, generator))
        drawn = drawing(noise, variation, told.sentence, told.words, told.padding)
        return painted_by_words(drawn.pictures, [one.words for one in drawn.attended], caption)
