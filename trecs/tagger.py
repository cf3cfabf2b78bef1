"""The tagger: one COCO-Stuff label for every word of a narrative (TReCS, section 2.1).

The paper fine-tunes BERT on tags derived from mouse traces; this one is a bidirectional LSTM
trained from scratch on the released tags (reconstructed). Its per-word probabilities are
combined with the label transitions t(c'|c) of section 2.1, because labels come in runs.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from retrieval.weights import load_config, load_module, save_weights
from segmentation.errors import InputError
from segmentation.labels import COUNT
from trecs.words import Vocabulary, normalise

AFFIX_LENGTHS = (2, 3, 4, 5)


@dataclass(frozen=True, eq=False)
class Tags:
    """The label of every word: `labels` (N,) uint8, `probabilities` (N, 182) float32 rows."""

    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True)
class TaggerConfig:
    """The tagger's numbers; the defaults are the bundled checkpoint's."""

    vocabulary: int  # words known, `<unk>` among them
    affixes: int = 4096  # hash buckets for beginnings and endings of words
    width: int = 128  # of a word's vector
    hidden: int = 192  # of the LSTM, each direction
    layers: int = 1
    dropout: float = 0.4
    chain_weight: float = 0.1  # exponent of t(c'|c); larger ones swallow last nouns

    @classmethod
    def tiny(cls, vocabulary: int) -> "TaggerConfig":
        """The same path in a test's time."""
        return cls(vocabulary, affixes=64, width=16, hidden=16, layers=1, dropout=0.1)


class TaggerNetwork(nn.Module):
    """Word numbers and affixes to label logits, by a bidirectional LSTM."""

    transitions: Tensor

    def __init__(self, config: TaggerConfig) -> None:
        super().__init__()
        self.word = nn.Embedding(config.vocabulary, config.width)
        self.affix = nn.Embedding(config.affixes, config.width, padding_idx=0)
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = nn.LSTM(
            config.width,
            config.hidden,
            config.layers,
            batch_first=True,
            bidirectional=True,
            dropout=config.dropout if config.layers > 1 else 0.0,
        )
        self.classify = nn.Linear(2 * config.hidden, COUNT)
        # log t(c'|c), row c to column c'
        self.register_buffer("transitions", torch.full((COUNT, COUNT), -np.log(COUNT)))

    def forward(self, words: Tensor, affixes: Tensor, lengths: Tensor) -> Tensor:
        """Label logits (B, N, 182) of `words` (B, N) and their `affixes` (B, N, 8), int64.

        `lengths` (B,) int64 on the CPU: how many words each narrative has, at least 1.
        """
        x = self.word(words) + self.affix(affixes).sum(2)  # (B, N, width)
        packed = pack_padded_sequence(
            self.dropout(x), lengths, batch_first=True, enforce_sorted=False
        )
        h, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)  # (B, N, 2*hidden)
        logits: Tensor = self.classify(self.dropout(h))
        return logits


class Tagger:
    """A trained tagger; made by `load`."""

    def __init__(
        self, config: TaggerConfig, vocabulary: Vocabulary, network: TaggerNetwork
    ) -> None:
        self.config = config
        self.vocabulary = vocabulary
        self.network = network.eval()

    @classmethod
    def load(cls, folder: Path) -> "Tagger":
        """Reads a tagger's folder; raises InputError where it is missing, damaged or foreign."""
        config = load_config(folder, "tagger", TaggerConfig)
        vocabulary = Vocabulary.read(folder)
        if len(vocabulary) != config.vocabulary:
            raise InputError(
                f"'{folder}/vocab.txt' has {len(vocabulary):,} words but config.json says "
                f"{config.vocabulary:,}; both files must come from one training."
            )
        return cls(config, vocabulary, load_module(folder, lambda: TaggerNetwork(config)))

    def save(self, folder: Path) -> None:
        """Writes the folder that `load` reads."""
        self.vocabulary.write(folder)
        save_weights(folder, "tagger", self.config, self.network.state_dict())

    def tag(self, words: Sequence[str]) -> Tags:
        """The labels of a narrative's words, as typed; no words give no labels.

        Raises InputError where the tagger knows none of the words.
        """
        self.check(words)
        return self.tag_all([words])[0]

    def check(self, words: Sequence[str]) -> None:
        """Raises InputError where there are words and the tagger knows none of them."""
        if words and not any(self.vocabulary.find(word) for word in words):
            some = ", ".join(f"'{word[:30]}'" for word in words[:5])
            raise InputError(
                f"None of these words is known: {some}{', ...' if len(words) > 5 else ''}. "
                "Describe the picture in English, such as 'two dogs on the grass'."
            )

    @torch.inference_mode()
    def tag_all(self, narratives: Sequence[Sequence[str]]) -> list[Tags]:
        """The labels of several narratives, faster than one by one; unknown words are guessed."""
        spoken = [words for words in narratives if words]
        if not spoken:
            return [_tags(np.zeros((0, COUNT), np.float32)) for _ in narratives]
        logits = self.network(*encode(self.vocabulary, self.config.affixes, spoken))
        emissions = iter(logits.log_softmax(-1).numpy())
        transitions = self.network.transitions.mul(self.config.chain_weight).numpy()
        return [
            _tags(posterior(next(emissions)[: len(words)], transitions))
            if words
            else _tags(np.zeros((0, COUNT), np.float32))
            for words in narratives
        ]


def _tags(probabilities: NDArray[np.float32]) -> Tags:
    return Tags(probabilities.argmax(1).astype(np.uint8), probabilities)


def encode(
    vocabulary: Vocabulary, buckets: int, narratives: Sequence[Sequence[str]]
) -> tuple[Tensor, Tensor, Tensor]:
    """The network's input: word numbers (B, N), affixes (B, N, 8) and lengths (B,), int64."""
    lengths = torch.tensor([len(words) for words in narratives])
    numbers = torch.zeros(len(narratives), int(lengths.max()), dtype=torch.long)
    affixes = torch.zeros(*numbers.shape, 2 * len(AFFIX_LENGTHS), dtype=torch.long)
    for row, words in enumerate(narratives):
        numbers[row, : len(words)] = torch.tensor([vocabulary.find(word) for word in words])
        affixes[row, : len(words)] = torch.tensor([affix_numbers(word, buckets) for word in words])
    return numbers, affixes, lengths


@lru_cache(maxsize=10_000)
def affix_numbers(word: str, buckets: int) -> tuple[int, ...]:
    """Hashes of a word's beginnings and endings, 1 to buckets - 1; 0 where there is none.

    They let a word that was never seen resemble those spelled alike.
    """
    plain = normalise(word)
    parts = [f"^{plain[:n]}" if len(plain) >= n else "" for n in AFFIX_LENGTHS]
    parts += [f"{plain[-n:]}$" if len(plain) >= n else "" for n in AFFIX_LENGTHS]
    return tuple(1 + zlib.crc32(part.encode()) % (buckets - 1) if part else 0 for part in parts)


def posterior(
    emissions: NDArray[np.float32], transitions: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The probability of every label at every word, in a chain of labels.

    `emissions` (N, C) are log probabilities by word, `transitions` (C, C) log weights from row
    to column. Computed by the forward-backward algorithm, of which the paper's Viterbi path
    (section 2.1) keeps the maximum alone; returns (N, C) float32, rows sum to 1.
    """
    weights = np.exp(transitions.astype(np.float64))
    emitted = np.exp(emissions.astype(np.float64)) + 1e-12
    forward = np.empty_like(emitted)
    forward[0] = emitted[0] / emitted[0].sum()
    for n in range(1, len(emitted)):
        forward[n] = (forward[n - 1] @ weights) * emitted[n]
        forward[n] /= forward[n].sum()
    backward = np.ones_like(emitted)
    for n in range(len(emitted) - 2, -1, -1):
        backward[n] = weights @ (emitted[n + 1] * backward[n + 1])
        backward[n] /= backward[n].sum()
    both = forward * backward
    result: NDArray[np.float32] = (both / both.sum(1, keepdims=True)).astype(np.float32)
    return result


def label_transitions(
    tags: Sequence[NDArray[np.uint8]], *, smoothing: float = 1.0
) -> NDArray[np.float32]:
    """log t(c'|c) from label sequences, with add-one smoothing (section 2.1), (182, 182)."""
    counts = np.full((COUNT, COUNT), smoothing)
    for sequence in tags:
        np.add.at(counts, (sequence[:-1], sequence[1:]), 1)
    result: NDArray[np.float32] = np.log(counts / counts.sum(1, keepdims=True)).astype(np.float32)
    return result
