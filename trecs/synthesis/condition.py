"""What a generator is told: the label and the instance of every pixel."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from segmentation.canvas import Canvas
from segmentation.labels import COUNT, UNLABELED

CLASSES = COUNT + 1
"""The labels and, as the last class, unlabeled."""


class Condition(NamedTuple):
    """A batch of canvases as tensors (a named tuple, so that Fabric moves it between devices).

    `labels`: (B, H, W) int64, 0-181, 182 = unlabeled. `instances`: (B, H, W) int64.
    """

    labels: Tensor
    instances: Tensor

    @staticmethod
    def of(*canvases: Canvas, device: torch.device | str = "cpu") -> "Condition":
        """Stacks canvases of one size."""
        labels = np.stack([canvas.label_map for canvas in canvases]).astype(np.int64)
        labels[labels == UNLABELED] = COUNT
        instances = np.stack([canvas.instance_map for canvas in canvases]).astype(np.int64)
        return Condition(
            torch.from_numpy(labels).to(device), torch.from_numpy(instances).to(device)
        )

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.labels.shape[1], self.labels.shape[2]

    def resized(self, height: int, width: int) -> "Condition":
        """The canvases at another size, by nearest neighbour."""
        return Condition(*(nearest(values, height, width) for values in self))

    def to(self, device: torch.device | str) -> "Condition":
        """The canvases on a device."""
        return Condition(self.labels.to(device), self.instances.to(device))

    def taken(self, part: slice) -> "Condition":
        """A part of the batch."""
        return Condition(self.labels[part], self.instances[part])

    def edges(self) -> Tensor:
        """Instance edges, (B, H, W) bool.

        True where a pixel's instance differs from its left, right, upper or lower neighbour's
        (Park et al., CVPR 2019, the authors' `get_edges`).
        """
        instances = self.instances
        edges = torch.zeros_like(instances, dtype=torch.bool)
        across = instances[:, :, 1:] != instances[:, :, :-1]
        down = instances[:, 1:] != instances[:, :-1]
        edges[:, :, 1:] |= across
        edges[:, :, :-1] |= across
        edges[:, 1:] |= down
        edges[:, :-1] |= down
        return edges


def nearest(values: Tensor, height: int, width: int) -> Tensor:
    """A (B, H, W) tensor at another size: pixel i takes pixel floor(i H / height), like torch."""
    if values.shape[1:] == (height, width):
        return values
    rows = torch.arange(height, device=values.device) * values.shape[1] // height
    columns = torch.arange(width, device=values.device) * values.shape[2] // width
    return values[:, rows[:, None], columns]
