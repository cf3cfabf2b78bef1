"""CI-GAN's networks besides its judges: G, the inversion encoder E, and the words' codes."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.systems.cigan.config import SEEN, SMALLEST, CiGanConfig
from trecs.systems.cigan.generator import Generator, Noise
from trecs.systems.cigan.style import SLOPE, EqualConv, EqualLinear
from trecs.trunks.efficientnet import LITE0, EarlyTrunk, read_early

SEEN_SPREAD = 7.0  # deviation of the numbers that lite0 sees early of photos
SAMPLES = 4_096  # codes by which their mean and spread are known


class InversionEncoder(nn.Module):
    """E: what the frozen trunk sees of a picture, beside the picture made small, to its code.

    Reconstructed: the sheet of the paper says but that it is one; the authors' is ResNet-like.
    Codes are standardised, see `CiGanNetworks`.
    """

    def __init__(self, config: CiGanConfig) -> None:
        super().__init__()
        width = config.encoder_width
        self.first = EqualConv(SEEN + 3, width, 3)
        self.second = EqualConv(width, width, 3)
        self.third = EqualConv(width, width, 4, stride=2)
        self.code = EqualLinear(width * SMALLEST**2, config.code)

    def forward(self, pictures: Tensor, seen: Tensor) -> Tensor:
        """Codes (B, W) of pictures (B, 3, S, S) in [-1, 1] and what is seen of them, F."""
        side = 2 * SMALLEST
        both = torch.cat([seen, functional.interpolate(pictures, seen.shape[2:], mode="area")], 1)
        x = functional.leaky_relu(self.first(functional.adaptive_avg_pool2d(both, side)), SLOPE)
        x = x + functional.leaky_relu(self.second(x), SLOPE)
        x = functional.leaky_relu(self.third(x), SLOPE)
        code: Tensor = self.code(x.flatten(1))
        return code


class TextCodes(nn.Module):
    """A sentence's vector to its standardised code: what the frozen text encoder lacks."""

    def __init__(self, config: CiGanConfig) -> None:
        super().__init__()
        self.first = nn.Linear(config.text, config.told)
        self.second = nn.Linear(config.told, config.code)

    def forward(self, sentence: Tensor) -> Tensor:
        """Codes (B, W) of sentences (B, D)."""
        code: Tensor = self.second(functional.leaky_relu(self.first(sentence), SLOPE))
        return code


class CiGanNetworks(nn.Module):
    """G, F, E and the words' codes.

    E and words have standardised codes: as far from the mean of w, in units of one deviation of all
    its numbers, as `draw` takes them back.
    """

    mean: Tensor  # (W,)
    deviation: Tensor  # a scalar

    def __init__(self, config: CiGanConfig) -> None:
        super().__init__()
        self.config = config
        self.generator = Generator(config)
        self.encoder, self.words = InversionEncoder(config), TextCodes(config)
        self._eyes: tuple[EarlyTrunk, ...] = ()  # no part of what is saved: others' weights
        self.register_buffer("mean", torch.zeros(config.code))
        self.register_buffer("deviation", torch.ones(()))

    def look_through(self, eyes: EarlyTrunk) -> None:
        """Takes the trunk that F is of; else it is read when it is first needed."""
        self._eyes = (eyes.requires_grad_(False).eval(),)

    def standardised(self, codes: Tensor) -> Tensor:
        """Codes w (B, W) of the mapping, of mean 0 and deviation 1 over all numbers."""
        return (codes - self.mean) / self.deviation

    def draw(self, codes: Tensor, noise: Noise) -> Tensor:
        """Pictures (B, 3, S, S) of standardised codes (B, W)."""
        return self.generator.draw(self.mean + self.deviation * codes, noise)

    def look(self, pictures: Tensor) -> Tensor:
        """F: what the trunk sees (B, 40, S / 8, S / 8) of pictures in [-1, 1], of deviation 1.

        Raises InputError where the package with EfficientNet-lite0's weights is missing.
        """
        if not self._eyes:
            self.look_through(read_early(LITE0))
        (eyes,) = self._eyes
        seen: Tensor = eyes.to(pictures.device)(pictures)
        return seen / SEEN_SPREAD

    def invert(self, pictures: Tensor) -> Tensor:
        """E: standardised codes (B, W) of pictures (B, 3, S, S) in [-1, 1]."""
        code: Tensor = self.encoder(pictures, self.look(pictures))
        return code

    @torch.no_grad()
    def measure_codes(self, noise: Tensor) -> None:
        """Finds mean and deviation of the codes of noise (N, W)."""
        codes = self.generator.mapping(noise)
        self.mean.copy_(codes.mean(0))
        self.deviation.copy_((codes - self.mean).square().mean().sqrt())
