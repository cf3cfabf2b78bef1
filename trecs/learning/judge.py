"""Judges say whether a picture is real and whether it is what was told; their losses.

Those of AttnGAN (Xu et al., CVPR 2018, section 3.1), which whoever learns to draw may use; what is
told is a vector, of a sentence or of something else. Parameter names are the authors', whose last
layer's sigmoid belongs to the losses here. Where the paper and the authors' code differ, the code
holds, for the published numbers come from it, and the docstring says so.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

CODE = 8  # times the width: the channels of a picture's 4x4 code


def conv3x3(inputs: int, outputs: int) -> nn.Conv2d:
    """A convolution that keeps the size, without bias."""
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)


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


def halving(inputs: int, outputs: int) -> nn.Sequential:
    """Half the side (downBlock)."""
    return normalised(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False))


def normalised(conv: nn.Conv2d) -> nn.Sequential:
    """A convolution, batch norm and a leaky ReLU (Block3x3_leakRelu)."""
    norm = nn.BatchNorm2d(conv.out_channels)
    return nn.Sequential(conv, norm, nn.LeakyReLU(0.2, inplace=True))


def discriminator_loss(real: Verdict, generated: Verdict, mismatched: Tensor) -> Tensor:
    """L_D of one discriminator (equation 5), a scalar.

    `mismatched` (B - 1,): conditional logits of real pictures beside other ones' sentences, which
    count as generated. They and the weights 1/2 and 1/3 are the authors' code's, not the paper's.
    """
    kept = _entropy(real.unconditional, 1) + _entropy(real.conditional, 1)
    rejected = [generated.unconditional, generated.conditional, mismatched]
    return kept / 2 + torch.stack([_entropy(logits, 0) for logits in rejected]).mean()


def adversarial_loss(verdicts: Sequence[Verdict]) -> Tensor:
    """What a generator loses before its discriminators (equation 4), a scalar.

    The authors' code sums without the paper's halves, and so does this.
    """
    return torch.stack([_entropy(logits, 1) for verdict in verdicts for logits in verdict]).sum()


def _entropy(logits: Tensor, target: int) -> Tensor:
    """Binary cross entropy against 1 (real) or 0 (generated), a scalar."""
    return functional.binary_cross_entropy_with_logits(
        logits.float(), torch.full_like(logits, target, dtype=torch.float32)
    )
