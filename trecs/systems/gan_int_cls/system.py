"""Draws sentences with a trained GAN-INT-CLS."""

import torch
from torch import nn

from trecs.systems.gan_int_cls.network import GanIntClsConfig, Generator
from trecs.systems.interface import Drawing
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption


class GanIntCls(CaptionSystem):
    """Draws a sentence's vector."""

    kind, title, config_type = "gan_int_cls", "GAN-INT-CLS", GanIntClsConfig

    @classmethod
    def made(cls, config: GanIntClsConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """A picture of 64x64 pixels."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise = torch.randn(1, drawing.noise, generator=generator)
        return Drawing(pixels(drawing(noise.to(told.sentence), told.sentence)[0]))
