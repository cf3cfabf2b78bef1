"""MirrorGAN's generator, GLAM: stages that attend to words and sentence (Qiao et al., section 3.2).

Layers and parameter names are those of the authors' PyTorch code (G_NET).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.mirrorgan.config import MirrorGanConfig
from trecs.systems.parts.conditioning import ConditioningAugmentation, Noised
from trecs.systems.parts.trunk import FirstStage, ResidualBlock, ToImage, doubling
from trecs.systems.parts.word_attention import WordAttention


class Attended(NamedTuple):
    """What a stage's map attended to."""

    word_context: Tensor  # (B, width, H, W), local: Att^w
    sentence_context: Tensor  # (B, width, H, W), global: Att^s
    words: Tensor  # (B, T, H, W), a place's shares of the words, whose sum is 1
    sentence: Tensor  # (B, width, H, W), a place's shares of the channels, whose sum is 1


class Drawn(NamedTuple):
    """The pictures of all stages, and by what they were drawn."""

    pictures: tuple[Tensor, ...]  # (B, 3, S, S) in [-1, 1], the smallest first
    attended: tuple[Attended, ...]  # of every stage but the first
    mean: Tensor  # (B, C), of the condition that the sentence is drawn to
    log_variance: Tensor  # (B, C)


class GlobalLocalAttention(WordAttention):
    """F^att: local attention to words, Att^w, and global attention to the sentence, Att^s.

    The global one's softmax is over channels, so that no place counts more than another by it: the
    authors' code, which is met here, leaves the axis to torch, which takes that one.
    """

    def __init__(self, width: int, text: int, condition: int) -> None:
        super().__init__(width, text)
        self.conv_sentence_vis = nn.Conv2d(width, width, 1, bias=False)
        self.linear = nn.Linear(condition, width)

    def attend(self, hidden: Tensor, condition: Tensor, words: Tensor, padding: Tensor) -> Attended:
        """Attends from `hidden` (B, width, H, W) to `words` (B, D, T) and conditions (B, C).

        `padding` (B, T) bool is true where there is no word.
        """
        context, shares = self(hidden, words, padding)
        sentence = self.linear(condition)[..., None, None]  # (B, width, 1, 1)
        channels = self.conv_sentence_vis(hidden * sentence).softmax(1)
        return Attended(context, sentence * channels, shares, channels)


class NextStage(nn.Module):
    """F_i: a map, beside what it attends to, to one of twice the side (NEXT_STAGE_G)."""

    def __init__(self, config: MirrorGanConfig) -> None:
        super().__init__()
        width = config.width
        self.att = GlobalLocalAttention(width, config.text, config.condition)
        self.conv = nn.Conv2d(width * 3, width * 2, 1, bias=False)
        self.residual = nn.Sequential(*(ResidualBlock(width * 2) for _ in range(config.blocks)))
        self.upsample = doubling(width * 2, width)

    def forward(
        self, hidden: Tensor, condition: Tensor, words: Tensor, padding: Tensor
    ) -> tuple[Tensor, Attended]:
        """The next map (B, width, 2H, 2W), and what this one attended to."""
        attended = self.att.attend(hidden, condition, words, padding)
        contexts = attended.word_context, attended.sentence_context
        joint = self.conv(torch.cat([hidden, *contexts], 1))
        return self.upsample(self.residual(joint)), attended


class Generator(Noised):
    """Features of words and sentence in, a picture of every stage out."""

    def __init__(self, config: MirrorGanConfig) -> None:
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

        `noise` (B, Z) and `variation` (B, C), standard normal, are those of `draw_noise`.
        `sentence` (B, D) and `words` (B, D, T) are the text encoder's; `padding` (B, T) bool is
        true where there is no word.
        """
        mean, log_variance = self.ca_net(sentence)
        condition = mean + (log_variance / 2).exp() * variation
        hidden = self.h_net1(condition, noise)
        pictures, attended = [self.img_net1(hidden)], []
        for stage in range(2, self.config.stages + 1):
            further = self.get_submodule(f"h_net{stage}")
            hidden, found = further(hidden, condition, words, padding)
            pictures.append(self.get_submodule(f"img_net{stage}")(hidden))
            attended.append(found)
        return Drawn(tuple(pictures), tuple(attended), mean, log_variance)
