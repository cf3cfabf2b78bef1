"""The painter's second stage: how a picture looks near by, as latents of a frozen autoencoder.

A flow told of a thumbnail beside the canvas (a cascade, Ho et al., JMLR 2022). It looks near by
alone: parts of pictures are samples, too.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from trecs.synthesis.painter.flow import integrate, moments_of, scaled_input, velocity_of
from trecs.synthesis.painter.told import CanvasReader, Told
from trecs.synthesis.painter.unet import UNet, UNetConfig, silence

CHANNELS = 32  # of the latents
STEPS = 16
"""Euler steps from noise to latents."""

UNTOLD = 0.1  # share of canvases that a training step hides
MOMENTS = 2  # the time, and how noisy the thumbnail is


@dataclass(frozen=True)
class LatentStageConfig:
    """The numbers of a stage."""

    network: UNetConfig = field(
        default_factory=lambda: UNetConfig((96, 192, 288), mixing="depthwise", dropout=0.0)
    )

    def __post_init__(self) -> None:
        if isinstance(self.network, dict):  # as config.json has it
            object.__setattr__(self, "network", UNetConfig(**self.network))

    @staticmethod
    def tiny() -> "LatentStageConfig":
        """Small enough for tests."""
        return LatentStageConfig(UNetConfig.tiny())


class LatentStage(nn.Module):
    """Draws latents (B, 32, h, w) beside thumbnails (B, 3, h, w) of what is told.

    `mean` and `spread`, (32, 1, 1): of the data's latents; within, they are standardised.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, config: LatentStageConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("mean", torch.zeros(CHANNELS, 1, 1))
        self.register_buffer("spread", torch.ones(CHANNELS, 1, 1))
        self.reader = CanvasReader(config.network.widths[0])
        self.network = UNet(config.network, CHANNELS + 3, CHANNELS, MOMENTS)
        silence(self.network.write)

    def standardised(self, latents: Tensor) -> Tensor:
        """Latents with mean 0 and spread 1 in each channel."""
        return (latents - self.mean) / self.spread

    def forward(
        self, noisy: Tensor, times: Tensor, thumbnails: Tensor, doubt: Tensor, told: Told
    ) -> Tensor:
        """The velocity of noisy standardised latents (B, 32, h, w) at `times` (B,).

        `thumbnails`: (B, 3, h, w) in [-1, 1], with normal noise of the spread `doubt` (B,).
        """
        kept = None
        if self.training:
            kept = (torch.rand(len(noisy), device=noisy.device) >= UNTOLD).float()
        return self._velocity(noisy, times, thumbnails, doubt, self.reader(told, kept))

    def draw(
        self, told: Told, thumbnails: Tensor, noise: Tensor, doubt: float = 0.0, steps: int = STEPS
    ) -> Tensor:
        """Latents, not standardised, from normal noise of their shape."""
        return self.finish(told, thumbnails, noise, 0, doubt, steps)

    def finish(
        self,
        told: Told,
        thumbnails: Tensor,
        noisy: Tensor,
        done: int,
        doubt: float = 0.0,
        steps: int = STEPS,
    ) -> Tensor:
        """Goes on with standardised latents of which `done` of the steps are done."""
        canvas = self.reader(told)
        doubts = noisy.new_full((len(noisy),), doubt)

        def end(state: Tensor, time: float) -> Tensor:
            times = state.new_full((len(state),), time)
            return state + (1 - time) * self._velocity(state, times, thumbnails, doubts, canvas)

        return integrate(noisy, end, moments_of(steps)[done:]) * self.spread + self.mean

    def _velocity(
        self, noisy: Tensor, times: Tensor, thumbnails: Tensor, doubt: Tensor, canvas: Tensor
    ) -> Tensor:
        seen = torch.cat([scaled_input(noisy, times), thumbnails], 1)
        rest = self.network(seen, torch.stack([times, doubt], 1), canvas)
        return velocity_of(rest, noisy, times)
