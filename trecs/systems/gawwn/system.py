"""Draws narratives with a trained GAWWN: the words, and each region in its box."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from segmentation.labels import NAMES
from trecs.alignment.regions import Region
from trecs.narrative import Narrative
from trecs.pipeline import TReCS
from trecs.systems.gawwn.network import GawwnConfig, Generator
from trecs.systems.gawwn.places import KIND_OF, Box, maps_of
from trecs.systems.interface import Drawing, Home
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels, unused
from trecs.systems.parts.stages import with_stages
from trecs.systems.parts.vocabulary import Caption

STAGES = ("tagger", "trace", "alignment")


class Gawwn(CaptionSystem):
    """Draws a sentence's vector and boxes; the pipeline's first stages say where these are.

    A folder that has GAWWN alone is completed by the stages that come with the studio.
    """

    kind, title, config_type = "gawwn", "GAWWN", GawwnConfig
    trecs: TReCS
    boxes: tuple[Box, ...] = ()  # of the narrative that is drawn

    @classmethod
    def made(cls, config: GawwnConfig) -> nn.Module:
        """The generator."""
        return Generator(config)

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """Its weights with their vocabulary, and what finds regions."""
        return (*super().parts(home), *with_stages(home).stages(*STAGES))

    @classmethod
    def load(cls, home: Home, device: str) -> "Gawwn":
        """Loads the weights and the pipeline."""
        found = cls.read(cls.parts(home)[0], device)
        found.trecs = with_stages(home).pipeline(device)
        return found

    @torch.inference_mode()
    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Draws words and trace; without words the regions' labels are the words.

        Raises InputError where there are words and none is known.
        """
        regions = self.trecs.align(narrative, self.trecs.tag(narrative), seed)
        spoken = [word.text for word in narrative.words]
        if spoken:
            caption = self.vocabulary.encode(spoken, self.networks.config.words)
        else:
            caption = self._named(regions)
        return replace(self.placed(caption, boxes_of_regions(regions), seed), notes=unused(caption))

    @torch.inference_mode()
    def placed(self, caption: Caption, boxes: tuple[Box, ...], seed: int) -> Drawing:
        """Draws a caption with things in boxes."""
        self.boxes = boxes
        return self.painted(caption, seed)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """A picture with things in the boxes."""
        drawing = self.networks.generator
        assert isinstance(drawing, Generator)
        noise = torch.randn(1, drawing.noise, generator=generator).to(told.sentence)
        maps = maps_of(self.boxes)[None].to(told.sentence)
        return Drawing(pixels(drawing(noise, told.sentence, maps)[0]))

    def _named(self, regions: tuple[Region, ...]) -> Caption:
        """The labels' names as a caption; its end alone where none is known."""
        names = [part for region in regions for part in NAMES[region.label].split("-")]
        known = [name for name in names if name in self.vocabulary.words]
        if not known:
            return Caption((), (0,))
        return self.vocabulary.encode(known, self.networks.config.words)


def boxes_of_regions(regions: tuple[Region, ...]) -> tuple[Box, ...]:
    """The boxes round what was drawn of each region."""
    return tuple(
        Box(KIND_OF[region.label], *region.hull.min(0), *region.hull.max(0))
        for region in regions
        if len(region.hull)
    )
