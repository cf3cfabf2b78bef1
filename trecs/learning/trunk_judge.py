"""A discriminator that sees a picture through the frozen trunk of the matching model.

Reconstructed after Projected GANs (Sauer et al., NeurIPS 2021): of a thousand photos no
discriminator learns from scratch what dogs and grass look like, and a trunk that knows makes the
generator converge in far fewer steps. AttnGAN's own discriminators stand beside it.
"""

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from trecs.learning.judge import CODE, ConditionalLogits, Judge, Logits, halving

SIDE = 8  # of the maps that are judged


class TrunkJudge(Judge):
    """Judges one map of the trunk (B, `channels`, h, w), of any size."""

    mixing: Tensor  # (4 width, channels): random and fixed, so that no channel is dwelt on

    def __init__(self, channels: int, width: int, text: int) -> None:
        super().__init__()
        mixed, code = width * CODE // 2, width * CODE
        self.register_buffer("mixing", torch.randn(mixed, channels) / channels**0.5)
        self.code = halving(mixed, code)
        spectral_norm(self.code[0])
        self.UNCOND_DNET = Logits(code)
        self.COND_DNET = ConditionalLogits(code, text)

    def forward(self, seen: Tensor) -> Tensor:
        """The codes (B, 8 width, 4, 4) of what the trunk saw."""
        small = functional.adaptive_avg_pool2d(seen, SIDE)
        code: Tensor = self.code(functional.conv2d(small, self.mixing[..., None, None]))
        return code
