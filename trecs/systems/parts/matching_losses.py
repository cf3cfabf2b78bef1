"""The losses of the matching model (DAMSM; Xu et al., section 3.2), as pure functions."""

import torch
from torch import Tensor
from torch.nn import functional

GAMMA1, GAMMA2, GAMMA3 = 5.0, 5.0, 10.0  # the paper's; the authors' COCO run has gamma1 = 4


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


def _matching(scores: Tensor, classes: Tensor | None) -> tuple[Tensor, Tensor]:
    """Cross entropies of scores (B pictures, B captions) along each side (equations 11 to 13)."""
    own = torch.arange(len(scores), device=scores.device)
    if classes is not None:
        alike = (classes[:, None] == classes) & (own[:, None] != own)
        scores = scores.masked_fill(alike, -torch.inf)
    return functional.cross_entropy(scores, own), functional.cross_entropy(scores.T, own)
