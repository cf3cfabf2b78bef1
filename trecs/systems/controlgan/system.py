"""Draws captions with a trained ControlGAN: all stages, by which words, and what each changes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from trecs.narrative import Narrative
from trecs.systems.controlgan.config import ControlGanConfig
from trecs.systems.controlgan.generator import Drawn, Generator
from trecs.systems.interface import Drawing, Frame, WordAttention
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.parts.vocabulary import Caption

CHANGE = "without it"


class ControlGan(CaptionSystem):
    """Draws a sentence, then its words by places and channels; changed words keep the noise."""

    kind, title, config_type = "controlgan", "ControlGAN", ControlGanConfig

    @classmethod
    def made(cls, config: ControlGanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    @torch.inference_mode()
    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Draws the words; raises InputError where none is known.

        Before where each word counted, it shows where the picture would be another one without it.
        """
        drawing = super().draw(narrative, seed, take)
        if drawing.attention is None or len(drawing.attention.words) == 1:
            return drawing
        words = drawing.attention.words
        maps = {CHANGE: self.changes(words, seed), **drawing.attention.maps}
        return replace(drawing, attention=WordAttention(words, maps))

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The last stage's picture of 64x64 pixels, those of all, and where each word counted.

        Of each later stage: what a word brought by the channels, and what places attended to.
        """
        drawn = self._generated(told, generator)
        frames = tuple(Frame(pixels(stage[0])) for stage in drawn.pictures)
        maps = dict[str, NDArray[np.float32]]()
        for stage, attended in enumerate(drawn.attended, 2):
            maps[f"stage {stage} channels"] = attended.channels.brought()[0].cpu().numpy()
            maps[f"stage {stage}"] = attended.words[0].cpu().numpy()
        attention = WordAttention(caption.words, maps) if maps else None
        return Drawing(frames[-1].picture, attention=attention, frames=frames)

    @torch.inference_mode()
    def changes(self, words: Sequence[str], seed: int) -> NDArray[np.float32]:
        """How much a picture of known words (W), two at least, changes without each (W, S, S).

        Each time the whole text is read again, and the noise is the same. The mean over colours
        of absolute differences, of pictures in [-1, 1].
        """
        numbers = self.vocabulary.encode(words, len(words)).numbers
        texts = [numbers, *(numbers[:n] + numbers[n + 1 :] for n in range(len(words)))]
        batch = TextBatch.of(texts, next(self.networks.parameters()).device)
        told = self.networks.read(batch)
        drawn = self._generated(told, torch.Generator().manual_seed(seed))
        whole, others = drawn.pictures[-1].split([1, len(words)])
        change: NDArray[np.float32] = (others - whole).abs().mean(1).cpu().numpy()
        return change

    def _generated(self, told: Told, generator: torch.Generator) -> Drawn:
        """What is drawn of texts, all of one noise."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise, variation = (
            one.to(told.words).expand(len(told.words), -1)
            for one in drawing.draw_noise(1, generator)
        )
        drawn: Drawn = drawing(noise, variation, told.sentence, told.words, told.padding)
        return drawn
