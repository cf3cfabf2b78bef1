"""The tagger: one COCO-Stuff label for every word of a narrative (TReCS, section 2.1).

As in the paper, BERT is fine-tuned on tags that were derived from mouse traces. Its per-word
probabilities are combined with the label transitions t(c'|c) of section 2.1, because labels come
in runs; then labels of which no word is sure enough are left out (reconstructed).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import load_config, load_module, save_weights
from segmentation.labels import COUNT, NAMES
from trecs.narrative import Word
from trecs.tagging.network import Batch, TaggerConfig, TaggerNetwork
from trecs.text.said import Said
from trecs.text.wordpieces import WordPieces
from trecs.text.words import Vocabulary

WORDS = "words.txt"
LIKELIEST = 3  # labels told for each word


@dataclass(frozen=True, eq=False)
class Tags:
    """The label of every word: `labels` (N,) uint8, `probabilities` (N, 182) float32 rows.

    A word's label need not be its likeliest: see `choose` and `trecs.tagging.reading`, which also
    adds what was `said` besides.
    """

    labels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    said: Said = field(default_factory=Said)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Nouns that no label fits, such as "violin"."""
        return self.said.unknown

    def to_json(self, words: Sequence[Word]) -> list[dict[str, Any]]:
        """As `result.json` tells them: each word with its times, its label and the likeliest."""
        told = []
        for word, label, row in zip(words, self.labels, self.probabilities, strict=True):
            likeliest = np.argsort(-row, kind="stable")[:LIKELIEST]
            told.append(
                {
                    "word": word.text,
                    "start": word.start,
                    "end": word.end,
                    "label": NAMES[label],
                    "probability": round(float(row[label]), 4),
                    "likeliest": {NAMES[i]: round(float(row[i]), 4) for i in likeliest},
                }
            )
        return told


class Tagger:
    """A trained tagger; made by `load`.

    `pieces`: BERT's vocabulary. `words`: those of the training, which are known to be words even
    where BERT's vocabulary has them in pieces.
    """

    def __init__(
        self,
        config: TaggerConfig,
        pieces: WordPieces,
        words: Vocabulary,
        network: TaggerNetwork,
    ) -> None:
        self.config = config
        self.pieces = pieces
        self.words = words
        self.network = network.eval()

    @classmethod
    def load(cls, folder: Path) -> "Tagger":
        """Reads a tagger's folder; raises InputError where it is missing, damaged or foreign."""
        config = load_config(folder, "tagger", TaggerConfig)
        pieces = WordPieces.read(folder)
        if len(pieces) != config.vocabulary:
            raise InputError(
                f"'{folder}/vocab.txt' has {len(pieces):,} pieces but config.json says "
                f"{config.vocabulary:,}; both files must come from one training."
            )
        words = Vocabulary.read(folder, WORDS)
        return cls(config, pieces, words, load_module(folder, lambda: TaggerNetwork(config)))

    def save(self, folder: Path) -> None:
        """Writes the folder that `load` reads, large matrices as 8-bit numbers."""
        self.pieces.write(folder)
        self.words.write(folder, WORDS)
        save_weights(folder, "tagger", self.config, self.network.state_dict(), int8=True)

    def tag(self, words: Sequence[str]) -> Tags:
        """The labels of a narrative's words, as typed; no words give no labels.

        Raises InputError where the tagger knows none of the words.
        """
        self.check(words)
        return self.tag_all([words])[0]

    def check(self, words: Sequence[str]) -> None:
        """Raises InputError where there are words and the tagger knows none of them."""
        if words and not any(self.pieces.knows(w) or self.words.find(w) for w in words):
            some = ", ".join(f"'{word[:30]}'" for word in words[:5])
            raise InputError(
                f"None of these words is known: {some}{', ...' if len(words) > 5 else ''}. "
                "Describe the picture in English, such as 'two dogs on the grass'."
            )

    def knows(self, word: str) -> bool:
        """Whether the training had a word, or one that it comes from."""
        return self.words.find(word) > 0

    @torch.inference_mode()
    def tag_all(self, narratives: Sequence[Sequence[str]]) -> list[Tags]:
        """The labels of several narratives, faster than one by one; unknown words are guessed.

        A narrative of more pieces than BERT reads at once is read in stretches.
        """
        stretches = [
            [words[part] for part in self.pieces.stretches(words, self.config.room)]
            for words in narratives
        ]
        flat = [stretch for some in stretches for stretch in some]
        emissions = iter(self._emissions(flat) if flat else [])
        transitions = self.network.transitions.mul(self.config.chain_weight).numpy()
        tags = []
        for some in stretches:
            rows = [next(emissions) for _ in some]
            labels, probabilities = np.zeros(0, np.uint8), np.zeros((0, COUNT), np.float32)
            if rows:
                probabilities = posterior(np.concatenate(rows), transitions)
                labels = choose(probabilities, self.config.least)
            tags.append(Tags(labels, probabilities))
        return tags

    def _emissions(self, narratives: Sequence[Sequence[str]]) -> list[NDArray[np.float32]]:
        """By narrative the log probability of every label at every word, (N, 182)."""
        words, _ = self.network(*Batch.of(self.pieces, narratives))
        emissions = words.log_softmax(-1).numpy()
        return [rows[: len(n)] for rows, n in zip(emissions, narratives, strict=True)]


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


def choose(probabilities: NDArray[np.float32], least: float) -> NDArray[np.uint8]:
    """The likeliest label of every word (N,), of labels that are somewhere as likely as `least`.

    `probabilities` (N, C), N at least 1. A label that is really spoken of is clear at some word;
    one that is merely possible at several is mostly a confusion with another. Where no label is
    as likely as that, the likeliest of all remains.
    """
    best = probabilities.max(0)
    clear = best >= min(least, best.max())
    result: NDArray[np.uint8] = np.where(clear, probabilities, -1).argmax(1).astype(np.uint8)
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
