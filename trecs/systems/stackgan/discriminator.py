"""StackGAN's judges (Zhang et al., ICCV 2017, sections 3.3 and 3.4).

Layers and parameter names are those of the authors' PyTorch code, whose last layer's sigmoid
belongs to the losses here.
"""

import torch
from torch import Tensor, nn

from trecs.systems.stackgan.config import SMALLEST, StackGanConfig, halvings

SLOPE = 0.2  # of the leaky ReLUs
CODE = 8  # times the width: the most channels of a code


class Logits(nn.Module):
    """A code, beside a condition or not, to a logit (D_GET_LOGITS)."""

    def __init__(self, channels: int, condition: int = 0) -> None:
        super().__init__()
        joint = _normalised(nn.Conv2d(channels + condition, channels, 3, 1, 1, bias=False))
        last = nn.Conv2d(channels, 1, SMALLEST, SMALLEST)
        self.outlogits = nn.Sequential(*(joint if condition else ()), last)

    def forward(self, code: Tensor, condition: Tensor | None = None) -> Tensor:
        """Logits (B,) of codes (B, channels, 4, 4) and conditions (B, C), if it takes them."""
        if condition is not None:
            told = condition[..., None, None].expand(-1, -1, *code.shape[2:])
            code = torch.cat([code, told], 1)
        logits: Tensor = self.outlogits(code)
        return logits.flatten()


class Judge(nn.Module):
    """A stage's judge of pictures beside the means of their conditions.

    `alone`: it judges pictures by themselves, too, as the second does.
    """

    def __init__(self, config: StackGanConfig, side: int, *, alone: bool) -> None:
        super().__init__()
        width, count = config.judge_width, halvings(side)
        layers = [nn.Conv2d(3, width, 4, 2, 1, bias=False), nn.LeakyReLU(SLOPE)]
        channels = width
        for _ in range(count - 1):
            layers += _normalised(nn.Conv2d(channels, channels * 2, 4, 2, 1, bias=False))
            channels *= 2
        while channels > width * CODE:
            layers += _normalised(nn.Conv2d(channels, channels // 2, 3, 1, 1, bias=False))
            channels //= 2
        self.encode_img = nn.Sequential(*layers)
        self.get_cond_logits = Logits(channels, config.condition)
        self.get_uncond_logits = Logits(channels) if alone else None

    def forward(self, pictures: Tensor) -> Tensor:
        """The codes (B, channels, 4, 4) of pictures (B, 3, side, side) in [-1, 1]."""
        code: Tensor = self.encode_img(pictures)
        return code

    def judge(self, code: Tensor, mean: Tensor) -> tuple[Tensor, ...]:
        """Logits (B,) of codes beside means (B, C), and those of codes alone if it gives them."""
        given: Tensor = self.get_cond_logits(code, mean)
        return (given,) if self.get_uncond_logits is None else (given, self.get_uncond_logits(code))

    def judge_wrong(self, code: Tensor, mean: Tensor) -> Tensor:
        """Logits (B - 1,) of each picture but the last beside the next one's mean; B is over 1."""
        logits: Tensor = self.get_cond_logits(code[:-1], mean[1:])
        return logits


def _normalised(convolution: nn.Conv2d) -> tuple[nn.Module, ...]:
    return convolution, nn.BatchNorm2d(convolution.out_channels), nn.LeakyReLU(SLOPE)
