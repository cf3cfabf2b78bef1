"""Normalisation that the canvas modulates: spatially adaptive (SPADE) and class-adaptive (CLADE).

Both normalise features without parameters and then scale and shift every pixel by
`(1 + gamma) x + beta`, where gamma and beta depend on what the canvas holds there.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.synthesis.condition import CLASSES, Condition, nearest

SPADE_HIDDEN = 128
INSTANCES = 2**32  # more than an instance map can number


class LabelPlanes:
    """The canvas as SPADE's norms read it: one-hot labels and instance edges at any resolution.

    `planes`: (B, 184, H, W) float; channels 0-181 labels, 182 unlabeled, 183 edges.
    """

    def __init__(self, condition: Condition) -> None:
        one_hot = functional.one_hot(condition.labels, CLASSES)
        planes = torch.cat([one_hot, condition.edges()[..., None]], -1)
        self.planes = planes.permute(0, 3, 1, 2).float()
        self._resized: dict[tuple[int, int], Tensor] = {}

    def at(self, height: int, width: int) -> Tensor:
        """The planes at a resolution, by nearest neighbour; each is computed once."""
        key = (height, width)
        if key not in self._resized:
            self._resized[key] = functional.interpolate(self.planes, key, mode="nearest")
        return self._resized[key]


class SpatiallyAdaptiveNorm(nn.Module):
    """SPADE (Park et al., CVPR 2019, eq. 1): gamma and beta are convolutions of the label map.

    Parameter names are the authors', so that their released weights load.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.param_free_norm = nn.BatchNorm2d(channels, affine=False)
        self.mlp_shared = nn.Sequential(
            nn.Conv2d(CLASSES + 1, SPADE_HIDDEN, 3, padding=1), nn.ReLU()
        )
        self.mlp_gamma = nn.Conv2d(SPADE_HIDDEN, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(SPADE_HIDDEN, channels, 3, padding=1)

    def forward(self, x: Tensor, canvas: LabelPlanes) -> Tensor:
        """Normalises and modulates x (B, C, H, W)."""
        hidden = self.mlp_shared(canvas.at(x.shape[2], x.shape[3]))  # (B, 128, H, W)
        gamma, beta = self.mlp_gamma(hidden), self.mlp_beta(hidden)  # (B, C, H, W)
        return self.param_free_norm(x) * (1 + gamma) + beta


@dataclass(frozen=True, eq=False)
class Regions:
    """The canvas as CLADE's norms read it: a list of regions and each pixel's place in it.

    A region is one instance (or one label's stuff) of one picture. `labels` (R,) int64,
    `noise` (R, Z) float, `index` (B, H, W) int64: twice the region's number, plus one on an
    instance edge.
    """

    labels: Tensor
    noise: Tensor
    index: Tensor

    @staticmethod
    def of(condition: Condition, noise: Tensor) -> "Regions":
        """Finds the regions and draws each one's noise.

        `noise` (B, 1 + N, Z): row 0 is the whole picture's; a region mixes it half and half
        (by variance) with the row that its label and instance select, so that the light is
        common and the objects differ.
        """
        labels, instances = condition.labels, condition.instances
        picture = torch.arange(len(labels), device=labels.device)[:, None, None]
        keys = (picture * CLASSES + labels) * INSTANCES + instances
        unique, region = torch.unique(keys, return_inverse=True)
        label, instance = (unique // INSTANCES) % CLASSES, unique % INSTANCES
        owner = unique // (INSTANCES * CLASSES)
        # Knuth's multiplicative hash spreads neighbouring labels and instances over the rows.
        row = 1 + (label * 4096 + instance) * 2654435761 % (noise.shape[1] - 1)
        mixed = (noise[owner, 0] + noise[owner, row]) * 0.5**0.5  # (R, Z)
        return Regions(label, mixed, region * 2 + condition.edges())

    def at(self, height: int, width: int) -> Tensor:
        """The index at a resolution, by nearest neighbour, (B, height, width)."""
        return nearest(self.index, height, width)


class ClassAdaptiveNorm(nn.Module):
    """CLADE (Tan et al., TPAMI 2021): gamma and beta are looked up by the label.

    Reconstructed beyond it: a region's noise and its instance edges shift its row of the table
    before the look-up, so that noise and edges cost nothing per pixel.
    """

    def __init__(self, channels: int, noise: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.table = nn.Embedding(CLASSES, 2 * channels)
        self.from_noise = nn.Linear(noise, 2 * channels, bias=False) if noise else None
        self.edge = nn.Parameter(torch.zeros(2 * channels))
        nn.init.normal_(self.table.weight, std=0.1)
        if self.from_noise is not None:
            nn.init.normal_(self.from_noise.weight, std=0.1 / noise**0.5)

    def forward(self, x: Tensor, canvas: Regions) -> Tensor:
        """Normalises and modulates x (B, C, H, W)."""
        rows = self.table(canvas.labels)  # (R, 2C)
        if self.from_noise is not None:
            rows = rows + self.from_noise(canvas.noise)
        rows = torch.stack([rows, rows + self.edge], 1).flatten(0, 1)  # (2R, 2C)
        gamma, beta = rows.chunk(2, 1)  # each (2R, C)
        gamma = 1 + gamma
        if self.training:
            x = self.norm(x)
        else:  # the statistics are fixed: what few rows take up spares a pass over the pixels
            gamma = gamma * torch.rsqrt(self.norm.get_buffer("running_var") + self.norm.eps)
            beta = beta - gamma * self.norm.get_buffer("running_mean")
        index = canvas.at(x.shape[2], x.shape[3])
        looked_up = functional.embedding(index, torch.cat([gamma, beta], 1).to(x.dtype))
        gamma, beta = looked_up.permute(0, 3, 1, 2).chunk(2, 1)  # each (B, C, H, W)
        return torch.addcmul(beta, x, gamma)
