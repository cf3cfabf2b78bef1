"""What reads pictures back as text: MirrorGAN's STREAM (Qiao et al., CVPR 2019, section 3.3).

A picture's pooled features, of a frozen trunk, to one vector, and an LSTM that says words after it.
Layers and parameter names are those of the authors' PyTorch code (CNN_ENCODER, RNN_DECODER), which
has a ResNet-152 for a trunk.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

END = 0  # the number of the word that ends a caption, see `trecs.systems.parts.vocabulary`


@dataclass(frozen=True)
class CaptionerConfig:
    """The numbers of the captioner; the authors' stand beside."""

    vocabulary: int = 1_985  # words with their end mark
    pooled: int = 1_280  # the trunk's features of a whole picture (ResNet-152's 2048)
    embedding: int = 64  # numbers of a word and of a picture (256)
    hidden: int = 128  # of the LSTM's state (512)


class PictureFeatures(nn.Module):
    """Pooled features to the vector that the LSTM takes for a first word (CNN_ENCODER's end)."""

    def __init__(self, pooled: int, embedding: int) -> None:
        super().__init__()
        self.linear = nn.Linear(pooled, embedding)
        self.bn = nn.BatchNorm1d(embedding, momentum=0.01)

    def forward(self, pooled: Tensor) -> Tensor:
        """Maps (B, pooled) to (B, E)."""
        features: Tensor = self.bn(self.linear(pooled))
        return features


class CaptionDecoder(nn.Module):
    """A picture's vector to words, one after another (RNN_DECODER)."""

    def __init__(self, vocabulary: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, vocabulary)

    def forward(self, features: Tensor, captions: Tensor) -> Tensor:
        """Logits (B, T, V) of each word of captions (B, T) int64, after those before it.

        The first comes after the picture's vector (B, E), the last is not looked at.
        """
        before = torch.cat([features[:, None], self.embed(captions[:, :-1])], 1)
        logits: Tensor = self.linear(self.lstm(before)[0])
        return logits


class Captioner(nn.Module):
    """Reads pictures, by what a frozen trunk sees of them."""

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__()
        self.config = config
        self.cnn = PictureFeatures(config.pooled, config.embedding)
        self.rnn = CaptionDecoder(config.vocabulary, config.embedding, config.hidden)

    def forward(self, pooled: Tensor, captions: Tensor, lengths: Tensor) -> Tensor:
        """-log p(T | picture) a word, a scalar, see `caption_loss`; `pooled` (B, P)."""
        return caption_loss(self.rnn(self.cnn(pooled), captions), captions, lengths)


def caption_loss(logits: Tensor, captions: Tensor, lengths: Tensor) -> Tensor:
    """L_stream (section 3.4), a scalar: the cross entropy of captions (B, T) int64 by logits.

    The mean over all words, `lengths` (B,) of each caption, as in the authors' code.
    """
    told = torch.arange(captions.shape[1], device=captions.device) < lengths[:, None]
    return functional.cross_entropy(logits[told].float(), captions[told])


def ended(numbers: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Captions (B, T) int64 that are filled up with END, each with one END more, and lengths."""
    return functional.pad(numbers, (0, 1), value=END), lengths + 1
