"""The painter's first stage: what is where, in what colour and light, in 32 x 32 pixels.

A cascade (Ho et al., JMLR 2022): colours, light and coarse structure of the whole picture are
decided at once, where a small network can learn them from few photos; the generator adds edges and
texture. It is a flow (Lipman et al., ICLR 2023) told of labels, instance edges and, where somebody
gave them, colours of regions. Reconstructed; the paper's generator (SPADE) has no such part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from trecs.synthesis.painter.flow import integrate, moments_of
from trecs.synthesis.painter.told import CanvasReader, Told
from trecs.synthesis.painter.unet import UNet, UNetConfig

STEPS = 3
"""Steps of a flow from noise to thumbnail."""

TIMES = moments_of(STEPS, power=1.25)
"""When they are taken: a little early, for the contrast of photos (`benchmarks.steps`)."""

UNTOLD = 0.1  # share of canvases that a training step hides, for guidance


@dataclass(frozen=True)
class ThumbnailStageConfig:
    """The numbers of a stage.

    `guidance`: how far a step goes from what any picture may be towards what one of this canvas
    may be (classifier-free guidance, Ho and Salimans, 2022); 1 goes just there, any other takes
    twice the work. `times`: the moments that steps are taken at, and 1. `extrapolated`: see
    `integrate`.
    """

    network: UNetConfig = field(default_factory=lambda: UNetConfig(more=(0, 1, 1), attention=True))
    guidance: float = 1.5
    times: tuple[float, ...] = TIMES
    extrapolated: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.network, dict):  # as config.json has it
            object.__setattr__(self, "network", UNetConfig(**self.network))
        object.__setattr__(self, "times", tuple(self.times))

    @staticmethod
    def tiny() -> "ThumbnailStageConfig":
        """Small enough for tests."""
        return ThumbnailStageConfig(UNetConfig.tiny())


class ThumbnailStage(nn.Module):
    """Draws thumbnails (B, 3, 32, 32) in [-1, 1] of what is told.

    `changes`: how it was stored beside the flow that it was distilled from, if it was.
    """

    changes: Mapping[str, Tensor] | None = None

    def __init__(self, config: ThumbnailStageConfig) -> None:
        super().__init__()
        self.config = config
        self.reader = CanvasReader(config.network.widths[0])
        self.network = UNet(config.network, 3, 3)

    def forward(self, noisy: Tensor, times: Tensor, told: Told) -> Tensor:
        """The thumbnails that noisy ones (B, 3, 32, 32) at `times` (B,) probably come from."""
        kept = None
        if self.training:
            kept = (torch.rand(len(noisy), device=noisy.device) >= UNTOLD).float()
        end: Tensor = self.network(noisy, times[:, None], self.reader(told, kept))
        return end

    def moments_from(self, time: float) -> tuple[float, ...]:
        """What is left of its moments when a thumbnail is noisy as at one of them."""
        return tuple(moment for moment in self.config.times if moment >= time - 1e-6)

    def draw(self, told: Told, noise: Tensor) -> Tensor:
        """Thumbnails of canvases, from normal noise of their shape."""
        return self.finish(told, noise, self.config.times)

    def finish(self, told: Told, noisy: Tensor, moments: Sequence[float]) -> Tensor:
        """Goes on with noisy thumbnails, by `moments` from theirs to 1."""
        guidance = self.config.guidance
        canvas = self.reader(told)
        if guidance != 1:
            canvas = torch.cat([canvas, self.reader(told, noisy.new_zeros(len(noisy)))])

        def end(state: Tensor, time: float) -> Tensor:
            now = state.new_full((len(canvas), 1), time)
            states = state if guidance == 1 else state.repeat(2, 1, 1, 1)
            named: Tensor = self.network(states, now, canvas)  # (B or 2B, 3, 32, 32)
            if guidance == 1:
                return named
            here, anywhere = named.chunk(2)
            return anywhere + guidance * (here - anywhere)

        return integrate(noisy, end, moments, extrapolated=self.config.extrapolated).clamp(-1, 1)
