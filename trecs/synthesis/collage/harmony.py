"""One light over a collage: it is made noisy in part, and a flow that knows pictures goes on.

As SDEdit does (Meng et al., ICLR 2022). The painter's first stage mends the thumbnail, and the
picture takes over the difference, which has no details; where the painter and its autoencoder are
at hand, the painter mends the latents, too, details and all.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from segmentation.canvas import Canvas
from trecs.synthesis.painter.autoencoder import Autoencoder
from trecs.synthesis.painter.flow import mixed
from trecs.synthesis.painter.latents import STEPS
from trecs.synthesis.painter.noise import noise_of
from trecs.synthesis.painter.painter import load_latents
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import SIDE, Told

LIT = (0.625, 0.75, 0.875, 1.0)  # moments of the thumbnail's flow from the collage on
SHARE = 0.6  # of the change of light that the thumbnail's flow makes
KEPT_LATENTS = 12  # of the latents' 16 steps
PAINTED = 256  # pixels of a picture's side that the painter paints


@torch.inference_mode()
def relit(
    picture: NDArray[np.float32], canvas: Canvas, flow: ThumbnailStage, seed: int
) -> NDArray[np.float32]:
    """A collage (S, S, 3) in [0, 1] of a canvas, with the light that the first stage gives it."""
    device = flow.network.write.weight.device
    small = _tensor(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    time = torch.tensor([LIT[0]])
    noise = torch.randn(small.shape, generator=torch.Generator().manual_seed(seed))
    noisy = mixed(small, noise, time).to(device)
    mended = flow.finish(Told.of_canvases(canvas).to(device), noisy, LIT).cpu()
    change = (mended - small)[0].permute(1, 2, 0).numpy() / 2
    large = cv2.resize(change, picture.shape[:2], interpolation=cv2.INTER_CUBIC)
    return np.clip(picture + SHARE * large, 0, 1).astype(np.float32)


class Repainter:
    """The painter's second stage between the encoder and the decoder of its autoencoder."""

    def __init__(self, painter: Path, autoencoder: Path) -> None:
        """Raises InputError where a folder is missing or damaged."""
        self.stage = load_latents(painter / "latents").eval().requires_grad_(False)
        self.autoencoder = Autoencoder.load(autoencoder)

    @torch.inference_mode()
    def repainted(
        self, picture: NDArray[np.float32], canvas: Canvas, seed: int
    ) -> NDArray[np.float32]:
        """A collage (S, S, 3) in [0, 1], encoded, made noisy in part and painted.

        The painter paints 256x256 pixels; of another size, the picture takes over what it changes.
        """
        small = cv2.resize(picture, (PAINTED, PAINTED), interpolation=cv2.INTER_AREA)
        pixels, stage = _tensor(small), self.stage
        clean = stage.standardised(self.autoencoder.encode((pixels + 1) / 2))
        time = torch.tensor([KEPT_LATENTS / STEPS])
        noisy = mixed(clean, noise_of(seed, 1, clean.shape[1]), time)
        thumbnail = functional.adaptive_avg_pool2d(pixels, clean.shape[2])
        told = Told.of_canvases(canvas)
        latents = stage.finish(told, thumbnail, noisy, KEPT_LATENTS)
        painted = self.autoencoder.decode(latents)[0].permute(1, 2, 0).numpy()
        if len(picture) == PAINTED:
            return painted
        size = picture.shape[:2]
        return picture + cv2.resize(painted - small, size, interpolation=cv2.INTER_CUBIC)


def _tensor(picture: NDArray[np.float32]) -> torch.Tensor:
    """A picture (S, S, 3) in [0, 1] as (1, 3, S, S) in [-1, 1]."""
    return torch.from_numpy(picture).permute(2, 0, 1)[None] * 2 - 1
