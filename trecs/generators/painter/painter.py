"""A trained painter, ready to draw: both stages, and a decoder to see the second's latents with."""

from pathlib import Path

import torch
from torch import Tensor

from retrieval.weights import halved, load_config, load_module, save_weights
from trecs.generators.painter.latents import CHANNELS, LatentStage, LatentStageConfig
from trecs.generators.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.generators.painter.told import SIDE, Told
from trecs.generators.spade import channels_last

DOUBT = 0.1
"""The noise that is added to drawn thumbnails, and told of, before latents are drawn beside them.

It covers what is wrong with them; the noisier, the less the second stage follows the first."""


class Painter:
    """Draws thumbnails of what is told, and latents beside thumbnails."""

    def __init__(self, thumbnails: ThumbnailStage, latents: LatentStage) -> None:
        self.thumbnails = channels_last(thumbnails.eval().requires_grad_(False))
        self.latents = channels_last(latents.eval().requires_grad_(False))

    @classmethod
    def load(cls, folder: Path) -> "Painter":
        """Reads a folder with a stage in `thumbnails/` and one in `latents/`.

        Raises InputError where one is missing or damaged.
        """
        return cls(load_thumbnails(folder / "thumbnails"), load_latents(folder / "latents"))

    @torch.inference_mode()
    def thumbnail(self, told: Told, seed: int) -> Tensor:
        """Thumbnails (B, 3, 32, 32) in [-1, 1]."""
        return self.thumbnails.draw(told, _noise((len(told.labels), 3, SIDE, SIDE), seed))

    @torch.inference_mode()
    def paint(self, told: Told, thumbnails: Tensor, seed: int, doubt: float = DOUBT) -> Tensor:
        """Latents (B, 32, 32, 32) beside thumbnails (B, 3, 32, 32) in [-1, 1]."""
        noise = _noise((len(thumbnails), CHANNELS, SIDE, SIDE), seed)
        blur = doubt * _noise(thumbnails.shape, seed + 1)
        return self.latents.draw(told, thumbnails + blur, noise, doubt)


def load_thumbnails(folder: Path) -> ThumbnailStage:
    """Reads a first stage; raises InputError where it is missing or damaged."""
    config = load_config(folder, "painter-thumbnails", ThumbnailStageConfig)
    return load_module(folder, lambda: ThumbnailStage(config))


def load_latents(folder: Path) -> LatentStage:
    """Reads a second stage; raises InputError where it is missing or damaged."""
    config = load_config(folder, "painter-latents", LatentStageConfig)
    return load_module(folder, lambda: LatentStage(config))


def save_thumbnails(folder: Path, stage: ThumbnailStage) -> None:
    """Writes a first stage, in half precision."""
    save_weights(folder, "painter-thumbnails", stage.config, halved(stage.state_dict()))


def save_latents(folder: Path, stage: LatentStage) -> None:
    """Writes a second stage, in half precision."""
    save_weights(folder, "painter-latents", stage.config, halved(stage.state_dict()))


def _noise(shape: tuple[int, ...], seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
