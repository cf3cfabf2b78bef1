"""Draws sentences with a trained FusedGAN: the structure alone, then beside the words."""

import torch
from torch import nn

from trecs.systems.fusedgan.network import Drawn, FusedGanConfig, Generator
from trecs.systems.interface import Drawing, Frame
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption


class FusedGan(CaptionSystem):
    """Draws a sentence's vector over a structure that the seed alone decides."""

    kind, title, config_type = "fusedgan", "FusedGAN", FusedGanConfig

    @classmethod
    def made(cls, config: FusedGanConfig) -> nn.Module:
        """The generator of both branches."""
        return Generator(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """A picture of 64x64 pixels, and before it what the other branch draws of its structure."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = (one.to(told.sentence) for one in drawing.draw_noise(1, generator))
        alone, drawn = drawing(noise), drawing(noise, told.sentence, variation)
        assert isinstance(drawn, Drawn)
        frames = tuple(Frame(pixels(pictures[0])) for pictures in (alone, drawn.pictures))
        return Drawing(frames[-1].picture, frames=frames)
