"""StackGAN-v2's generator: a tree of stages (Zhang et al., TPAMI 2018, section 4.1, figure 3).

Layers and parameter names are those of the authors' PyTorch code (G_NET).
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from trecs.systems.parts.conditioning import ConditioningAugmentation, Noised
from trecs.systems.parts.trunk import FirstStage, ResidualBlock, ToImage, doubling, gated
from trecs.systems.stackgan_v2.config import StackGanV2Config


class Drawn(NamedTuple):
    """The pictures of all stages, and the distribution of their one condition."""

    pictures: tuple[Tensor, ...]  # (B, 3, S, S) in [-1, 1], the smallest first
    mean: Tensor  # (B, C)
    log_variance: Tensor  # (B, C)


class NextStage(nn.Module):
    """F_i(h_(i-1), c): a map beside the condition to one of twice the side (NEXT_STAGE_G)."""

    def __init__(self, width: int, config: StackGanV2Config) -> None:
        super().__init__()
        self.jointConv = nn.Sequential(*gated(width + config.condition, width))
        self.residual = nn.Sequential(*(ResidualBlock(width) for _ in range(config.blocks)))
        self.upsample = doubling(width, width // 2)

    def forward(self, hidden: Tensor, condition: Tensor) -> Tensor:
        """The next map (B, width / 2, 2H, 2W) of one (B, width, H, W) and conditions (B, C)."""
        told = condition[..., None, None].expand(-1, -1, *hidden.shape[2:])
        joint = self.jointConv(torch.cat([told, hidden], 1))
        larger: Tensor = self.upsample(self.residual(joint))
        return larger


class Generator(Noised):
    """Noise and a sentence to pictures of all stages, s_i = G_i(h_i)."""

    def __init__(self, config: StackGanV2Config) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.ca_net = ConditioningAugmentation(config.text, config.condition)
        self.h_net1 = FirstStage(config.condition + config.noise, width, config.doublings)
        self.img_net1 = ToImage(width)
        for stage in range(2, config.stages + 1):
            self.add_module(f"h_net{stage}", NextStage(width, config))
            width //= 2
            self.add_module(f"img_net{stage}", ToImage(width))

    def forward(self, noise: Tensor, sentence: Tensor, variation: Tensor) -> Drawn:
        """Draws with noise (B, Z), sentences (B, D) and variations (B, C) of the conditions."""
        mean, log_variance = self.ca_net(sentence)
        condition = mean + (log_variance / 2).exp() * variation
        hidden = self.h_net1(condition, noise)
        pictures = [self.img_net1(hidden)]
        for stage in range(2, self.config.stages + 1):
            hidden = self.get_submodule(f"h_net{stage}")(hidden, condition)
            pictures.append(self.get_submodule(f"img_net{stage}")(hidden))
        return Drawn(tuple(pictures), mean, log_variance)
