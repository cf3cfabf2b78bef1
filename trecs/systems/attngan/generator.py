"""AttnGAN's generator: a small picture from the sentence, larger ones by attention to its words.

Xu et al., section 3.1 and figure 2. Parameter names are the authors' (G_NET).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.parts.conditioning import ConditioningAugmentation, Noised
from trecs.systems.parts.trunk import FirstStage, ResidualBlock, ToImage, doubling
from trecs.systems.parts.word_attention import WordAttention


class Drawn(NamedTuple):
    """What the generator makes of a batch of captions."""

    images: tuple[Tensor, ...]  # of every stage, (B, 3, S, S) in [-1, 1], S = 64, 128, 256
    attentions: tuple[Tensor, ...]  # of every stage but the first, (B, T, S/2, S/2)
    mean: Tensor  # (B, condition), of what the sentence is drawn to
    log_variance: Tensor  # (B, condition)


class NextStage(nn.Module):
    """F_i: a hidden map and the words to one of twice the side (NEXT_STAGE_G)."""

    def __init__(self, config: AttnGanConfig) -> None:
        super().__init__()
        width = config.width
        self.att = WordAttention(width, config.text, authors_mask=config.authors_mask)
        self.residual = nn.Sequential(*(ResidualBlock(width * 2) for _ in range(config.residuals)))
        self.upsample = doubling(width * 2, width)

    def forward(self, hidden: Tensor, words: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        """The next hidden map (B, width, 2H, 2W) and the attention (B, T, H, W)."""
        context, attention = self.att(hidden, words, padding)
        return self.upsample(self.residual(torch.cat([hidden, context], 1))), attention


class AttnGanGenerator(Noised):
    """Features of words and sentence in, a picture of every stage out (equation 1)."""

    def __init__(self, config: AttnGanConfig) -> None:
        super().__init__()
        self.config = config
        self.ca_net = ConditioningAugmentation(config.text, config.condition)
        self.h_net1 = FirstStage(config.condition + config.noise, config.width)
        self.img_net1 = ToImage(config.width)
        for stage in range(2, config.stages + 1):
            self.add_module(f"h_net{stage}", NextStage(config))
            self.add_module(f"img_net{stage}", ToImage(config.width))

    def forward(
        self,
        noise: Tensor,
        variation: Tensor,
        sentence: Tensor,
        words: Tensor,
        padding: Tensor,
        stages: int | None = None,
    ) -> Drawn:
        """Draws a batch, with the first `stages` alone or with all.

        `noise` (B, noise) and `variation` (B, condition), standard normal, are those of
        `draw_noise`; with a variation of zeros the condition is its mean. `sentence` (B, D) and
        `words` (B, D, T) are the text encoder's; `padding` (B, T) bool is true where there is no
        word, and each caption has one word at least.
        """
        mean, log_variance = self.ca_net(sentence)
        condition = mean + (log_variance / 2).exp() * variation
        hidden = self.h_net1(condition, noise)
        images, attentions = [self.img_net1(hidden)], []
        for stage in range(2, (stages or self.config.stages) + 1):
            hidden, attention = getattr(self, f"h_net{stage}")(hidden, words, padding)
            images.append(getattr(self, f"img_net{stage}")(hidden))
            attentions.append(attention)
        return Drawn(tuple(images), tuple(attentions), mean, log_variance)
