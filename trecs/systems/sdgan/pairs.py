"""Two captions of every photo, and how the Siamese branches are given them (section 3.1)."""

import numpy as np
import torch
from torch import Tensor

from trecs.systems.parts.caption_training import CaptionBatches

ToldTwice = tuple[Tensor, list[tuple[int, ...]], list[tuple[int, ...]]]
"""Photos (B, 3, S, S) in [-1, 1], all different, a caption of each, and another one of each."""


class TwiceToldBatches(CaptionBatches):
    """Batches of photos with two captions each, drawn without putting the first one back.

    A photo that has one alone tells it twice.
    """

    def __getitem__(self, step: int) -> ToldTwice:  # type: ignore[override]
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(len(self.squares), self._batch, replace=False)
        first, second = list[tuple[int, ...]](), list[tuple[int, ...]]()
        for photo in chosen:
            told = self.captions[photo]
            one, other = rng.permutation(len(told))[[0, -1]]
            first.append(told[one])
            second.append(told[other])
        return self._cropped(chosen, rng), first, second


def partners(count: int) -> Tensor:
    """Of which photo the second branch is told, (count,) int64, beside the first branch's 0, 1, ...

    The first half are the same photos; the others are of the second half, each another one. So half
    of the pairs are of one photo (reconstructed), and both branches are told of all photos once.
    Of four at least.
    """
    half = count // 2
    return torch.cat([torch.arange(half), torch.arange(half, count).roll(-1)])
