"""Draws sentences with DALL-E: several pictures, ranked by CLIP where one is installed."""

from pathlib import Path

import torch
from torch import Tensor, nn

from files.errors import InputError
from trecs.installed import part_folder
from trecs.systems.dalle.config import DalleConfig
from trecs.systems.dalle.network import DalleNetworks, Unread
from trecs.systems.interface import Drawing, Frame, Home
from trecs.systems.parts import contrastive
from trecs.systems.parts.caption_system import CaptionSystem, TextConfig, Told, pixels
from trecs.systems.parts.contrastive import Contrastive
from trecs.systems.parts.vocabulary import Caption


class Dalle(CaptionSystem):
    """Samples candidates and gives the one that fits the words best.

    `clip`: what ranks them; without it the last one is given.
    """

    kind, title, config_type = "dalle", "DALL-E", DalleConfig
    clip: Contrastive | None = None

    @classmethod
    def made(cls, config: DalleConfig) -> nn.Module:
        """Transformer and decoder."""
        return DalleNetworks(config)

    @classmethod
    def text_encoder(cls, config: TextConfig) -> nn.Module:
        """None: the transformer reads."""
        return Unread()

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """Its weights with their vocabulary, and CLIP where one is installed."""
        ranking = part_folder(home.checkpoint, contrastive.KIND)
        return (*super().parts(home), *([ranking] if ranking else []))

    @classmethod
    def load(cls, home: Home, device: str) -> "Dalle":
        """Loads the weights, and CLIP's where there are some."""
        folder, *ranking = cls.parts(home)
        found = cls.read(folder, device)
        if ranking:
            found.clip = Contrastive.load(ranking[0], device)
        return found

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The best candidate, and all of them, from the worst on."""
        networks = self.networks.generator
        assert isinstance(networks, DalleNetworks)
        drawn = networks([caption.numbers] * networks.config.candidates, generator)
        ranked, note = self._ranked(drawn, caption)
        frames = tuple(Frame(pixels(picture)) for picture in ranked)
        return Drawing(frames[-1].picture, frames=frames, notes=(note,))

    def _ranked(self, drawn: Tensor, caption: Caption) -> tuple[Tensor, str]:
        """Candidates (B, 3, S, S), the best one last, and a sentence about them."""
        told = f"The last of {len(drawn)} candidates"
        if self.clip is None:
            return drawn, f"{told}, in the order in which they were drawn: no CLIP ranks them."
        try:
            scores = self.clip.score(drawn, [" ".join(caption.words)])[:, 0]
        except InputError:
            return drawn, f"{told}, in the order in which they were drawn: CLIP knows no word."
        return drawn[scores.argsort()], f"{told}, ranked by CLIP; the last one fits best."
