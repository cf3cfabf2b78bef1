"""SD-GAN's generator: stages whose norms are told the sentence, then the words (Yin et al., 2019).

Both branches of the Siamese structure have this one, so that a batch holds the captions of both
(section 3.1). No code is to be had; where nothing is said, names and layers are those of
StackGAN-v2 and AttnGAN, on whose stages the paper builds. Reconstructed: the sentence is told to
the norm of every block that doubles the first stage's map, the words to the first norm of a
residual block of each later stage, where places are fewer than after its doubling; the other norms
are common ones. And the sentence is drawn to a condition, too (F^ca).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.learning.judge import conv3x3
from trecs.systems.parts.conditioning import ConditioningAugmentation, Noised
from trecs.systems.parts.layers import GatedLinear
from trecs.systems.parts.trunk import SMALLEST, ToImage, doubling
from trecs.systems.sdgan.config import SdGanConfig
from trecs.systems.sdgan.semantic_norm import SentenceNorm, WordNorm


class Drawn(NamedTuple):
    """What the generator makes of a batch of captions."""

    pictures: tuple[Tensor, ...]  # of every stage, (B, 3, S, S) in [-1, 1], the smallest first
    shares: tuple[Tensor, ...]  # of words at places (B, T, S / 2, S / 2), of all but the first
    mean: Tensor  # (B, C), of what the sentence is drawn to
    log_variance: Tensor  # (B, C)


class SentenceDoubling(nn.Module):
    """Twice the side by nearest neighbour, beside the sentence."""

    def __init__(self, inputs: int, outputs: int, config: SdGanConfig) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Upsample(scale_factor=2), conv3x3(inputs, outputs * 2))
        self.norm = SentenceNorm(outputs * 2, config.text, config.hidden)
        self.gate = GatedLinear()

    def forward(self, x: Tensor, sentence: Tensor) -> Tensor:
        """Maps (B, inputs, H, W) beside sentences (B, D) to (B, outputs, 2H, 2W)."""
        larger: Tensor = self.gate(self.norm(self.conv(x), sentence))
        return larger


class FirstStage(nn.Module):
    """Condition, noise and sentence to a map of the first side."""

    def __init__(self, config: SdGanConfig) -> None:
        super().__init__()
        width, count = config.width, config.doublings
        units = (width << count) * SMALLEST**2 * 2
        self.fc = nn.Sequential(
            nn.Linear(config.condition + config.noise, units, bias=False),
            nn.BatchNorm1d(units),
            GatedLinear(),
        )
        self.doublings = nn.ModuleList(
            SentenceDoubling(width << number + 1, width << number, config)
            for number in reversed(range(count))
        )

    def forward(self, condition: Tensor, noise: Tensor, sentence: Tensor) -> Tensor:
        """The map (B, width, S, S) of conditions (B, C), noise (B, Z) and sentences (B, D)."""
        x = self.fc(torch.cat([condition, noise], 1)).unflatten(1, (-1, SMALLEST, SMALLEST))
        for larger in self.doublings:
            x = larger(x, sentence)
        return x


class WordResidual(nn.Module):
    """Two normalised convolutions, the first told the words and gated, around a shortcut."""

    def __init__(self, width: int, text: int) -> None:
        super().__init__()
        self.conv = conv3x3(width, width * 2)
        self.norm = WordNorm(width * 2, text)
        self.rest = nn.Sequential(GatedLinear(), conv3x3(width, width), nn.BatchNorm2d(width))

    def forward(self, x: Tensor, words: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, width, H, W) to the same shape, and the words' shares (B, T, H, W)."""
        told, shares = self.norm(self.conv(x), words, padding)
        return x + self.rest(told), shares


class NextStage(nn.Module):
    """A map to one of twice the side, beside the words."""

    def __init__(self, config: SdGanConfig) -> None:
        super().__init__()
        self.residual = WordResidual(config.width, config.text)
        self.upsample = doubling(config.width, config.width)

    def forward(self, hidden: Tensor, words: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, width, H, W) to (B, width, 2H, 2W), and the words' shares (B, T, H, W)."""
        told, shares = self.residual(hidden, words, padding)
        return self.upsample(told), shares


class Generator(Noised):
    """Features of words and sentence in, a picture of every stage out."""

    def __init__(self, config: SdGanConfig) -> None:
        super().__init__()
        self.config = config
        self.ca_net = ConditioningAugmentation(config.text, config.condition)
        self.h_net1 = FirstStage(config)
        self.img_net1 = ToImage(config.width)
        for stage in range(2, config.stages + 1):
            self.add_module(f"h_net{stage}", NextStage(config))
            self.add_module(f"img_net{stage}", ToImage(config.width))

    def forward(
        self, noise: Tensor, variation: Tensor, sentence: Tensor, words: Tensor, padding: Tensor
    ) -> Drawn:
        """Draws a batch.

        `noise` (B, Z) and `variation` (B, C), standard normal, are those of `draw_noise`;
        `sentence` (B, D) and `words` (B, D, T) the text encoder's; `padding` (B, T) bool is true
        where there is no word, and each caption has one word at least.
        """
        mean, log_variance = self.ca_net(sentence)
        condition = mean + (log_variance / 2).exp() * variation
        hidden = self.h_net1(condition, noise, sentence)
        pictures, shares = [self.img_net1(hidden)], list[Tensor]()
        for stage in range(2, self.config.stages + 1):
            hidden, some = self.get_submodule(f"h_net{stage}")(hidden, words, padding)
            pictures.append(self.get_submodule(f"img_net{stage}")(hidden))
            shares.append(some)
        return Drawn(tuple(pictures), tuple(shares), mean, log_variance)
