"""ControlGAN's generator: stages attend to words by places and by channels (Li et al., 3.1, 3.2).

Layers and parameter names are those of the authors' PyTorch code (G_NET), but for its
`conv_context2` and `conv_context3` that it never uses: all in the spatial attention, and in each
channel attention the one of the other stage's size.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.controlgan.config import ControlGanConfig
from trecs.systems.parts.conditioning import ConditioningAugmentation, Noised
from trecs.systems.parts.trunk import FirstStage, ResidualBlock, ToImage, doubling
from trecs.systems.parts.word_attention import WordAttention


class ByChannels(NamedTuple):
    """What the channels of a map attended to."""

    context: Tensor  # (B, C, H, W)
    shares: Tensor  # (B, T, C), a channel's shares of the words, whose sum is 1
    projected: Tensor  # (B, T, H, W), each word as a value at every place

    def brought(self) -> Tensor:
        """How much of the context at each place a word brought (B, T, H, W), as shares of them."""
        amounts = self.projected.abs() * self.shares.sum(2)[..., None, None]
        return amounts / amounts.sum(1, keepdim=True)


class Attended(NamedTuple):
    """What a stage's map attended to."""

    context: Tensor  # (B, width, H, W), of the words by places
    words: Tensor  # (B, T, H, W), a place's shares of the words, whose sum is 1
    channels: ByChannels


class Drawn(NamedTuple):
    """The pictures of all stages, and by what they were drawn."""

    pictures: tuple[Tensor, ...]  # (B, 3, S, S) in [-1, 1], the smallest first
    attended: tuple[Attended, ...]  # of every stage but the first
    mean: Tensor  # (B, C), of the condition that the sentence is drawn to
    log_variance: Tensor  # (B, C)


class ChannelAttention(nn.Module):
    """For every channel of a map, the words that count in it (section 3.2).

    A word is projected to a value at each of the map's places, and a channel's score of it is
    their inner product, so that a channel takes whole words with a layout of their own.
    """

    def __init__(self, text: int, places: int, stage: int) -> None:
        super().__init__()
        self._name = f"conv_context{stage}"
        self.add_module(self._name, nn.Conv2d(text, places, 1, bias=False))

    def forward(self, context: Tensor, words: Tensor, padding: Tensor) -> ByChannels:
        """Attends from the words' context by places (B, C, H, W) to words (B, D, T).

        `padding` (B, T) bool is true where there is no word, and is masked: the authors' code lets
        channels attend to it.
        """
        projected = self.get_submodule(self._name)(words[..., None]).squeeze(3)  # (B, H*W, T)
        scores = context.flatten(2) @ projected  # (B, C, T)
        shares = scores.masked_fill(padding[:, None], -torch.inf).softmax(2)
        weighted = shares @ projected.transpose(1, 2)  # (B, C, H*W)
        sides = context.shape[2:]
        layouts = projected.transpose(1, 2).unflatten(2, sides)
        return ByChannels(weighted.unflatten(2, sides), shares.transpose(1, 2), layouts)


class NextStage(nn.Module):
    """A map, beside what its places and channels attend to, to one of twice the side."""

    def __init__(self, config: ControlGanConfig, stage: int) -> None:
        super().__init__()
        width = config.width * 3
        self.att = WordAttention(config.width, config.text)
        self.channel_att = ChannelAttention(config.text, config.sides[stage - 2] ** 2, stage)
        self.residual = nn.Sequential(*(ResidualBlock(width) for _ in range(config.blocks)))
        self.upsample = doubling(width, config.width)

    def forward(self, hidden: Tensor, words: Tensor, padding: Tensor) -> tuple[Tensor, Attended]:
        """The next map (B, width, 2H, 2W) of one (B, width, H, W), and what this attended to."""
        context, shares = self.att(hidden, words, padding)
        channels = self.channel_att(context, words, padding)
        joint = torch.cat([hidden, context, channels.context], 1)
        return self.upsample(self.residual(joint)), Attended(context, shares, channels)


class Generator(Noised):
    """Features of words and sentence in, a picture of every stage out."""

    def __init__(self, config: ControlGanConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.ca_net = ConditioningAugmentation(config.text, config.condition)
        self.h_net1 = FirstStage(config.condition + config.noise, width, config.doublings)
        self.img_net1 = ToImage(width)
        for stage in range(2, config.stages + 1):
            self.add_module(f"h_net{stage}", NextStage(config, stage))
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
        pictures, attended = [self.img_net1(hidden)], list[Attended]()
        for stage in range(2, self.config.stages + 1):
            hidden, found = self.get_submodule(f"h_net{stage}")(hidden, words, padding)
            pictures.append(self.get_submodule(f"img_net{stage}")(hidden))
            attended.append(found)
        return Drawn(tuple(pictures), tuple(attended), mean, log_variance)
