"""Draws sentences with a trained HDGAN: the pictures of every side."""

import torch
from torch import nn

from trecs.systems.hdgan.config import HdGanConfig
from trecs.systems.hdgan.generator import Generator
from trecs.systems.interface import Drawing
from trecs.systems.parts.caption_system import CaptionSystem, Told, painted_in_stages
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
        return painted_in_stages(self.networks.generator, told, generator)
