"""The matching-aware judge's loss (Reed et al., ICML 2016), which most later systems have, too."""

import torch
from torch import Tensor
from torch.nn import functional


def matching_aware_loss(
    real: Tensor, wrong: Tensor, fake: Tensor, *, weight: float = 0.5
) -> Tensor:
    """L_D of logits (B,): real pictures beside their texts, beside wrong ones, and drawn ones.

    Algorithm 1, lines 7 to 8, as binary cross entropies: real + (wrong + fake) / 2; the halves
    are the `weight`. A scalar.
    """
    return believed_loss(real) + weight * (doubted_loss(wrong) + doubted_loss(fake))


def believed_loss(logits: Tensor) -> Tensor:
    """-log D: what a generator loses before a judge, and a judge for what is real. A scalar."""
    return _entropy(logits, 1.0)


def doubted_loss(logits: Tensor) -> Tensor:
    """-log(1 - D): what a judge loses for what it must reject. A scalar."""
    return _entropy(logits, 0.0)


def another(rows: Tensor) -> Tensor:
    """Each row's (B, ...) neighbour: of a batch of different photos, the wrong text or photo."""
    return rows.roll(1, 0)


def interpolated(sentences: Tensor, beta: float = 0.5) -> Tensor:
    """Sentences (B // 2, D) between those of the batch's halves (B, D): no photo has them.

    Section 4.3, equation 5; beta is 0.5 as in the paper.
    """
    half = len(sentences) // 2
    return beta * sentences[:half] + (1 - beta) * sentences[half : 2 * half]


def _entropy(logits: Tensor, target: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(
        logits.float(), torch.full_like(logits, target, dtype=torch.float32)
    )
