"""Losses of judges that score pairs and patches by least squares (HDGAN, Zhang et al., CVPR 2018).

Section 3.2; what is a half of what is the authors' PyTorch code's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Scores(NamedTuple):
    """What a judge thinks of pictures: 1 is believed and 0 is not, and nothing bounds a score."""

    pair: Tensor  # (B,), real and of its sentence
    local: Tensor  # (B, P, P), real, for each patch

    def thirds(self) -> list["Scores"]:
        """Those of the three parts of a batch, as `NestedJudges.together` makes it."""
        parts = zip(self.pair.chunk(3), self.local.chunk(3), strict=True)
        return [Scores(*part) for part in parts]


def pair_loss(real: Scores, wrong: Scores, fake: Scores) -> Tensor:
    """What a judge loses for pairs of pictures and sentences, a scalar: only real ones are 1."""
    return missed(real.pair, 1) + (missed(wrong.pair, 0) + missed(fake.pair, 0)) / 2


def local_loss(real: Scores, wrong: Scores, fake: Scores) -> Tensor:
    """What a judge loses for patches, a scalar: those of wrong pictures are real, too."""
    return missed(fake.local, 0) + (missed(wrong.local, 1) + missed(real.local, 1)) / 2


def judges_loss(real: Scores, wrong: Scores, fake: Scores) -> Tensor:
    """L_D of one side, a scalar: photos, other photos beside the same texts, and what is drawn."""
    return pair_loss(real, wrong, fake) + local_loss(real, wrong, fake)


def believed(fakes: Sequence[Scores]) -> Tensor:
    """What a generator loses before the judges of all sides, a scalar."""
    return torch.stack([missed(scores, 1) for fake in fakes for scores in fake]).sum()


def missed(scores: Tensor, aim: float) -> Tensor:
    """The mean squared error of scores of any shape, a scalar."""
    return (scores.float() - aim).square().mean()
