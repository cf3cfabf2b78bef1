"""The appearance of a region: a thumbnail of its colours, its contrast and its grain.

While a generator is trained, each region's appearance is measured on the photo, so that it need
not average over everything that a label can look like; afterwards it is drawn from what the
label's regions looked like, so that seeds differ in colour and light and a person has a face's
colour above a shirt's. Reconstructed, in the spirit of region styles (SEAN, Zhu et al., CVPR 2020)
and instance-adaptive noise (INADE, Tan et al., CVPR 2021), with principal components in place of
an encoder network.

A thumbnail is a sum of cosines of the place in the region's box, a coefficient for each and each
colour. An appearance is these `ROWS * COLUMNS` x 3 numbers, then contrast (the deviation of
brightness from the thumbnail) and grain (its mean difference from a 3x3 blur), both times `FINE`.
"""

from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trecs.generators.condition import CLASSES

ROWS, COLUMNS = 6, 4
"""Cosines from the top of a region's box to its bottom, and from its left to its right."""

FINE = 4.0
"""Brings contrast and grain to the size of coefficients, so that components heed them."""

NUMBERS = ROWS * COLUMNS * 3 + 2
COMPONENTS = 16
"""Principal components of a label's appearances that are drawn; the others stay at the mean."""

SUMMARY = 8
"""Brightness, red minus blue, green minus magenta; the slope of each from top to bottom; contrast;
grain: what the norms are told of an appearance."""

TYPICAL = 0.8
"""Of the spread of looks that is drawn: rarer ones (dark, blue snow) are left out at the cost of
some variety, as by the truncation of GANs' noise (Brock et al., ICLR 2019). Chosen by eye."""

UNTRAINED = 0.2  # how much looks vary before anything is learned
ENOUGH = 4096  # pixels to measure a region by; of a larger one, about so many, evenly spaced
SMOOTHNESS = 0.002  # how much a coefficient must explain, times its squared frequency


class Looks(NamedTuple):
    """Measured appearances `values` (N, NUMBERS), and each pixel's row, `rows` (B, H, W) int64."""

    values: Tensor
    rows: Tensor


def measure(
    photo: NDArray[np.uint8], region: NDArray[np.integer], places: NDArray[np.floating]
) -> NDArray[np.float32]:
    """The appearance of every region of a photo (H, W, 3), (R, NUMBERS).

    `region` (H, W), 0 to R - 1: each pixel's region. `places` (H, W, 2): see
    `trecs.generators.condition.places_of`. Thumbnails are ridge regressions: what a region's
    pixels do not tell, like the rest of its box, stays smooth.
    """
    colours = photo.astype(np.float32) / 127.5 - 1
    brightness = colours.mean(2)
    grain = np.abs(brightness - cv2.blur(brightness, (3, 3), borderType=cv2.BORDER_REPLICATE))
    colours, brightness, grain = colours.reshape(-1, 3), brightness.ravel(), grain.ravel()
    where = torch.from_numpy(places.reshape(-1, 2).astype(np.float32))
    frequency = np.add.outer(np.arange(ROWS) ** 2, np.arange(COLUMNS) ** 2).ravel()
    penalty = np.diag(SMOOTHNESS * frequency.astype(np.float32) + 1e-6)

    by_region = np.argsort(region, axis=None, kind="stable")
    ends = np.cumsum(np.bincount(region.ravel()))
    measured = np.empty((len(ends), NUMBERS), np.float32)
    for number, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        pixels = by_region[start : end : (end - start) // ENOUGH + 1]
        functions = cosines(where[pixels]).numpy()
        squares = functions.T @ functions / len(pixels) + penalty
        thumbnail = np.linalg.solve(squares, functions.T @ colours[pixels] / len(pixels))
        left = brightness[pixels] - functions @ thumbnail.mean(1)
        fine = FINE * np.sqrt(np.mean(left**2)), FINE * grain[pixels].mean()
        measured[number] = *thumbnail.ravel(), *fine  # thumbnail: (ROWS * COLUMNS, 3)
    return measured


def mirrored(looks: NDArray[np.float32]) -> NDArray[np.float32]:
    """The appearances (R, NUMBERS) of a mirrored photo's regions."""
    signs = np.ones((ROWS, COLUMNS, 3), np.float32)
    signs[:, 1::2] = -1
    return looks * np.append(signs.ravel(), [1, 1]).astype(np.float32)


def cosines(places: Tensor) -> Tensor:
    """The thumbnails' functions at places (..., 2) in [-1, 1], (..., ROWS * COLUMNS) float."""
    angle = (places + 1) * (torch.pi / 2)
    down = torch.cos(angle[..., :1] * torch.arange(ROWS, device=places.device))
    across = torch.cos(angle[..., 1:] * torch.arange(COLUMNS, device=places.device))
    return (down[..., :, None] * across[..., None, :]).flatten(-2)


def paint(looks: Tensor, region: Tensor, places: Tensor) -> Tensor:
    """The thumbnails of appearances (R, NUMBERS), painted: (B, 3, H, W) float in [-1, 1].

    `region` (B, H, W) int64: each pixel's row of `looks`. `places`: (B, H, W, 2) float.
    """
    thumbnails = looks[:, :-2].unflatten(1, (ROWS * COLUMNS, 3))
    painted = torch.einsum("bhwk,bhwkc->bchw", cosines(places), thumbnails[region])
    return painted.clamp(-1, 1)


def summarised(difference: Tensor) -> Tensor:
    """How regions differ from their labels' means, (R, NUMBERS), in `SUMMARY` numbers."""
    thumbnails = difference[:, :-2].unflatten(1, (ROWS, COLUMNS, 3))
    red, green, blue = thumbnails[:, :2, 0].unbind(2)  # each (R, 2): the level, and the way down
    brightness = (red + green + blue) / 3
    colours = torch.stack([brightness, red - blue, green - (red + blue) / 2], 1)  # (R, 3, 2)
    # A line from -1 to 1 has the cosine coefficient -8 / pi^2.
    slope = colours[..., 1] * (-(torch.pi**2) / 8)
    return torch.cat([colours[..., 0], slope, difference[:, -2:] / FINE], 1)


class Appearance(nn.Module):
    """What the regions of each label looked like in training.

    `mean` (183, NUMBERS) and `factors` (183, NUMBERS, COMPONENTS): principal components, as long
    as the deviation along them. The sign of each is such that it brightens.
    """

    mean: Tensor
    factors: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(CLASSES, NUMBERS))
        self.register_buffer(
            "factors", UNTRAINED * torch.eye(NUMBERS, COMPONENTS).repeat(CLASSES, 1, 1)
        )

    def learn(self, labels: Tensor, measured: Tensor, areas: Tensor, pseudo: float = 8.0) -> None:
        """Sets the statistics from regions' labels (R,) int64 and appearances (R, NUMBERS).

        Regions weigh by their `areas` (R,), so that the statistics are those of a label's pixels:
        fragments are darker than what they are fragments of. Rare labels lean on all regions
        together, as if they had `pseudo` regions of mean area besides.
        """
        weights = areas / areas.float().mean()
        total = torch.zeros(CLASSES).index_add_(0, labels, weights) + pseudo
        sums = torch.zeros(CLASSES, NUMBERS).index_add_(0, labels, weights[:, None] * measured)
        overall = (weights[:, None] * measured).mean(0)
        self.mean.copy_((sums + pseudo * overall) / total[:, None])

        difference = measured - self.mean[labels]
        scaled = difference * weights[:, None].sqrt()
        common = scaled.T @ scaled / len(scaled)
        brightening = summarised(torch.eye(NUMBERS))[:, 0]
        for label in range(CLASSES):
            own = scaled[labels == label]
            covariance = (own.T @ own + pseudo * common) / total[label]
            variances, components = torch.linalg.eigh(covariance)
            variances, components = variances[-COMPONENTS:], components[:, -COMPONENTS:]
            signs = torch.where(brightening @ components < 0, -1.0, 1.0)
            factors = components * signs * variances.clamp(min=0).sqrt()
            self.factors[label] = factors.flip(1)  # the longest first

    def drawn(self, labels: Tensor, noise: Tensor) -> Tensor:
        """Appearances (R, NUMBERS) for regions of `labels` (R,) and `noise` (R, COMPONENTS)."""
        spread = torch.einsum("rnk,rk->rn", self.factors[labels], noise)
        return self.mean[labels] + TYPICAL * spread
