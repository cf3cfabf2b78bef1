"""The painter's first stage: what is where, in what colour and light, in 32 x 32 pixels.

A cascade (Ho et al., JMLR 2022): colours, light and coarse structure of the whole picture are
decided at once, where a small network can learn them from few photos; the generator adds edges and
texture. It is a flow (Lipman et al., ICLR 2023) told of labels, instance edges and, where somebody
gave them, colours of regions. Beside the flow it learns shortcuts, by which it is at its end in
two or four steps (Frans et al., "One Step Diffusion via Shortcut Models", ICLR 2025).
Reconstructed; the paper's generator (SPADE) has no such part.
"""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.synthesis.painter.flow import integrate
from trecs.synthesis.painter.told import CanvasReader, Told
from trecs.synthesis.painter.unet import UNet, UNetConfig

STEPS = 8
"""Euler steps from noise to thumbnail, where none is a shortcut."""

JUMPS = (2, 4)
"""Shortcuts that a stage learns: the whole way in so many steps."""

FOLLOWED = 16
"""Euler steps of the flow that shortcuts learn from: fewer lose contrast."""

MOMENTS = "network.time.0.weight"  # the parameter that reads what is told of the moment
UNTOLD = 0.1  # share of canvases that a training step hides, for guidance


@dataclass(frozen=True)
class ThumbnailStageConfig:
    """The numbers of a stage.

    `guidance`: how far a step goes from what any picture may be towards what one of this canvas
    may be (classifier-free guidance, Ho and Salimans, 2022); 1 goes just there, any other takes
    twice the work. `shortcuts`: whether it is told of them. `steps`: from noise to thumbnail at
    use, STEPS or, with shortcuts, one of JUMPS.
    """

    network: UNetConfig = field(default_factory=lambda: UNetConfig(more=(0, 1, 1), attention=True))
    guidance: float = 1.0
    shortcuts: bool = False
    steps: int = STEPS

    def __post_init__(self) -> None:
        if isinstance(self.network, dict):  # as config.json has it
            object.__setattr__(self, "network", UNetConfig(**self.network))
        if self.steps != STEPS and not (self.shortcuts and self.steps in JUMPS):
            raise ValueError(f"steps {self.steps}; expected {STEPS}, or {JUMPS} with shortcuts")

    @staticmethod
    def tiny() -> "ThumbnailStageConfig":
        """Small enough for tests."""
        return ThumbnailStageConfig(UNetConfig.tiny(), shortcuts=True, steps=JUMPS[-1])


class ThumbnailStage(nn.Module):
    """Draws thumbnails (B, 3, 32, 32) in [-1, 1] of what is told."""

    def __init__(self, config: ThumbnailStageConfig) -> None:
        super().__init__()
        self.config = config
        self.reader = CanvasReader(config.network.widths[0])
        self.network = UNet(config.network, 3, 3, moments=1 + config.shortcuts)

    def forward(
        self, noisy: Tensor, times: Tensor, told: Told, jump: float | None = None
    ) -> Tensor:
        """The thumbnails that noisy ones (B, 3, 32, 32) at `times` (B,) probably come from.

        `jump`: told one, the ends of straight lines that after so much time, a part of 1, meet the
        curves that the flow follows from there.
        """
        kept = None
        if self.training and jump is None:
            kept = (torch.rand(len(noisy), device=noisy.device) >= UNTOLD).float()
        end: Tensor = self.network(noisy, self._moments(times, jump), self.reader(told, kept))
        return end

    def draw(self, told: Told, noise: Tensor) -> Tensor:
        """Thumbnails of canvases, from normal noise of their shape."""
        steps = self.config.steps
        return self._led(told, noise, steps, 0, None if steps == STEPS else 1 / steps)

    def finish(self, told: Told, noisy: Tensor, done: int) -> Tensor:
        """Goes on with thumbnails of which `done` of STEPS steps are done, without shortcuts."""
        return self._led(told, noisy, STEPS, done, None)

    def followed(self, told: Told, noisy: Tensor, times: Tensor, steps: int) -> Tensor:
        """Where the flow has come from `times` (B,) in so many of FOLLOWED steps."""
        canvas, state = self.reader(told), noisy
        for step in range(steps):
            now = times + step / FOLLOWED
            end = self.network(state, self._moments(now, None), canvas)
            state = state + (end - state) / (FOLLOWED * (1 - now)).view(-1, 1, 1, 1)
        return state

    def _led(self, told: Told, noisy: Tensor, steps: int, done: int, jump: float | None) -> Tensor:
        """Goes on with thumbnails of which `done` of so many steps are done."""
        guidance = self.config.guidance
        canvas = self.reader(told)
        if guidance != 1:
            canvas = torch.cat([canvas, self.reader(told, noisy.new_zeros(len(noisy)))])

        def velocity(state: Tensor, time: float) -> Tensor:
            moments = self._moments(state.new_full((len(canvas),), time), jump)
            if guidance == 1:
                end = self.network(state, moments, canvas)
            else:
                end, any_end = self.network(state.repeat(2, 1, 1, 1), moments, canvas).chunk(2)
                end = any_end + guidance * (end - any_end)
            return (end - state) / (1 - time)

        return integrate(noisy, velocity, steps, done).clamp(-1, 1)

    def _moments(self, times: Tensor, jump: float | None) -> Tensor:
        """What the network is told of the moment, (B, 1), or with shortcuts (B, 2)."""
        if not self.config.shortcuts:
            return times[:, None]
        return torch.stack([times, torch.full_like(times, jump or 0)], 1)


def with_shortcuts(stage: ThumbnailStage) -> ThumbnailStage:
    """A stage that is ready to learn shortcuts, and whose flow is the given one's."""
    if stage.config.shortcuts:
        return stage
    wider = ThumbnailStage(replace(stage.config, shortcuts=True, steps=JUMPS[-1]))
    state = stage.state_dict()
    told = state[MOMENTS]  # (T, 32), of shortcuts (T, 64)
    state[MOMENTS] = functional.pad(told, (0, told.shape[1]))
    wider.load_state_dict(state)
    return wider
