"""The losses of AttnGAN and of its matching model, as pure functions.

Equations are those of Xu et al.; where the paper and the authors' code differ, the code holds,
for the published numbers come from it, and the docstring says so.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from trecs.systems.attngan.discriminator import Verdict

GAMMA1, GAMMA2, GAMMA3 = 5.0, 5.0, 10.0  # the paper's; the authors' COCO run has gamma1 = 4
LAMBDA = 50.0  # COCO's; 5 for birds


def word_loss(
    regions: Tensor,
    words: Tensor,
    lengths: Tensor,
    classes: Tensor | None = None,
    *,
    gamma1: float = GAMMA1,
    gamma2: float = GAMMA2,
    gamma3: float = GAMMA3,
) -> tuple[Tensor, Tensor]:
    """L_1^w and L_2^w (equations 7 to 13): which caption fits a picture, and the other way.

    `regions` (B, D, h, w): an image encoder's local features; `words` (B, D, T) with `lengths`
    (B,). Caption n is picture n's own; of the others those of the same class (`classes` (B,)
    int64) count neither way. Two scalars.
    """
    places = regions.flatten(2)  # (B, D, N)
    scores = torch.stack(
        [
            word_score(places, words[n, :, :length], gamma1=gamma1, gamma2=gamma2)
            for n, length in enumerate(lengths.tolist())
        ],
        dim=1,
    )
    return _matching(gamma3 * scores, classes)


def word_score(places: Tensor, words: Tensor, *, gamma1: float, gamma2: float) -> Tensor:
    """gamma2 R(Q, D) (B,): how well one caption's words (D, T) fit pictures (B, D, N).

    Equations 7 to 10; equation 10 has the power 1 / gamma2, which the authors' code leaves out.
    """
    shares = torch.einsum("bdn,dt->bnt", places, words).softmax(2)  # equation 8: over words
    attention = (gamma1 * shares).softmax(1)  # equation 9: over places
    contexts = places @ attention  # (B, D, T)
    relevance = functional.cosine_similarity(contexts, words[None], dim=1)  # (B, T)
    return (gamma2 * relevance).logsumexp(1)


def sentence_loss(
    pictures: Tensor, sentences: Tensor, classes: Tensor | None = None, *, gamma3: float = GAMMA3
) -> tuple[Tensor, Tensor]:
    """L_1^s and L_2^s: the same for whole pictures (B, D) and sentences (B, D). Two scalars."""
    pictures, sentences = (functional.normalize(x, dim=1) for x in (pictures, sentences))
    return _matching(gamma3 * pictures @ sentences.T, classes)


def kl_loss(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Divergence of the conditions (B, C) from a standard normal distribution, a scalar.

    Zhang et al., ICCV 2017, equation 2; the mean over B and C, as in the authors' code.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()


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


def generator_loss(
    verdicts: Sequence[Verdict],
    matching: Sequence[Tensor],
    divergence: Tensor,
    *,
    weight: float = LAMBDA,
) -> Tensor:
    """L = L_G + lambda L_DAMSM (equation 3), a scalar.

    `verdicts`: of each stage's generated pictures; `matching`: the word and sentence losses of the
    last stage's; `divergence`: that of `kl_loss`, which the paper does not write down.
    """
    return adversarial_loss(verdicts) + weight * torch.stack(list(matching)).sum() + divergence


def _matching(scores: Tensor, classes: Tensor | None) -> tuple[Tensor, Tensor]:
    """Cross entropies of scores (B pictures, B captions) along each side (equations 11 to 13)."""
    own = torch.arange(len(scores), device=scores.device)
    if classes is not None:
        alike = (classes[:, None] == classes) & (own[:, None] != own)
        scores = scores.masked_fill(alike, -torch.inf)
    return functional.cross_entropy(scores, own), functional.cross_entropy(scores.T, own)


def _entropy(logits: Tensor, target: int) -> Tensor:
    """Binary cross entropy against 1 (real) or 0 (generated), a scalar."""
    return functional.binary_cross_entropy_with_logits(
        logits.float(), torch.full_like(logits, target, dtype=torch.float32)
    )
