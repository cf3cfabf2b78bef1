"""Generators of the SPADE family: a label map, upsampled through modulated residual blocks.

One class serves the official network (Park et al., CVPR 2019; 97.48 M parameters at 256x256)
and our small class-adaptive one; only the configuration differs.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import spectral_norm

from trecs.synthesis.condition import CLASSES, Condition, nearest
from trecs.synthesis.normalization import (
    ClassAdaptiveNorm,
    LabelPlanes,
    Regions,
    SpatiallyAdaptiveNorm,
)
from trecs.synthesis.painter.told import SIDE

Padding = Literal["zeros", "replicate"]
UPSAMPLINGS = 5
PAINTED = 0.95  # of the painting's range, so that its logits are finite
LEAST = 1e-6  # size of features that is told from none
LIMIT = 4.0  # of the bundled network; most pixels' features stay below 3
NOISE_ROWS = 64  # rows of noise a picture's regions choose from; row 0 belongs to the picture


@dataclass(frozen=True)
class SpadeConfig:
    """The numbers of a generator.

    `widths`: channels of the input, of the blocks head, middle_0, middle_1 and of up_0 to up_3.
    """

    norm: Literal["spade", "clade"] = "clade"
    widths: tuple[int, ...] = (256, 256, 256, 256, 192, 128, 64, 32)
    noise: int = 32  # numbers of noise for each region; 0 for the official network
    texture: bool = True  # per-pixel noise with a learned strength for each channel
    smooth: bool = True  # upsample bilinearly; nearest neighbour, as SPADE does, shows its blocks
    spectral: bool = False  # spectral normalisation of the blocks' convolutions
    replicate: bool = False  # blocks up to an eighth of the picture's side see its border go on
    painting: bool = False  # a picture begins as one that is given, an enlarged thumbnail
    limit: float = 0.0  # of a pixel's features after each block, see `limited`; 0 for none

    @staticmethod
    def bundled() -> "SpadeConfig":
        """The network that comes with the repository."""
        return SpadeConfig(noise=0, replicate=True, painting=True, limit=LIMIT)

    def __post_init__(self) -> None:
        if self.norm == "spade" and self.noise:
            raise ValueError("SPADE's norm takes no noise; use class-adaptive normalisation.")

    @staticmethod
    def official(ngf: int = 64) -> "SpadeConfig":
        """The released COCO-Stuff network; `ngf` 64 has its size."""
        widths = tuple(ngf * k for k in (16, 16, 16, 16, 8, 4, 2, 1))
        return SpadeConfig("spade", widths, noise=0, texture=False, smooth=False, spectral=True)

    @staticmethod
    def tiny() -> "SpadeConfig":
        """The same path as the bundled network, small enough for tests."""
        return replace(SpadeConfig.bundled(), widths=(8, 8, 8, 8, 8, 8, 4, 4))


class SpadeBlock(nn.Module):
    """A residual block with modulated norms (Park et al., 2019, figure 4)."""

    def __init__(
        self, inputs: int, outputs: int, config: SpadeConfig, *, coarse: bool = False
    ) -> None:
        super().__init__()

        def norm(channels: int) -> nn.Module:
            if config.norm == "spade":
                return SpatiallyAdaptiveNorm(channels)
            return ClassAdaptiveNorm(channels, config.noise)

        self.limit = config.limit
        middle = min(inputs, outputs)
        padding: Padding = "replicate" if coarse and config.replicate else "zeros"
        self.conv_0 = _conv(inputs, middle, 3, config.spectral, padding=padding)
        self.conv_1 = _conv(middle, outputs, 3, config.spectral, padding=padding)
        self.norm_0 = norm(inputs)
        self.norm_1 = norm(middle)
        self.texture = nn.Parameter(torch.zeros(middle, 1, 1)) if config.texture else None
        self.paint = (
            nn.Conv2d(3, middle, 3, padding=1, padding_mode="replicate", bias=False)
            if config.painting
            else None
        )
        if inputs != outputs:
            self.conv_s = _conv(inputs, outputs, 1, config.spectral, bias=False)
            # CLADE's shortcut stays unmodulated: a third of the block's look-ups for no loss.
            self.norm_s = norm(inputs) if config.norm == "spade" else None

    def forward(
        self,
        x: Tensor,
        canvas: LabelPlanes | Regions,
        texture: Tensor,
        painting: Tensor | None = None,
    ) -> Tensor:
        """Maps x (B, inputs, H, W) to (B, outputs, H, W).

        `texture` (B, 1, H, W); `painting` (B, 3, .., ..), of any whole multiple of the size.
        """
        shortcut = x
        if hasattr(self, "conv_s"):
            shortcut = self.conv_s(x if self.norm_s is None else self.norm_s(x, canvas))
        hidden = self.conv_0(functional.leaky_relu_(self.norm_0(x, canvas), 0.2))
        if self.texture is not None:
            hidden = hidden + self.texture * texture.to(hidden.dtype)
        if self.paint is not None and painting is not None:
            hidden = hidden + self.paint(functional.adaptive_avg_pool2d(painting, hidden.shape[2:]))
        hidden = self.conv_1(functional.leaky_relu_(self.norm_1(hidden, canvas), 0.2))
        x = shortcut + hidden
        return limited(x, self.limit) if self.limit else x


class SpadeGenerator(nn.Module):
    """The generator: label map and instance edges in, picture out.

    Parameter names of the official configuration are the authors'.
    """

    def __init__(self, config: SpadeConfig) -> None:
        super().__init__()
        self.config = config
        first, head, middle_0, middle_1, *ups = config.widths
        padding: Padding = "replicate" if config.replicate else "zeros"
        self.fc = nn.Conv2d(CLASSES + 1, first, 3, padding=1, padding_mode=padding)
        block = partial(SpadeBlock, config=config)
        self.head_0 = block(first, head, coarse=True)
        self.G_middle_0 = block(head, middle_0, coarse=True)
        self.G_middle_1 = block(middle_0, middle_1, coarse=True)
        inputs = middle_1
        for i, outputs in enumerate(ups):
            self.add_module(f"up_{i}", block(inputs, outputs, coarse=i == 0))
            inputs = outputs
        self.conv_img = nn.Conv2d(inputs, 3, 3, padding=1)
        if config.painting:  # which is the picture to begin with
            for parameter in self.conv_img.parameters():
                nn.init.zeros_(parameter)

    def forward(
        self, condition: Condition, noise: "Noise", painting: Tensor | None = None
    ) -> Tensor:
        """Renders a batch of canvases whose sides are multiples of 32.

        `noise`: as `draw_noise` gives it; the official configuration reads none of it.
        `painting`: (B, 3, H, W) in [-1, 1], which the picture begins as where the configuration
        says so. Returns (B, 3, H, W) in [-1, 1]. Raises ValueError where such a one is missing.
        """
        if self.config.painting and painting is None:
            raise ValueError("This network enlarges: it needs a painting to begin with.")
        height, width = condition.size
        canvas: LabelPlanes | Regions
        if self.config.norm == "spade":
            canvas = LabelPlanes(condition)
            x = self.fc(canvas.at(height >> UPSAMPLINGS, width >> UPSAMPLINGS))
        else:
            canvas = Regions.of(condition, noise.regions)
            x = self.fc(_coarse_planes(condition))
        texture = noise.texture
        x = self.head_0(x, canvas, _texture_at(texture, x), painting)
        x = self._doubled(x)
        x = self.G_middle_0(x, canvas, _texture_at(texture, x), painting)
        x = self.G_middle_1(x, canvas, _texture_at(texture, x), painting)
        for i in range(UPSAMPLINGS - 1):
            x = self._doubled(x)
            x = getattr(self, f"up_{i}")(x, canvas, _texture_at(texture, x), painting)
        picture = self.conv_img(functional.leaky_relu(x, 0.2))
        if painting is not None:
            picture = picture + torch.atanh(painting * PAINTED)
        return torch.tanh(picture)

    def _doubled(self, x: Tensor) -> Tensor:
        mode = "bilinear" if self.config.smooth else "nearest"
        return functional.interpolate(x, scale_factor=2, mode=mode)

    def draw_noise(
        self, count: int, height: int, width: int, generator: torch.Generator | None = None
    ) -> "Noise":
        """Standard normal noise for `count` pictures, on the CPU.

        The thumbnail's is drawn first, so that a seed has the same at every size.
        """
        return Noise(
            torch.randn(count, 3, SIDE, SIDE, generator=generator),
            torch.randn(count, NOISE_ROWS, self.config.noise, generator=generator),
            torch.randn(count, 1, height, width, generator=generator),
        )


class Noise(NamedTuple):
    """What makes pictures of one canvas differ (a named tuple, so that Fabric moves it).

    `thumbnail` (B, 3, 32, 32), `regions` (B, NOISE_ROWS, config.noise), `texture` (B, 1, H, W).
    """

    thumbnail: Tensor
    regions: Tensor
    texture: Tensor

    def to(self, device: torch.device) -> "Noise":
        """The noise on a device."""
        return Noise(*(values.to(device) for values in self))


def limited(x: Tensor, limit: float) -> Tensor:
    """Scales features x (B, C, H, W) down where their root mean square at a pixel is over `limit`.

    Reconstructed, after the pixel norm of Karras et al. (ICLR 2018), which scales all. The norms'
    statistics are fixed when a picture is drawn: features that left their range would grow from
    block to block, to a glaring white band.
    """
    size = torch.linalg.vector_norm(x, dim=1, keepdim=True)  # (B, 1, H, W)
    return x * (limit * x.shape[1] ** 0.5 / size.clamp(min=LEAST)).clamp(max=1)


def enlarged(thumbnails: Tensor, height: int, width: int) -> Tensor:
    """Thumbnails (B, 3, h, w) smoothly at another size (B, 3, height, width), in [-1, 1]."""
    painting = functional.interpolate(thumbnails, (height, width), mode="bicubic")
    return painting.clamp(-1, 1)


def _coarse_planes(condition: Condition) -> Tensor:
    """Shares of each label (and of edges) in every 32x32 block, (B, 184, H/32, W/32) float.

    SPADE samples one pixel of each block instead, and so misses small things.
    """
    batch, (height, width) = len(condition.labels), condition.size
    rows, columns, block = height >> UPSAMPLINGS, width >> UPSAMPLINGS, 1 << UPSAMPLINGS
    device = condition.labels.device
    cell_rows = (torch.arange(height, device=device) >> UPSAMPLINGS)[:, None]
    cell = cell_rows * columns + (torch.arange(width, device=device) >> UPSAMPLINGS)
    cell = cell + torch.arange(batch, device=device)[:, None, None] * rows * columns
    counts = torch.bincount((cell * CLASSES + condition.labels).flatten(),
                            minlength=batch * rows * columns * CLASSES)  # fmt: skip
    shares = counts.view(batch, rows, columns, CLASSES).float() / block**2
    edges = functional.avg_pool2d(condition.edges()[:, None].float(), block)
    return torch.cat([shares.permute(0, 3, 1, 2), edges], 1)


def _texture_at(texture: Tensor, x: Tensor) -> Tensor:
    return nearest(texture[:, 0], x.shape[2], x.shape[3])[:, None]


def _conv(
    inputs: int,
    outputs: int,
    kernel: int,
    spectral: bool,
    *,
    bias: bool = True,
    padding: Padding = "zeros",
) -> nn.Module:
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias, padding_mode=padding)
    # The older of torch's two spectral norms: the released weights carry its names.
    return spectral_norm(conv) if spectral else conv


def fold_spectral_norm(generator: SpadeGenerator) -> SpadeGenerator:
    """Replaces normalised weights by their values, for inference; returns the generator."""
    for module in generator.modules():
        if isinstance(module, nn.Conv2d) and hasattr(module, "weight_orig"):
            torch.nn.utils.remove_spectral_norm(module)
    return generator
