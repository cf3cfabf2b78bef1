"""Draws sentences with a trained PPAN: the picture of every level."""

import torch
from torch import nn

from trecs.systems.interface import Drawing
from trecs.systems.parts.caption_system import CaptionSystem, Told, painted_in_stages
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
        return painted_in_stages(self.networks.generator, told, generator)
