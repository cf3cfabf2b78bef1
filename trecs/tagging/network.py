"""The tagger's network: BERT, a bidirectional LSTM over its words, and two classifiers.

One classifier names the label of every word. The other says of every label whether the narrative
speaks of it at all; it serves in training, as a second task for what both share
(reconstructed).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from segmentation.labels import COUNT
from trecs.text.wordpieces import END, PAD, START, WordPieces
from trecs.trunks.bert import Bert, BertConfig

RARELY = -7.0  # a label's logit at a word before training: few are mentioned in a narrative


@dataclass(frozen=True)
class TaggerConfig(BertConfig):
    """The tagger's numbers; the defaults are the bundled checkpoint's."""

    hidden: int = 192  # of the LSTM, each direction
    dropout: float = 0.3  # around the LSTM
    chain_weight: float = 0.03  # exponent of t(c'|c)
    least: float = 0.38  # the probability that a label must have at some word to be used

    @property
    def room(self) -> int:
        """How many pieces of words BERT reads at once, between the marks of start and end."""
        return self.positions - 2

    @classmethod
    def tiny(cls, vocabulary: int) -> "TaggerConfig":
        """The same path in a test's time, without dropout."""
        return cls(
            vocabulary,
            width=16,
            layers=2,
            heads=2,
            inner=32,
            bert_dropout=0.0,
            hidden=8,
            dropout=0.0,
        )


class Batch(NamedTuple):
    """Narratives as the network reads them.

    `pieces` (B, T) int64, each row from START to END, then PAD. `parts` (B, N, T) bool: which
    pieces word n consists of. `lengths` (B,) int64: words in each narrative, at least 1.
    """

    pieces: Tensor
    parts: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, vocabulary: WordPieces, narratives: Sequence[Sequence[str]]) -> "Batch":
        """Splits the words of narratives, none of them empty, into pieces."""
        split = [[vocabulary.split(word) for word in words] for words in narratives]
        lengths = torch.tensor([len(words) for words in narratives])
        longest = 2 + max(sum(map(len, words)) for words in split)
        pieces = np.full((len(split), longest), PAD, np.int64)
        parts = np.zeros((len(split), int(lengths.max()), longest), np.bool_)
        for row, words in enumerate(split):
            flat = [START, *(piece for word in words for piece in word), END]
            pieces[row, : len(flat)] = flat
            start = 1
            for n, word in enumerate(words):
                parts[row, n, start : start + len(word)] = True
                start += len(word)
        return cls(torch.from_numpy(pieces), torch.from_numpy(parts), lengths)


class TaggerNetwork(nn.Module):
    """Word pieces to label logits of words and of whole narratives."""

    transitions: Tensor

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        self.bert = Bert(config)
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = nn.LSTM(config.width, config.hidden, batch_first=True, bidirectional=True)
        features = config.width + 2 * config.hidden
        self.classify = nn.Linear(features, COUNT)
        self.mention = nn.Linear(features, COUNT)
        nn.init.constant_(self.mention.bias, RARELY)
        # log t(c'|c), row c to column c'
        self.register_buffer("transitions", torch.full((COUNT, COUNT), -np.log(COUNT)))

    def forward(self, pieces: Tensor, parts: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Label logits of words (B, N, 182) and of narratives (B, 182), float32.

        The arguments are a `Batch`'s. A narrative's logit is a soft maximum over its words: one
        mention is enough.
        """
        vectors = self.bert(pieces)  # (B, T, width)
        with torch.autocast(vectors.device.type, enabled=False):  # the LSTM needs its precision
            words = parts.float() @ vectors.float()  # (B, N, width)
            words = words / parts.sum(2, keepdim=True).clamp(min=1)
            packed = pack_padded_sequence(
                self.dropout(words), lengths.cpu(), batch_first=True, enforce_sorted=False
            )
            context, _ = pad_packed_sequence(
                self.lstm(packed)[0], batch_first=True, total_length=words.shape[1]
            )
            x = self.dropout(torch.cat((words, context), -1))  # (B, N, width + 2*hidden)
            beyond = torch.arange(x.shape[1], device=x.device) >= lengths[:, None]  # (B, N)
            mentions = self.mention(x).masked_fill(beyond[..., None], -torch.inf)
            return self.classify(x), mentions.logsumexp(1)
