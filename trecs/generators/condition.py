"""What a generator is told: the label and the instance of every pixel."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmentation.canvas import Canvas
from segmentation.labels import COUNT, UNLABELED

CLASSES = COUNT + 1
"""The labels and, as the last class, unlabeled."""


class Condition(NamedTuple):
    """A batch of canvases as tensors (a named tuple, so that Fabric moves it between devices).

    `labels`: (B, H, W) int64, 0-181, 182 = unlabeled. `instances`: (B, H, W) int64.
    `places`: (B, H, W, 2) float, see `places_of`.
    """

    labels: Tensor
    instances: Tensor
    places: Tensor

    @staticmethod
    def of(
        *canvases: Canvas,
        places: Sequence[NDArray[np.floating]] | None = None,
        device: torch.device | str = "cpu",
    ) -> "Condition":
        """Stacks canvases of one size.

        `places`: those of each canvas where it was cut from a larger one; else its own.
        """
        labels = np.stack([canvas.label_map for canvas in canvases]).astype(np.int64)
        labels[labels == UNLABELED] = COUNT
        instances = np.stack([canvas.instance_map for canvas in canvases]).astype(np.int64)
        where = np.stack(places if places is not None else [places_of(c) for c in canvases])
        return Condition(
            torch.from_numpy(labels).to(device),
            torch.from_numpy(instances).to(device),
            torch.from_numpy(where.astype(np.float32)).to(device),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.labels.shape[1], self.labels.shape[2]

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


def regions_of(canvas: Canvas) -> NDArray[np.int64]:
    """The number of each pixel's region, (H, W), from 0 on.

    A region is an instance of a thing or all pixels of one label's stuff.
    """
    keys = canvas.label_map.astype(np.int64) << 32 | canvas.instance_map
    return np.unique(keys, return_inverse=True)[1].reshape(keys.shape)


def places_of(canvas: Canvas) -> NDArray[np.float32]:
    """Where each pixel lies in its region's box, (H, W, 2) float32: down and across, -1 to 1."""
    region = regions_of(canvas)
    count = int(region.max()) + 1
    places = np.empty((*region.shape, 2), np.float32)
    for axis in (0, 1):
        position = np.indices(region.shape)[axis]
        low = np.full(count, region.shape[axis])
        high = np.zeros(count, int)
        np.minimum.at(low, region, position)
        np.maximum.at(high, region, position)
        centre, half = (low + high) / 2, (high - low + 1) / 2
        places[..., axis] = (position - centre[region]) / half[region]
    return places


def nearest(values: Tensor, height: int, width: int) -> Tensor:
    """A (B, H, W) tensor at another size: pixel i takes pixel floor(i H / height), like torch."""
    if values.shape[1:] == (height, width):
        return values
    rows = torch.arange(height, device=values.device) * values.shape[1] // height
    columns = torch.arange(width, device=values.device) * values.shape[2] // width
    return values[:, rows[:, None], columns]
