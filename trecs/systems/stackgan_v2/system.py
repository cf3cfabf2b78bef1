"""Draws sentences with a trained StackGAN-v2: every stage's picture."""

import torch
from torch import nn

from trecs.systems.interface import Drawing
from trecs.systems.parts.caption_system import CaptionSystem, Told, painted_in_stages
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
        return painted_in_stages(self.networks.generator, told, generator)
