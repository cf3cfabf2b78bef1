"""The word-level discriminator: are the words to be seen in a picture? (Li et al., section 3.3)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

GAMMA1, GAMMA2 = 4.0, 5.0  # sharpness of the attention over regions, and of the score: the authors'
THRESHOLD = 0.9  # at first: photos score 1.4 beside their captions by the bundled DAMSM, else 0.4


class WordJudge(nn.Module):
    """How likely a picture has the words of a caption, by the regions that a frozen trunk sees.

    The perception layer F' learns, as in the paper. The authors' code has none: it scores by two
    frozen encoders, and makes a new tensor of the scores, so that its term teaches nobody.

    Reconstructed: their score is nearly 1 for any caption, so scale and threshold are learnt.
    """

    def __init__(self, channels: int, text: int) -> None:
        super().__init__()
        self.perception = nn.Conv2d(channels, text, 1, bias=False)
        self.scale = nn.Parameter(torch.ones(()))
        self.threshold = nn.Parameter(torch.tensor(THRESHOLD))

    def forward(self, seen: Tensor, words: Tensor, padding: Tensor) -> Tensor:
        """Logits (B,) of maps (B, L, h, w) beside words (B, D, T) with their padding (B, T)."""
        cosines = word_cosines(self.perception(seen).flatten(2), words, padding)
        scores = correlation(cosines, word_importance(words, padding))
        return self.scale * (scores - self.threshold)


def word_cosines(
    places: Tensor, words: Tensor, padding: Tensor, *, gamma1: float = GAMMA1
) -> Tensor:
    """How near each word (B, D, T) is to the regions (B, D, N) that it attends to: (B, T).

    AttnGAN's attention (Xu et al., equations 8 to 10) of own captions; 0 where `padding` is.
    """
    hidden = padding[:, None]  # (B, 1, T)
    scores = (places.transpose(1, 2) @ words).masked_fill(hidden, -torch.inf)  # (B, N, T)
    attention = (gamma1 * scores.softmax(2)).softmax(1)  # over the words, then over the regions
    cosines = functional.cosine_similarity(places @ attention, words, dim=1)
    return cosines.masked_fill(padding, 0.0)


def word_importance(words: Tensor, padding: Tensor) -> Tensor:
    """The words' self-attention gamma (B, T), whose sum is 1: how near each is to their mean."""
    known = (~padding).to(words)[:, None]  # (B, 1, T)
    mean = (words * known).sum(2, keepdim=True) / known.sum(2, keepdim=True)  # (B, D, 1)
    scores = (mean * words).sum(1)
    return scores.masked_fill(padding, -torch.inf).softmax(1)


def correlation(cosines: Tensor, importance: Tensor, *, gamma2: float = GAMMA2) -> Tensor:
    """log of the sum over words of importance times exp(gamma2 cosine), (B,), of (B, T) each.

    With an importance of 1 for each word and 0 for padding, it is the authors' logit. They multiply
    each word's context by its importance, which its cosine cancels, in paper and code alike; here
    it weighs the word's term (reconstructed).
    """
    return (gamma2 * cosines + importance.log()).logsumexp(1)
