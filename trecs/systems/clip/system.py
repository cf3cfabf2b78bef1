"""Draws words with CLIP: the painter's first stage, told of no canvas, is led by its cosine."""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from files.weights import BUNDLED
from segmentation.labels import UNLABELED
from trecs.installed import thumbnails_folder
from trecs.narrative import Narrative
from trecs.synthesis.painter.painter import load_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import POINTS, SIDE, Told
from trecs.synthesis.spade import enlarged
from trecs.systems.clip.guidance import Guidance, Moment, cut_outs, guided
from trecs.systems.interface import Drawing, Frame, Home, System
from trecs.systems.parts.caption_system import pixels, unused
from trecs.systems.parts.contrastive import KIND, MARKS, Contrastive

SIZE = 64  # pixels of a picture's side


class ClipSystem(System):
    """Draws the words that its tokens know; it sees no trace."""

    def __init__(
        self, clip: Contrastive, painter: ThumbnailStage, guidance: Guidance | None = None
    ) -> None:
        self.clip, self.guidance = clip, guidance or Guidance()
        self.painter = painter.eval().requires_grad_(False)
        with torch.no_grad():
            none = torch.zeros(1, device=clip.device)
            self._canvas = painter.reader(_nothing().to(clip.device), none)

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """Its weights with their tokens, and the painter's first stage."""
        painter = thumbnails_folder(home.checkpoint)
        painter = painter if painter.is_dir() else thumbnails_folder(BUNDLED)
        return home.part(KIND, "CLIP"), painter

    @classmethod
    def load(cls, home: Home, device: str) -> "ClipSystem":
        """Loads both."""
        clip, painter = cls.parts(home)
        return cls(Contrastive.load(clip, device), load_thumbnails(painter).to(device))

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Draws the words; raises InputError where none is known."""
        if not narrative.words:
            raise InputError("The narrative has no word, and CLIP reads nothing else.")
        text = " ".join(word.text for word in narrative.words)
        caption = self.clip.tokens.cut(text, self.clip.network.config.words - MARKS)
        moments = self.moments(text, seed)
        frames = tuple(Frame(pixels(moment.picture[0])) for moment in moments)
        first, last = moments[0].cosine, moments[-1].cosine
        fits = f"Its cosine with the words went from {first:.2f} to {last:.2f}."
        return Drawing(frames[-1].picture, notes=(*unused(caption), fits), frames=frames)

    @torch.inference_mode(False)
    @torch.no_grad()
    def moments(self, text: str, seed: int) -> list[Moment]:
        """The steps of a drawing; their pictures are (1, 3, SIZE, SIZE)."""
        numbers, generator = self.guidance, torch.Generator().manual_seed(seed)
        network, told = self.clip.network, self.clip.encode_texts([text])

        def denoised(noisy: Tensor, time: float) -> Tensor:
            end: Tensor = self.painter.network(noisy, noisy.new_full((1, 1), time), self._canvas)
            return end

        def cosine(small: Tensor) -> Tensor:
            picture = enlarged(small, SIZE, SIZE)
            side = network.config.side
            views = cut_outs(picture, numbers.cuts, side, numbers.least, generator)
            return functional.cosine_similarity(network.picture_features(views), told).mean()

        noise = torch.randn(1, 3, SIDE, SIDE, generator=generator).to(told)
        drawn = guided(denoised, noise, cosine, numbers.steps, numbers.strength)
        return [Moment(enlarged(small, SIZE, SIZE), fits) for small, fits in drawn]


def _nothing() -> Told:
    """A canvas without a label."""
    empty = torch.zeros(1, POINTS, POINTS, dtype=torch.int32)
    return Told.of(torch.full_like(empty, UNLABELED), empty)
