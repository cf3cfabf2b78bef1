"""The thumbnail a picture begins as: 32x32 pixels, drawn by a flow that reads the canvas.

A cascade (Ho et al., JMLR 2022): this network decides colours, light and coarse structure of the
whole picture at once, where a small network can learn them from few photos; the generator adds
edges and texture. It is a flow (Lipman et al., "Flow Matching for Generative Modeling", ICLR
2023): noise moves in a straight line to a thumbnail, and the network says where to.
Reconstructed; the paper's generator (SPADE) has no such part.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval.families import FAMILIES
from segmentation.labels import value_of
from trecs.synthesis.condition import CLASSES, Condition

SIDE = 32
"""Pixels of a thumbnail's side, whatever the picture's size: a seed's light stays the same."""

SAMPLES = 4
"""The canvas is read at SAMPLES x SAMPLES points of every pixel of the thumbnail."""

STEPS = 8
"""Euler steps from noise to thumbnail."""

LATEST = 0.9  # the last moment whose velocity is divided by the true time that is left
HIDDEN = 0.1  # share of labels that a training step knows by their family alone
UNTOLD = 0.1  # share of canvases that a training step hides, for guidance
FREQUENCIES = 16  # of the sines that tell the time


@dataclass(frozen=True)
class ThumbnailConfig:
    """The numbers of a flow.

    `widths`: channels at 32, 16 and 8 pixels a side. `dropout`: in training. `guidance`: how far a
    step goes from what any picture may be towards what one of this canvas may be
    (classifier-free guidance, Ho and Salimans, 2022). 1 goes just there; any other takes twice the
    work, and with 1.5 the bundled flow's pictures have a little more contrast.
    """

    widths: tuple[int, ...] = (64, 128, 256)
    dropout: float = 0.1
    guidance: float = 1.0

    @staticmethod
    def tiny() -> "ThumbnailConfig":
        """Small enough for tests."""
        return ThumbnailConfig((8, 8, 16))


class ThumbnailFlow(nn.Module):
    """A U-Net from a noisy thumbnail, the time and the canvas to the thumbnail without noise."""

    family: Tensor

    def __init__(self, config: ThumbnailConfig) -> None:
        super().__init__()
        self.config = config
        fine, middle, coarse = config.widths
        told = 4 * fine  # numbers that tell the time
        self.register_buffer("family", _families(), persistent=False)
        self.label = nn.Embedding(CLASSES, fine)
        self.relatives = nn.Embedding(len(FAMILIES) + 1, fine)
        nn.init.normal_(self.label.weight, std=0.5)
        nn.init.normal_(self.relatives.weight, std=0.5)
        self.canvas = nn.Conv2d(fine + 3, fine, 3, padding=1)
        self.time = nn.Sequential(
            nn.Linear(2 * FREQUENCIES, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU()
        )
        self.read = nn.Conv2d(3, fine, 3, padding=1)
        block = partial(_Block, told=told, dropout=config.dropout)
        self.down_0 = block(2 * fine, fine)
        self.down_1 = block(fine, middle)
        self.down_2 = block(middle, coarse)
        self.attend = _Attention(coarse)
        self.middle = block(coarse, coarse)
        self.up_1 = block(coarse + middle, middle)
        self.up_0 = block(middle + fine, fine)
        self.last = block(2 * fine, fine)
        self.write = nn.Conv2d(fine, 3, 3, padding=1)

    def forward(self, noisy: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """The thumbnails (B, 3, 32, 32) that noisy ones probably come from.

        `time` (B,) from 0, all noise, to 1, none.
        """
        told = self._told_of(condition)
        if self.training:
            told = _untold(told, torch.rand(len(told), device=told.device) >= UNTOLD)
        return self._denoised(noisy, time, self.canvas(told))

    def draw(self, condition: Condition, noise: Tensor) -> Tensor:
        """Thumbnails (B, 3, 32, 32) in [-1, 1] of canvases, from normal noise of that shape."""
        return self.finish(condition, noise, 0)

    def finish(self, condition: Condition, noisy: Tensor, done: int) -> Tensor:
        """Goes on with thumbnails (B, 3, 32, 32) of which `done` of STEPS steps are done."""
        told = self._told_of(condition)
        guidance = self.config.guidance
        canvas = self.canvas(told if guidance == 1 else torch.cat([told, _untold(told, 0)]))
        for step in range(done, STEPS):
            time = noisy.new_full((len(canvas),), step / STEPS)
            if guidance == 1:
                end = self._denoised(noisy, time, canvas)
            else:
                end, any_end = self._denoised(noisy.repeat(2, 1, 1, 1), time, canvas).chunk(2)
                end = any_end + guidance * (end - any_end)
            noisy = noisy + (end - noisy) / (STEPS - step)
        return noisy.clamp(-1, 1)

    def _told_of(self, condition: Condition) -> Tensor:
        """What the network is told of canvases, (B, fine + 3, 32, 32); last where a pixel is."""
        side = SIDE * SAMPLES
        seen = condition.resized(side, side)
        own = self.label.weight
        if self.training:
            own = own * (torch.rand_like(own[:, :1]) >= HIDDEN)
        rows = own + self.relatives(self.family)  # (183, C)
        planes = functional.embedding(seen.labels, rows).permute(0, 3, 1, 2)  # (B, C, 128, 128)
        edges = seen.edges()[:, None].float()  # (B, 1, 128, 128)
        line = torch.linspace(-1, 1, SIDE, device=rows.device)
        place = torch.stack(torch.meshgrid(line, line, indexing="ij"))  # (2, 32, 32)
        told = (
            functional.avg_pool2d(planes, SAMPLES),
            functional.avg_pool2d(edges, SAMPLES),
            place.expand(len(seen.labels), -1, -1, -1),
        )
        return torch.cat(told, 1)

    def _denoised(self, noisy: Tensor, time: Tensor, canvas: Tensor) -> Tensor:
        angle = time[:, None] * torch.pi * torch.arange(1, FREQUENCIES + 1, device=time.device)
        told = self.time(torch.cat([angle.sin(), angle.cos()], 1))  # (B, 4 * fine)
        fine = self.down_0(torch.cat([self.read(noisy), canvas], 1), told)  # (B, fine, 32, 32)
        middle = self.down_1(functional.avg_pool2d(fine, 2), told)  # (B, middle, 16, 16)
        x = self.down_2(functional.avg_pool2d(middle, 2), told)  # (B, coarse, 8, 8)
        x = self.middle(self.attend(x), told)
        x = self.up_1(torch.cat([_doubled(x), middle], 1), told)  # (B, middle, 16, 16)
        x = self.up_0(torch.cat([_doubled(x), fine], 1), told)  # (B, fine, 32, 32)
        x = self.last(torch.cat([x, canvas], 1), told)
        return self.write(functional.silu(x))


def velocity_loss(drawn: Tensor, true: Tensor, time: Tensor) -> Tensor:
    """The mean squared error of the velocity (flow matching, eq. 23, sigma_min 0), a scalar.

    The velocity that leads from the noisy thumbnail to another in the time left is their
    difference divided by that time, and so is its error; the last tenth counts like its start.
    """
    left = (1 - time).clamp(min=1 - LATEST)[:, None, None, None]
    return ((drawn - true) / left).square().mean()


class _Block(nn.Module):
    """Two convolutions around a shortcut; the time scales and shifts in between."""

    def __init__(self, inputs: int, outputs: int, *, told: int, dropout: float) -> None:
        super().__init__()
        self.norm_0 = nn.GroupNorm(8, inputs)
        self.conv_0 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm_1 = nn.GroupNorm(8, outputs)
        self.conv_1 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.dropout = nn.Dropout2d(dropout)
        self.modulate = nn.Linear(told, 2 * outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1)
        nn.init.zeros_(self.conv_1.weight)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        hidden = self.conv_0(functional.silu(self.norm_0(x)))
        scale, shift = self.modulate(told)[:, :, None, None].chunk(2, 1)
        hidden = self.norm_1(hidden) * (1 + scale) + shift
        return self.shortcut(x) + self.conv_1(self.dropout(functional.silu(hidden)))


class _Attention(nn.Module):
    """Every place looks at every other, so that the light agrees across the picture."""

    def __init__(self, channels: int, heads: int = 4) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.attention = nn.MultiheadAttention(channels, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.norm(x).flatten(2).transpose(1, 2)  # (B, H*W, C)
        seen, _ = self.attention(rows, rows, rows, need_weights=False)
        return x + seen.transpose(1, 2).reshape(x.shape)


def _untold(told: Tensor, kept: Tensor | int) -> Tensor:
    """Leaves what is told of a canvas as it is where it is `kept` (B,), else only the places."""
    kept = torch.as_tensor(kept, device=told.device).view(-1, 1, 1, 1)
    return torch.cat([told[:, :-2] * kept, told[:, -2:]], 1)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2)


def _families() -> Tensor:
    """The family of each label, (183,) int64; 0 for those without."""
    family = torch.zeros(CLASSES, dtype=torch.int64)
    for number, members in enumerate(FAMILIES.values(), 1):
        family[[value_of(name) for name in members]] = number
    return family
