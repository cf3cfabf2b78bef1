"""A trained painter, ready to draw: both stages, and a decoder to see the second's latents with."""

from pathlib import Path

import torch
from torch import Tensor

from files.weights import BUNDLED, halved, load_config, load_module, save_weights
from trecs.device import channels_last
from trecs.synthesis.painter.latents import CHANNELS, LatentStage, LatentStageConfig
from trecs.synthesis.painter.noise import noise_of
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.painter.told import Told

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
    def thumbnail(self, told: Told, seed: int, noise: Tensor | None = None) -> Tensor:
        """Thumbnails (B, 3, 32, 32) in [-1, 1].

        `noise`: (B, 3, 32, 32) in place of the seed's, such as `region_noise` gives.
        """
        return self.thumbnails.draw(told, _given(noise, seed, len(told.labels), 3))

    @torch.inference_mode()
    def paint(
        self,
        told: Told,
        thumbnails: Tensor,
        seed: int,
        *,
        doubt: float = DOUBT,
        noise: Tensor | None = None,
    ) -> Tensor:
        """Latents (B, 32, 32, 32) beside thumbnails (B, 3, 32, 32) in [-1, 1].

        `doubt`: how much noise is added to the thumbnails, 0 to 0.5; none for a photo's own.
        `noise`: (B, 32, 32, 32) in place of the seed's.
        """
        blur = doubt * noise_of(seed + 1, len(thumbnails), 3)
        begun = _given(noise, seed, len(thumbnails), CHANNELS)
        return self.latents.draw(told, thumbnails + blur, begun, doubt)


def load_thumbnails(folder: Path) -> ThumbnailStage:
    """Reads a first stage; raises InputError where it is missing or damaged."""
    config = load_config(folder, "painter-thumbnails", ThumbnailStageConfig)
    return load_module(folder, lambda: ThumbnailStage(config))


def bundled_thumbnails() -> ThumbnailStage:
    """The first stage that comes with the repository."""
    return load_thumbnails(BUNDLED / "painter" / "thumbnails")


def load_latents(folder: Path) -> LatentStage:
    """Reads a second stage; raises InputError where it is missing or damaged."""
    config = load_config(folder, "painter-latents", LatentStageConfig)
    return load_module(folder, lambda: LatentStage(config))


def save_thumbnails(folder: Path, stage: ThumbnailStage) -> None:
    """Writes a first stage, wide rows as 8-bit numbers and the rest in half precision."""
    state = halved(stage.state_dict())
    save_weights(folder, "painter-thumbnails", stage.config, state, int8=True)


def save_latents(folder: Path, stage: LatentStage) -> None:
    """Writes a second stage, as the first."""
    save_weights(folder, "painter-latents", stage.config, halved(stage.state_dict()), int8=True)


def _given(noise: Tensor | None, seed: int, batch: int, channels: int) -> Tensor:
    return noise_of(seed, batch, channels) if noise is None else noise
