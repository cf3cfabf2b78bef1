"""The painter's first stage: what is where, in what colour and light, in 32 x 32 pixels.

A flow told of labels, instance edges and, where somebody gave them, colours of regions. It goes on
from the weights of the bundled generator's flow (`trecs.synthesis.thumbnail`): what that had not
(colours, the canvas in every block, further blocks) begins at zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from trecs.synthesis.painter.flow import integrate
from trecs.synthesis.painter.told import CanvasReader, Told
from trecs.synthesis.painter.unet import UNet, UNetConfig
from trecs.synthesis.thumbnail import ThumbnailFlow

STEPS = 8
"""Euler steps from noise to thumbnail."""

UNTOLD = 0.1  # share of canvases that a training step hides, for guidance


@dataclass(frozen=True)
class ThumbnailStageConfig:
    """The numbers of a stage.

    `guidance`: how far a step goes from what any picture may be towards what one of this canvas
    may be (classifier-free guidance, Ho and Salimans, 2022); 1 goes just there, any other takes
    twice the work.
    """

    network: UNetConfig = field(default_factory=lambda: UNetConfig(more=(0, 1, 1), attention=True))
    guidance: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.network, dict):  # as config.json has it
            object.__setattr__(self, "network", UNetConfig(**self.network))

    @staticmethod
    def tiny() -> "ThumbnailStageConfig":
        """Small enough for tests."""
        return ThumbnailStageConfig(UNetConfig.tiny())


class ThumbnailStage(nn.Module):
    """Draws thumbnails (B, 3, 32, 32) in [-1, 1] of what is told."""

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

    def draw(self, told: Told, noise: Tensor) -> Tensor:
        """Thumbnails of canvases, from normal noise of their shape."""
        return self.finish(told, noise, 0)

    def finish(self, told: Told, noisy: Tensor, done: int) -> Tensor:
        """Goes on with thumbnails of which `done` of STEPS steps are done."""
        guidance = self.config.guidance
        canvas = self.reader(told)
        if guidance != 1:
            canvas = torch.cat([canvas, self.reader(told, noisy.new_zeros(len(noisy)))])

        def velocity(state: Tensor, time: float) -> Tensor:
            moments = state.new_full((len(canvas), 1), time)
            if guidance == 1:
                end = self.network(state, moments, canvas)
            else:
                end, any_end = self.network(state.repeat(2, 1, 1, 1), moments, canvas).chunk(2)
                end = any_end + guidance * (end - any_end)
            return (end - state) / (1 - time)

        return integrate(noisy, velocity, STEPS, done).clamp(-1, 1)

    def begin_with(self, flow: ThumbnailFlow) -> None:
        """Takes over the weights of a flow that knows neither colours nor modulating canvases.

        Draws what the flow draws, whatever the further blocks. Raises ValueError where their
        widths differ.
        """
        if flow.config.widths != self.config.network.widths:
            raise ValueError(f"widths {flow.config.widths} and {self.config.network.widths}")
        state = {name: value.clone() for name, value in self.state_dict().items()}
        for name, value in _renamed(flow.state_dict()).items():
            if name == "reader.canvas.weight":  # what is told of colours comes last
                state[name][:, : value.shape[1]] = value
                state[name][:, value.shape[1] :] = 0
            else:
                state[name] = value
        self.load_state_dict(state)


def _renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A flow's parameters under the names that a stage has for them."""
    of_reader = ("label.", "relatives.", "canvas.")
    return {
        f"reader.{name}" if name.startswith(of_reader) else f"network.{name}": value
        for name, value in state.items()
    }
