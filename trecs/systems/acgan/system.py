"""Draws the main label of a narrative with a trained AC-GAN."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from files.errors import InputError
from segmentation.labels import NAMES, value_of
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.systems.acgan.network import AcGanConfig, Generator, OneHot
from trecs.systems.interface import Drawing, Home
from trecs.systems.parts.caption_system import CaptionSystem, TextConfig, Told, pixels
from trecs.systems.parts.classes import amounts_of, main_label
from trecs.systems.parts.stages import with_stages
from trecs.systems.parts.vocabulary import Caption
from trecs.tagging.tagger import Tags


class AcGan(CaptionSystem):
    """Draws one class, that of which most words speak; its vocabulary has the labels' names."""

    kind, title, config_type = "acgan", "AC-GAN", AcGanConfig
    trecs: TReCS

    @classmethod
    def made(cls, config: AcGanConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    @classmethod
    def text_encoder(cls, config: TextConfig) -> nn.Module:
        """No more than the class."""
        return OneHot(config.text)

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """Its weights with their vocabulary, and what finds the words' labels."""
        return (*super().parts(home), *with_stages(home).stages("tagger"))

    @classmethod
    def load(cls, home: Home, device: str) -> "AcGan":
        """Loads the weights and the pipeline."""
        found = cls.read(cls.parts(home)[0], device)
        found.trecs = with_stages(home).pipeline(device)
        return found

    @torch.inference_mode()
    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Draws the main label of the words; raises InputError where there are none."""
        if not narrative.words:
            raise InputError("AC-GAN draws what words speak of, and the narrative has no word.")
        tags = self.trecs.tag(narrative)
        label, note = self._chosen(tags)
        drawing = self.painted(self.named(NAMES[label]), seed)
        return replace(drawing, tags=tags.labels, notes=(note,))

    def _chosen(self, tags: Tags) -> tuple[int, str]:
        """The class of which most words speak, else the likeliest; and a sentence about it."""
        known = [value_of(name) for name in self.vocabulary.words[1:]]
        label = main_label(amounts_of(tags.labels), known)
        if label is not None:
            return label, f"It draws one label: {NAMES[label]}."
        label = known[int(tags.probabilities.sum(0)[known].argmax())]
        return label, f"It draws one label, and none that the words speak of: {NAMES[label]}."

    def named(self, label: str) -> Caption:
        """A label that it knows as a caption."""
        return Caption((label,), (self.vocabulary.words.index(label),))

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """A picture of 64x64 pixels."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise = torch.randn(1, drawing.noise, generator=generator)
        return Drawing(pixels(drawing(noise.to(told.sentence), told.sentence)[0]))
