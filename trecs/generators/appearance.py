"""The appearance of a region in numbers: its colours, their slope, its contrast and its grain.

While a generator is trained, each region's numbers are measured on the photo, so that it need not
average over everything that a label can look like; afterwards they are drawn from what the
label's regions looked like, so that seeds differ in colour and light. Reconstructed, in the
spirit of region styles (SEAN, Zhu et al., CVPR 2020) and instance-adaptive noise (INADE, Tan et
al., CVPR 2021), with statistics in place of an encoder network.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.generators.condition import CLASSES

NUMBERS = 8
"""Brightness, red minus blue, green minus magenta; the slope of each from top to bottom; contrast
(the deviation of brightness); grain (the mean difference from a 3x3 blur)."""

TYPICAL = 0.6
"""Of the spread of looks that is drawn: rarer ones (dark, blue snow) are left out at the cost of
some variety, as by the truncation of GANs' noise (Brock et al., ICLR 2019). Chosen by eye."""


def measure(photo: Tensor, region: Tensor, count: int, down: Tensor) -> Tensor:
    """The appearance of every region of photos (B, 3, H, W) in [-1, 1], (count, NUMBERS) float32.

    `region` (B, H, W) int64 in [0, count): each pixel's region. `down` (B, H, W) float: where in
    its region's box a pixel lies, -1 at the top to 1 at the bottom.
    """
    red, green, blue = photo.float().unbind(1)
    brightness = (red + green + blue) / 3
    blurred = functional.avg_pool2d(brightness[:, None], 3, 1, 1, count_include_pad=False)[:, 0]
    grain = (brightness - blurred).abs()
    colours = torch.stack([brightness, red - blue, green - (red + blue) / 2], -1)
    down = down.float()
    maps = torch.cat(
        [
            colours,
            colours * down[..., None],
            torch.stack([brightness.square(), grain, down, down.square()], -1),
        ],
        -1,
    ).flatten(0, 2)  # (B*H*W, 10)
    region = region.flatten()
    sums = torch.zeros(count, maps.shape[1], device=maps.device).index_add_(0, region, maps)
    means = sums / torch.bincount(region, minlength=count).clamp(min=1)[:, None]
    colour, tilted, (square, grain, centre, spread) = means[:, :3], means[:, 3:6], means[:, 6:].T
    variance = (spread - centre.square()).clamp(min=0.01)
    slope = (tilted - colour * centre[:, None]) / variance[:, None]  # least squares
    contrast = (square - colour[:, 0].square()).clamp(min=0).sqrt()
    return torch.cat([colour, slope.clamp(-1, 1), contrast[:, None], grain[:, None]], 1)


class Appearance(nn.Module):
    """What the regions of each label looked like in training: `mean` and `spread` (183, 8)."""

    mean: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(CLASSES, NUMBERS))
        self.register_buffer("spread", torch.full((CLASSES, NUMBERS), 0.2))

    def learn(self, labels: Tensor, measured: Tensor, areas: Tensor, pseudo: float = 8.0) -> None:
        """Sets the statistics from regions' labels (R,) int64 and appearances (R, 8).

        Regions weigh by their `areas` (R,), so that the statistics are those of a label's pixels:
        fragments are darker than what they are fragments of. Rare labels lean on all regions
        together, as if they had `pseudo` regions of mean area besides.
        """
        weights = (areas / areas.float().mean())[:, None]  # (R, 1)
        total = torch.zeros(CLASSES, 1).index_add_(0, labels, weights) + pseudo

        def mean_of(values: Tensor) -> Tensor:
            sums = torch.zeros(CLASSES, NUMBERS).index_add_(0, labels, weights * values)
            return (sums + pseudo * (weights * values).mean(0)) / total

        self.mean.copy_(mean_of(measured))
        self.spread.copy_(mean_of((measured - self.mean[labels]).square()).sqrt())

    def drawn(self, labels: Tensor, noise: Tensor) -> Tensor:
        """How regions of `labels` (R,) differ from their labels' means for `noise` (R, 8)."""
        return noise * self.spread[labels] * TYPICAL

    def measured(self, labels: Tensor, measured: Tensor) -> Tensor:
        """How regions with appearances `measured` (R, 8) differ from their labels' means."""
        return measured - self.mean[labels]
