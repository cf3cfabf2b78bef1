"""StackGAN-v2's judges, one for each stage (Zhang et al., TPAMI 2018, section 4.2).

Layers and parameter names are those of the authors' PyTorch code (D_NET64, D_NET128, D_NET256),
whose last layer's sigmoid belongs to the losses here.
"""

import torch
from torch import Tensor, nn

from trecs.learning.judge import CODE, Verdict, conv3x3, halving, normalised
from trecs.systems.parts.staged_config import halvings
from trecs.systems.parts.trunk import SMALLEST
from trecs.systems.stackgan_v2.config import StackGanV2Config

SLOPE = 0.2  # of the leaky ReLUs
SHARED = 4  # halvings with which every judge of the authors begins


class Judge(nn.Module):
    """Judges pictures of one side, beside the means of their conditions and by themselves."""

    def __init__(self, config: StackGanV2Config, side: int) -> None:
        super().__init__()
        channels, count = config.judge_width, halvings(side)
        first = [nn.Conv2d(3, channels, 4, 2, 1, bias=False), nn.LeakyReLU(SLOPE)]
        for _ in range(min(count, SHARED) - 1):
            first += halving(channels, channels * 2)
            channels *= 2
        self._names = list[str]()
        last = min(side // SMALLEST, 1 << SHARED)  # by which the side has been divided
        self._then(f"img_code_s{last}", nn.Sequential(*first))
        for _ in range(count - SHARED):
            last *= 2
            self._then(f"img_code_s{last}", halving(channels, channels * 2))
            channels *= 2
        for number in range(1, count - SHARED + 1):
            self._then(f"img_code_s{last}_{number}", normalised(conv3x3(channels, channels // 2)))
            channels //= 2
        assert channels <= config.judge_width * CODE
        self.jointConv = normalised(conv3x3(channels + config.condition, channels))
        self.logits = nn.Sequential(nn.Conv2d(channels, 1, SMALLEST, SMALLEST))
        self.uncond_logits = nn.Sequential(nn.Conv2d(channels, 1, SMALLEST, SMALLEST))

    def forward(self, pictures: Tensor) -> Tensor:
        """The codes (B, channels, 4, 4) of pictures (B, 3, side, side) in [-1, 1]."""
        code = pictures
        for name in self._names:
            code = self.get_submodule(name)(code)
        return code

    def judge(self, code: Tensor, mean: Tensor) -> Verdict:
        """Logits (B,) of codes beside means (B, C), and of codes alone."""
        told = mean[..., None, None].expand(-1, -1, *code.shape[2:])
        joint = self.jointConv(torch.cat([told, code], 1))
        return Verdict(self.logits(joint).flatten(), self.uncond_logits(code).flatten())

    def _then(self, name: str, layers: nn.Sequential) -> None:
        self.add_module(name, layers)
        self._names.append(name)
