"""Semantic-conditioned batch norm, SCBN (Yin et al., CVPR 2019, section 3.3).

What is told changes the scale and the shift that a norm has learnt:
SCBN(x | cue) = (gamma + gamma_c) (x - mu) / sigma + (beta + beta_c). A cue is the sentence, which
changes a channel everywhere alike, or the words, which change every place in its own way.
"""

import torch
from torch import Tensor, nn

from trecs.systems.parts.conditioning import begin_told_apart
from trecs.systems.parts.word_attention import WordAttention

BEGIN = 0.5  # of the perceptrons' last weights, by which sentences are told from the first step on


class SemanticNorm(nn.Module):
    """A batch norm with a scale, gamma, and a shift, beta, that cues change."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def changed(self, normal: Tensor, gamma_c: Tensor, beta_c: Tensor) -> Tensor:
        """Normalised maps (B, C, H, W), scaled and shifted.

        `gamma_c`, `beta_c`: the cues' changes, (B, C, 1, 1) or (B, C, H, W).
        """
        gamma, beta = (own[:, None, None] for own in (self.gamma, self.beta))
        return (gamma + gamma_c) * normal + (beta + beta_c)


class SentenceNorm(SemanticNorm):
    """Asks the sentence: gamma_c and beta_c by a perceptron of one hidden layer each."""

    def __init__(self, channels: int, text: int, hidden: int) -> None:
        super().__init__(channels)
        self.gamma_net = _perceptron(text, hidden, channels)
        self.beta_net = _perceptron(text, hidden, channels)

    def forward(self, x: Tensor, sentence: Tensor) -> Tensor:
        """Maps (B, C, H, W) beside sentences (B, D) to (B, C, H, W)."""
        gamma_c, beta_c = (
            net(sentence)[..., None, None] for net in (self.gamma_net, self.beta_net)
        )
        return self.changed(self.norm(x), gamma_c, beta_c)

    @torch.no_grad()
    def begin_apart(self, sentences: Tensor) -> None:
        """Lets the hidden layers begin as the principal components of sentences (N, D).

        Reconstructed: the encoder's sentences lie so near each other that else all change alike.
        """
        for net in (self.gamma_net, self.beta_net):
            hidden, last = net[0], net[2]
            assert isinstance(hidden, nn.Linear)
            assert isinstance(last, nn.Linear)
            begin_told_apart(hidden, sentences)
            last.weight.mul_(BEGIN)


class WordNorm(SemanticNorm):
    """Asks the words at every place: gamma_c and beta_c by 1x1 convolutions of what it finds.

    The visual-semantic embedding of place j is sum_t softmax_t(v_j . f(w_t)) f(w_t), f a projection
    of the words to the channels. v_j is the normalised map (reconstructed), so that how sharply
    places choose does not hang on the scale of what comes before.
    """

    def __init__(self, channels: int, text: int) -> None:
        super().__init__(channels)
        self.embedding = WordAttention(channels, text)
        self.gamma_map = nn.Conv2d(channels, channels, 1)
        self.beta_map = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, words: Tensor, padding: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, C, H, W) beside words (B, D, T) to (B, C, H, W) and shares (B, T, H, W).

        `padding` (B, T) bool is true where there is no word. A place's shares sum up to 1.
        """
        normal = self.norm(x)
        _, shares = self.embedding(normal, words, padding)
        projected = self.embedding.conv_context(words[..., None])  # f(w_t), (B, C, T, 1)
        told = torch.cat([self.gamma_map(projected), self.beta_map(projected)], 1).squeeze(3)
        # Convolutions of sums are sums of convolutions, and words are fewer than places
        changes = (told @ shares.flatten(2)).unflatten(2, shares.shape[2:])
        return self.changed(normal, *changes.chunk(2, 1)), shares


def _perceptron(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
