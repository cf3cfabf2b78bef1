"""AttnGAN's text encoder: a bi-directional LSTM (Xu et al., section 3.2)."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

DROPOUT = 0.5


class TextBatch(NamedTuple):
    """Captions of several lengths as the networks take them."""

    numbers: Tensor  # (B, T) int64, filled up with 0
    lengths: Tensor  # (B,) int64, on the CPU, where the LSTM wants them
    padding: Tensor  # (B, T) bool, true where there is no word

    @staticmethod
    def of(captions: Sequence[Sequence[int]], device: torch.device | str = "cpu") -> "TextBatch":
        """Stacks captions, each the numbers of at least one word; T is that of the longest."""
        lengths = torch.tensor([len(caption) for caption in captions])
        numbers = torch.zeros(len(captions), int(lengths.max()), dtype=torch.int64)
        for row, caption in zip(numbers, captions, strict=True):
            row[: len(caption)] = torch.tensor(caption)
        padding = torch.arange(numbers.shape[1]) >= lengths[:, None]
        return TextBatch(numbers.to(device), lengths, padding.to(device))


class TextEncoder(nn.Module):
    """Words to features; parameter names are the authors' (RNN_ENCODER)."""

    def __init__(self, vocabulary: int, embedding: int, text: int) -> None:
        super().__init__()
        self.encoder = nn.Embedding(vocabulary, embedding)
        self.drop = nn.Dropout(DROPOUT)
        self.rnn = nn.LSTM(embedding, text // 2, batch_first=True, bidirectional=True)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)

    def forward(self, numbers: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Features of captions (B, T) int64 with `lengths` (B,) from 1 to T, in any order.

        Returns those of the words, e (B, D, T), zeros where there is no word, and of the
        sentences, the last states of both directions, (B, D).
        """
        embedded = self.drop(self.encoder(numbers))  # (B, T, embedding)
        packed = pack_padded_sequence(
            embedded, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, (last, _) = self.rnn(packed)
        words, _ = pad_packed_sequence(states, batch_first=True, total_length=numbers.shape[1])
        return words.transpose(1, 2), last.transpose(0, 1).flatten(1)
