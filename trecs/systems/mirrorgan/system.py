"""Draws captions with a trained MirrorGAN: every stage's picture, and where it attended."""

import torch
from torch import nn

from trecs.systems.interface import Drawing, Frame, WordAttention
from trecs.systems.mirrorgan.config import MirrorGanConfig
from trecs.systems.mirrorgan.generator import Generator
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
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
        frames = tuple(Frame(pixels(stage[0])) for stage in drawn.pictures)
        maps = {
            f"stage {stage}": attended.words[0].cpu().numpy()
            for stage, attended in enumerate(drawn.attended, 2)
        }
        return Drawing(
            frames[-1].picture, attention=WordAttention(caption.words, maps), frames=frames
        )
