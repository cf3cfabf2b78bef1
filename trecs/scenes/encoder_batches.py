"""Batches for the dual encoder: noisy texts, their scenes, and scenes that nearly fit them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from retrieval.encoder import DualEncoder
from retrieval.scene_side import batch_of
from segmentation.labels import COUNT
from trecs.scenes import encoder_data
from trecs.scenes.encoder_data import Pair


@dataclass(frozen=True)
class Noise:
    """What is left out of texts and scenes, and how often, so that neither is learned by heart."""

    longest: int = 64  # words of a description; 91 % of the narratives are shorter
    word_dropout: float = 0.15
    mask_dropout: float = 0.2  # alike in a scene and its negative
    unweighted: float = 0.3  # share of the tagged texts that come without label weights
    mirrored_negatives: float = 0.5  # share for texts that tell left from right


class Batch(NamedTuple):
    """Texts, each with its scene and a hard negative: a scene that nearly fits it.

    `words` (B, N) int64 word numbers; `weights` (B, 182) label weights, which count where `given`
    (B,) bool. `labels` (B, 2, M), `geometry` (B, 2, M, 8), `present` (B, 2, M): the scene, then
    the negative. `told` (B, 182): zeros and ones, the labels told, where they are `known` (B,).
    """

    words: Tensor
    weights: Tensor
    given: Tensor
    labels: Tensor
    geometry: Tensor
    present: Tensor
    told: Tensor
    known: Tensor

    def taken(self, part: slice) -> "Batch":
        """Some of its texts with their scenes."""
        return Batch(*(values[part] for values in self))

    def label_sets(self) -> Tensor:
        """Which labels each text's own scene shows, (B, 182) of zeros and ones."""
        shown = torch.zeros_like(self.told)
        return shown.scatter_reduce(1, self.labels[:, 0], self.present[:, 0].float(), "amax")


class Examples:
    """Makes batches of pairs, each with one hard negative: a scene that nearly fits the text."""

    def __init__(self, pairs: list[Pair], encoder: DualEncoder, noise: Noise) -> None:
        self.pairs = pairs
        self.noise = noise
        self.numbers = [
            np.array(encoder.numbers(pair.words)[: noise.longest] or [0]) for pair in pairs
        ]
        self.sided = [encoder_data.tells_sides(pair.words) for pair in pairs]
        self.company = encoder_data.company_of(pairs)
        self.frequency = encoder_data.frequency_of(pairs)

    def batch(self, picked: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        """The pairs of some numbers, (B,), with noise drawn from `rng`."""
        count = len(picked)
        weights = np.zeros((count, COUNT), np.float32)
        given = np.zeros(count, bool)
        told, known = np.zeros((count, COUNT), np.float32), np.zeros(count, bool)
        scenes = []
        for row, i in enumerate(picked):
            pair, scene = self.pairs[i], self.pairs[i].scene
            if not self.sided[i] and rng.random() < 0.5:
                scene = encoder_data.mirrored(scene)
            if self.sided[i] and rng.random() < self.noise.mirrored_negatives:
                negative = encoder_data.mirrored(scene)
            else:
                negative = encoder_data.with_another_label(scene, pair.told, self.frequency, rng)
            scenes += [scene, negative]
            if pair.told is not None:
                told[row, pair.told], known[row] = 1, True
                if rng.random() >= self.noise.unweighted:
                    given[row] = True
                    weights[row] = encoder_data.imitated_weights(pair.told, self.company, rng)
        words = _words_of([self.numbers[i] for i in picked], self.noise.word_dropout, rng)
        labels, geometry, present = batch_of(scenes)
        present = _thinned(present, self.noise.mask_dropout, rng)
        return Batch(
            words=words,
            weights=torch.from_numpy(weights),
            given=torch.from_numpy(given),
            labels=labels.unflatten(0, (count, 2)),
            geometry=geometry.unflatten(0, (count, 2)),
            present=present.unflatten(0, (count, 2)),
            told=torch.from_numpy(told),
            known=torch.from_numpy(known),
        )


def _words_of(texts: list[NDArray[np.int64]], dropout: float, rng: np.random.Generator) -> Tensor:
    """Word numbers padded with 0, (B, N) int64; some words left out."""
    numbers = np.zeros((len(texts), max(map(len, texts))), np.int64)
    for row, text in zip(numbers, texts, strict=True):
        row[: len(text)] = text
    numbers[rng.random(numbers.shape) < dropout] = 0
    return torch.from_numpy(numbers)


def _thinned(present: Tensor, dropout: float, rng: np.random.Generator) -> Tensor:
    """Leaves out some masks, but none of a scene's largest, which is its first.

    `present` (2 B, M) has the scenes and their negatives in turn, with masks in the same order.
    """
    kept = torch.from_numpy(rng.random((len(present) // 2, present.shape[1])) >= dropout)
    kept[:, 0] = True
    return present & kept.repeat_interleave(2, 0)
