"""Reading from pictures and writing on canvases by grids of Gaussian filters.

Gregor et al., DRAW (ICML 2015), section 3.2. Five numbers place a window of N x N filters: its
centre, how far filters stand apart, how wide each one is, and how strong all are.
"""

from typing import NamedTuple

import torch
from torch import Tensor

NUMBERS = 5  # of a window: g~x, g~y, log sigma^2, log delta~, log gamma (equation 21)
LEAST = 1e-9  # sum of a filter that lies outside of the picture
AUTHORS_LEAST = 1e-4  # the same in alignDRAW's code, which adds it


class Window(NamedTuple):
    """Where a grid of filters lies, in pixels; each (B,)."""

    x: Tensor  # its centre, g_X
    y: Tensor  # g_Y
    variance: Tensor  # sigma^2 of each filter
    stride: Tensor  # delta: from one filter to the next
    strength: Tensor  # gamma

    @staticmethod
    def of(numbers: Tensor, height: int, width: int, count: int) -> "Window":
        """That of numbers (B, 5), of `count` filters along each side (equations 22 to 24)."""
        x, y, variance, stride, strength = numbers.unbind(1)
        apart = (max(height, width) - 1) / (count - 1)
        return Window(
            (width + 1) / 2 * (x + 1),
            (height + 1) / 2 * (y + 1),
            variance.exp(),
            apart * stride.exp(),
            strength.exp(),
        )


class Filters(NamedTuple):
    """The filters of a window along both sides, F_X (B, N, width) and F_Y (B, N, height)."""

    x: Tensor
    y: Tensor
    strength: Tensor  # gamma (B,)

    @staticmethod
    def of(
        window: Window, height: int, width: int, count: int, *, authors: bool = False
    ) -> "Filters":
        """Those of a window (equations 19, 20, 25 and 26).

        `authors`: as alignDRAW's code has them, whose filters and pixels are numbered from 0 and
        whose N / 2 is whole: its windows begin a filter before, half of one where N is odd, and a
        pixel after those of the paper.
        """
        sides = (window.x, width), (window.y, height)
        x, y = (_filters(centre, window, size, count, authors) for centre, size in sides)
        return Filters(x, y, window.strength)

    def read(self, picture: Tensor) -> Tensor:
        """gamma F_Y x F_X^T: the patch (B, C, N, N) of pictures (B, C, H, W) (equation 27)."""
        return self.strength[:, None, None, None] * _between(self.y, picture, self.x.mT)

    def write(self, patch: Tensor) -> Tensor:
        """F_Y^T w F_X / gamma: what a patch (B, C, N, N) adds, (B, C, H, W) (equation 29)."""
        return _between(self.y.mT, patch, self.x) / self.strength[:, None, None, None]


def _between(rows: Tensor, pictures: Tensor, columns: Tensor) -> Tensor:
    """Products (B, C, M, K) of (B, M, H), every channel of (B, C, H, W), and (B, W, K).

    All channels are in one product of matrices.
    """
    channels = pictures.shape[1]
    beside = pictures.transpose(1, 2).flatten(2)  # (B, H, C*W)
    halfway = (rows @ beside).unflatten(2, (channels, -1)).flatten(1, 2)  # (B, M*C, W)
    return (halfway @ columns).unflatten(1, (-1, channels)).transpose(1, 2)


def _filters(centre: Tensor, window: Window, size: int, count: int, authors: bool) -> Tensor:
    """One side's (B, N, size): Gaussians over its pixels, each of sum 1."""
    first = 0 if authors else 1
    numbers = torch.arange(first, first + count, device=centre.device)
    middle = (count // 2 if authors else count / 2) + 0.5
    means = centre[:, None] + (numbers - middle) * window.stride[:, None]  # (B, N)
    pixels = torch.arange(first, first + size, device=centre.device)
    apart = pixels - means[..., None]  # (B, N, size)
    values = (-apart.square() / (2 * window.variance[:, None, None])).exp()
    sums = values.sum(2, keepdim=True)
    return values / (sums + AUTHORS_LEAST if authors else sums.clamp(min=LEAST))
