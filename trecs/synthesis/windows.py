"""Windows of pictures, which are learnt from in their place: a part of the cost, the same scale."""

from collections.abc import Sequence

import torch
from torch import Tensor

from trecs.synthesis.painter.told import SIDE


def drawn_windows(batch: int, side: int, size: int) -> list[tuple[int, int]]:
    """Where windows of `size` begin in pictures of `side`, top and left of each.

    At whole pixels of the thumbnail.
    """
    cell = side // SIDE
    last = (side - size) // cell
    return [(top * cell, left * cell) for top, left in torch.randint(last + 1, (batch, 2)).tolist()]


def cut(planes: Tensor, windows: Sequence[tuple[int, int]], size: int) -> Tensor:
    """Each one's window of planes (B, ..., H, W), (B, ..., size, size)."""
    return torch.stack(
        [
            plane[..., top : top + size, left : left + size]
            for plane, (top, left) in zip(planes, windows, strict=True)
        ]
    )


def same_quarter(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """A random window of half the side, the same of both: their grain at full resolution."""
    side = first.shape[-1] // 2
    top, left = torch.randint(side + 1, (2,)).tolist()
    window = (..., slice(top, top + side), slice(left, left + side))
    return first[window], second[window]
