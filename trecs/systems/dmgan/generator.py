"""DM-GAN's generator: a small picture from the sentence, larger ones by a memory of its words.

Zhu et al., CVPR 2019, section 3 and figure 2. Layers and parameter names are those of the authors'
PyTorch code (G_NET).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.dmgan.config import DmGanConfig
from trecs.systems.dmgan.memory import DynamicMemory, Read
from trecs.systems.parts.conditioning import ConditioningAugmentation, Noised
from trecs.systems.parts.trunk import FirstStage, ResidualBlock, ToImage, doubling


class Drawn(NamedTuple):
    """What the generator makes of a batch of captions."""

    pictures: tuple[Tensor, ...]  # of every stage, (B, 3, S, S) in [-1, 1], the smallest first
    reads: tuple[Read, ...]  # of every stage but the first
    mean: Tensor  # (B, C), of what the sentence is drawn to
    log_variance: Tensor  # (B, C)


class NextStage(DynamicMemory):
    """A map and the words to one of twice the side (NEXT_STAGE_G)."""

    def __init__(self, config: DmGanConfig) -> None:
        super().__init__(config.width, config.text)
        width = config.width * 2
        self.residual = nn.Sequential(*(ResidualBlock(width) for _ in range(config.blocks)))
        self.upsample = doubling(width, config.width)

    def forward(self, hidden: Tensor, words: Tensor, padding: Tensor) -> tuple[Tensor, Read]:
        """The next map (B, width, 2H, 2W) of one (B, width, H, W), and what was read."""
        read = self.respond(hidden, words, padding)
        # Joined with itself, as in the authors' code
        larger: Tensor = self.upsample(self.residual(torch.cat([read.hidden, read.hidden], 1)))
        return larger, read


class Generator(Noised):
    """Features of words and sentence in, a picture of every stage out."""

    def __init__(self, config: DmGanConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.ca_net = ConditioningAugmentation(config.text, config.condition)
        self.h_net1 = FirstStage(config.condition + config.noise, width, config.doublings)
        self.img_net1 = ToImage(width)
        for stage in range(2, config.stages + 1):
            self.add_module(f"h_net{stage}", NextStage(config))
            self.add_module(f"img_net{stage}", ToImage(width))

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
        hidden = self.h_net1(condition, noise)
        pictures, reads = [self.img_net1(hidden)], list[Read]()
        for stage in range(2, self.config.stages + 1):
            hidden, read = self.get_submodule(f"h_net{stage}")(hidden, words, padding)
            pictures.append(self.get_submodule(f"img_net{stage}")(hidden))
            reads.append(read)
        return Drawn(tuple(pictures), tuple(reads), mean, log_variance)
