"""AttnGAN's discriminators: is a picture real, and is it real for this sentence?

Xu et al., section 3.1. Parameter names are the authors' (D_NET64, D_NET128, D_NET256), whose
last layer's sigmoid belongs to the losses here.
"""

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from files.weights import load_config, load_module
from trecs.systems.attngan.config import FIRST_SIDE, AttnGanConfig
from trecs.systems.attngan.layers import conv3x3

KIND = "attngan-discriminators"
CODE = 8  # times the width: the channels of a picture's 4x4 code


class Verdict(NamedTuple):
    """Logits (B,) that pictures are real: given their sentence, and by themselves."""

    conditional: Tensor
    unconditional: Tensor


class Judge(nn.Module):
    """What looks at something of a picture and judges the code (B, C, 4, 4) that it makes of it."""

    UNCOND_DNET: "Logits"
    COND_DNET: "ConditionalLogits"

    def judge(self, code: Tensor, sentence: Tensor) -> Verdict:
        """Judges codes (B, C, 4, 4) beside their sentences (B, D)."""
        return Verdict(self.COND_DNET(code, sentence), self.UNCOND_DNET(code))

    def judge_mismatched(self, code: Tensor, sentence: Tensor) -> Tensor:
        """Conditional logits (B - 1,) of each picture but the last beside the next one's sentence.

        The codes are those of real pictures; B is at least 2.
        """
        logits: Tensor = self.COND_DNET(code[:-1], sentence[1:])
        return logits


class Discriminator(Judge):
    """Judges pictures of one side: 64 pixels or 128 or 256."""

    def __init__(self, side: int, width: int, text: int) -> None:
        super().__init__()
        self.img_code_s16 = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            *halving(width, width * 2),
            *halving(width * 2, width * 4),
            *halving(width * 4, width * CODE),
        )
        halvings = (side // FIRST_SIDE).bit_length() - 1  # beyond the first four
        channels, self.further = width * CODE, list[str]()
        for i in range(halvings):
            self._then(f"img_code_s{32 << i}", halving(channels, channels * 2))
            channels *= 2
        for i in range(halvings):
            layers = normalised(conv3x3(channels, channels // 2))
            self._then(f"img_code_s{16 << halvings}_{i + 1}", layers)
            channels //= 2
        self.UNCOND_DNET = Logits(channels)
        self.COND_DNET = ConditionalLogits(channels, text)

    @staticmethod
    def all_of(config: AttnGanConfig) -> nn.ModuleList:
        """One for each stage, the smallest pictures' first."""
        return nn.ModuleList(
            Discriminator(FIRST_SIDE << stage, config.judge_width, config.text)
            for stage in range(config.stages)
        )

    def forward(self, image: Tensor) -> Tensor:
        """The codes (B, 8 width, 4, 4) of pictures (B, 3, side, side) in [-1, 1]."""
        code: Tensor = self.img_code_s16(image)
        for name in self.further:
            code = getattr(self, name)(code)
        return code

    def _then(self, name: str, layers: nn.Sequential) -> None:
        self.add_module(name, layers)
        self.further.append(name)


class Logits(nn.Module):
    """A code to a logit (D_GET_LOGITS)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.outlogits = nn.Sequential(nn.Conv2d(channels, 1, 4, 4))

    def forward(self, code: Tensor) -> Tensor:
        """Maps (B, channels, 4, 4) to (B,)."""
        logits: Tensor = self.outlogits(code)
        return logits.flatten()


class ConditionalLogits(Logits):
    """A code and a sentence to a logit (D_GET_LOGITS with `bcondition`)."""

    def __init__(self, channels: int, text: int) -> None:
        super().__init__(channels)
        self.jointConv = normalised(conv3x3(channels + text, channels))

    def forward(self, code: Tensor, sentence: Tensor) -> Tensor:  # type: ignore[override]
        """Maps (B, channels, 4, 4) and (B, D) to (B,)."""
        everywhere = sentence[..., None, None].expand(-1, -1, *code.shape[2:])
        return super().forward(self.jointConv(torch.cat([code, everywhere], 1)))


def load_discriminators(folder: Path) -> nn.ModuleList:
    """One for each stage, as `trecs weights import attngan` wrote them, in eval mode.

    Raises InputError where the folder is missing, damaged or of another kind.
    """
    config = load_config(folder, KIND, AttnGanConfig)
    return load_module(folder, lambda: Discriminator.all_of(config))


def halving(inputs: int, outputs: int) -> nn.Sequential:
    """Half the side (downBlock)."""
    return normalised(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False))


def normalised(conv: nn.Conv2d) -> nn.Sequential:
    """A convolution, batch norm and a leaky ReLU (Block3x3_leakRelu)."""
    norm = nn.BatchNorm2d(conv.out_channels)
    return nn.Sequential(conv, norm, nn.LeakyReLU(0.2, inplace=True))
