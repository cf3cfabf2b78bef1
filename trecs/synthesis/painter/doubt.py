"""Thumbnails made worse in training, so that what is drawn beside them mends what is wrong.

Conditioning augmentation (Ho et al., JMLR 2022, section 4): the second stage of a cascade learns
from inputs that are as imperfect as the first stage's will be.
"""

import torch
from torch import Tensor
from torch.nn import functional

from trecs.synthesis.painter.told import cut

MOST_DOUBT = 0.5  # the largest spread of the noise
BLURRED = 0.5  # share of thumbnails that are blurred, each by another amount
MOVED = 0.25  # share that is moved by a pixel


def doubted(thumbnails: Tensor) -> tuple[Tensor, Tensor]:
    """Thumbnails (B, 3, S, S) moved, blurred and noised at random, and how noisy each is (B,).

    Small noise is likelier than large.
    """
    batch, device = len(thumbnails), thumbnails.device
    step = torch.randint(-1, 2, (batch, 2)) * (torch.rand(batch, 1) < MOVED)
    padded = functional.pad(thumbnails, (1, 1, 1, 1), mode="replicate")
    moved = cut(padded, step + 1, thumbnails.shape[-1])
    share = torch.rand(batch, 1, 1, 1) * (torch.rand(batch, 1, 1, 1) < BLURRED)
    share = share.to(device)
    padded = functional.pad(moved, (1, 1, 1, 1), mode="replicate")
    soft = (1 - share) * moved + share * functional.avg_pool2d(padded, 3, 1)
    doubt = (MOST_DOUBT * torch.rand(batch).square()).to(device)
    return soft + doubt.view(-1, 1, 1, 1) * torch.randn_like(soft), doubt
