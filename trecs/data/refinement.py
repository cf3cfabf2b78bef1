"""Label refinement: from noisy labels under the trace to labels that fit the words.

TReCS, section 2.1. With weights alpha by tf-idf of words and labels and P(w|c) of IBM Model 1
(`trecs.data.translation`),

    emissions    e(w|c)  = alpha_w P(w|c) / sum over w of the same,
    transitions  t(c'|c) = alpha_c' (Count(c -> c') + 1) / sum over c' of the same,
    score of a step        e(w|c') t(c'|c)^10,

and the labels of a narrative are the best sequence among the labels of its picture.

Reconstructed: tf is a word's (label's) share of all tokens, idf is log(1 + N / df); Count is over
successive words; the first word has no transition; a word that was never seen says nothing.

The paper uses the trace for the statistics alone. `hull_odds` above 1 let it speak for each word,
too: the step's score becomes e(w|c') (t(c'|c) a)^10, where a is these odds if c' is the noisy
label, else 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import load_config, load_tensors, save_weights
from retrieval.words import normalise
from segmentation.labels import COUNT
from trecs.data.constrained_viterbi import decode
from trecs.data.translation import bitext, translation
from trecs.text.words import Vocabulary

IMPOSSIBLE = 1e-300  # least emission; its logarithm, -691, is worse than thirty changes of label


@dataclass(frozen=True)
class RefinerConfig:
    """The numbers of the refinement; the defaults are the paper's formula."""

    power: float = 10.0  # of the transitions
    radius: int = 2  # words to each side whose noisy labels a word may come from; reconstructed
    iterations: int = 50  # of IBM Model 1; reconstructed
    hull_odds: float = 1.0  # of a word's noisy label, beyond the paper

    @classmethod
    def with_trace(cls) -> "RefinerConfig":
        """The trace speaks for each word, too: measures best on simulated traces."""
        return cls(hull_odds=7.0)


@dataclass(frozen=True, eq=False)
class NoisyNarrative:
    """Words with noisy labels.

    `words`: N of them, N at least 1. `labels` (N,) uint8, from the trace. `present` (K,) uint8:
    the labels of the picture, those of `labels` among them.
    """

    words: tuple[str, ...]
    labels: NDArray[np.uint8]
    present: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class LabelRefiner:
    """The statistics of a corpus of noisy narratives.

    `emissions` (V, 182) and `transitions` (182, 182, from row to column) are logarithms, float32.
    """

    config: RefinerConfig
    vocabulary: Vocabulary
    emissions: NDArray[np.float32]
    transitions: NDArray[np.float32]

    @classmethod
    def fit(cls, corpus: Sequence[NoisyNarrative], config: RefinerConfig) -> "LabelRefiner":
        """Learns from noisy narratives, of which there must be one; it sees no other labels."""
        vocabulary = Vocabulary.of((narrative.words for narrative in corpus), at_least=1)
        numbers = _numbers(vocabulary)
        words = np.concatenate([_look_up(narrative.words, numbers) for narrative in corpus])
        labels = np.concatenate([narrative.labels for narrative in corpus]).astype(np.int64)
        told = np.repeat(np.arange(len(corpus)), [len(narrative.words) for narrative in corpus])
        pairs = bitext(words, labels, told, radius=config.radius)
        chances = translation(pairs, len(vocabulary), iterations=config.iterations)
        follows = told[1:] == told[:-1]
        counts = np.zeros((COUNT, COUNT))
        np.add.at(counts, (labels[:-1][follows], labels[1:][follows]), 1.0)
        emitted = emissions(chances, tf_idf(words, told, len(vocabulary)))
        moved = transitions(counts, tf_idf(labels, told, COUNT))
        return cls(
            config,
            vocabulary,
            np.log(emitted.clip(IMPOSSIBLE)).astype(np.float32),
            np.log(moved).astype(np.float32),
        )

    @classmethod
    def load(cls, folder: Path) -> "LabelRefiner":
        """Reads a folder of statistics; raises InputError where it is missing or damaged."""
        config = load_config(folder, "refiner", RefinerConfig)
        vocabulary, tensors = Vocabulary.read(folder), load_tensors(folder)
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        expected = {"emissions": (len(vocabulary), COUNT), "transitions": (COUNT, COUNT)}
        if shapes != expected:
            raise InputError(
                f"The statistics in '{folder}' have the shapes {shapes}; expected {expected}. Its "
                "files must come from one `trecs train refiner`."
            )
        return cls(config, vocabulary, *(tensors[name].numpy() for name in expected))

    def save(self, folder: Path) -> None:
        """Writes the folder of statistics."""
        import torch

        self.vocabulary.write(folder)
        tensors = {"emissions": self.emissions, "transitions": self.transitions}
        state = {name: torch.from_numpy(values) for name, values in tensors.items()}
        save_weights(folder, "refiner", self.config, state)

    def refine(self, corpus: Sequence[NoisyNarrative]) -> list[NDArray[np.uint8]]:
        """The refined labels of each narrative's words, (N,) uint8."""
        power, agreement = self.config.power, self.config.power * np.log(self.config.hull_odds)
        numbers = _numbers(self.vocabulary)
        scores = []
        for narrative in corpus:
            words, present = _look_up(narrative.words, numbers), narrative.present
            score = self.emissions[words[:, None], present] * (words > 0)[:, None]  # (N, K)
            scores.append(score + agreement * (narrative.labels[:, None] == present))
        allowed = [narrative.present for narrative in corpus]
        return decode(scores, power * self.transitions, allowed)


def tf_idf(
    values: NDArray[np.int64], narratives: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """The weights of `count` words or labels, (count,): share of all tokens times log(1 + N / df).

    `values` (T,): the word or label of each token; `narratives` (T,): the one it stands in, from
    0 to N - 1. What does not occur has the weight of what occurs once.
    """
    total = int(narratives.max()) + 1
    pairs = np.unique(narratives * count + values)
    df = np.bincount(pairs % count, minlength=count)
    tf = np.bincount(values, minlength=count) / len(values)
    weights: NDArray[np.float64] = np.maximum(tf, 1 / len(values)) * np.log1p(
        total / np.maximum(df, 1)
    )
    return weights


def emissions(chances: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """e(w|c) (V, C) from P(w|c) (V, C) and alpha_w (V,); columns sum to 1 or, unseen, to 0."""
    weighted = chances * weights[:, None]
    return weighted / np.maximum(weighted.sum(0), IMPOSSIBLE)


def transitions(counts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """t(c'|c) (C, C), rows c, from Count(c -> c') (C, C) and alpha_c' (C,); rows sum to 1."""
    weighted = (counts + 1.0) * weights
    return weighted / weighted.sum(1, keepdims=True)


def _numbers(vocabulary: Vocabulary) -> dict[str, int]:
    return {word: number for number, word in enumerate(vocabulary.words)}


def _look_up(words: Sequence[str], numbers: dict[str, int]) -> NDArray[np.int64]:
    """Each word's place in the vocabulary, (N,), 0 where it is not known."""
    return np.array([numbers.get(normalise(word), 0) for word in words], np.int64)
