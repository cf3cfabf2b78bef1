"""Trains the matching model of words and pictures (DAMSM) that teaches AttnGAN.

The trunk is frozen, so it looks once at a few views of each photo, and what it saw is kept in the
run's folder; the text encoder and the projections learn from that.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from files.errors import InputError
from trecs.data.dataset import Dataset, Photo
from trecs.data.described import Described, described_photos
from trecs.data.views import keep_views
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.systems.parts.damsm import Damsm, DamsmConfig, DamsmNetworks
from trecs.systems.parts.image_encoder import ImageEncoder
from trecs.systems.parts.matching_losses import sentence_loss, word_loss
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.parts.vocabulary import CaptionVocabulary, tokens

Batch = tuple[Tensor, Tensor, list[tuple[int, ...]]]
"""A view's local features (B, L, h, w) and pooled ones (B, C), float, and a caption, by photo."""


@dataclass(frozen=True)
class DamsmTraining:
    """The numbers of a training; the authors' names of them stand beside."""

    damsm: DamsmConfig = field(default_factory=DamsmConfig.bundled)
    steps: int = 2_000
    batch: int = 32  # TRAIN.BATCH_SIZE, of which the authors have 48
    views: int = 6  # random crops of each photo that the trunk sees, half of them mirrored
    at_least: int = 2  # a word is known that occurs so often in the texts
    rate: float = 2e-3  # Adam, betas 0.5 and 0.999 (TRAIN.ENCODER_LR)
    warmup: int = 100  # steps until the rate is whole; then it falls in a cosine
    clip: float = 0.25  # the gradient's largest norm (TRAIN.RNN_GRAD_CLIP)

    @staticmethod
    def tiny() -> "DamsmTraining":
        """The same path, small enough for tests."""
        return DamsmTraining(DamsmConfig.tiny(), steps=4, batch=3, views=2, at_least=1, warmup=1)


def train_damsm(
    training: DamsmTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, features/ of the trunk, and model/
    *,
    seed: int = 0,
    minutes: float | None = None,
    trunk: Path | None = None,  # its published weights; None takes those of a package
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Raises InputError where there are too few photos with a text, the trunk's weights are missing
    or the state is damaged.
    """
    photos = [d for d in described_photos(dataset) if any(map(tokens, d.texts))]
    if len(photos) < training.batch:
        raise InputError(
            f"Only {len(photos)} photos with a text in '{dataset.folder}', but a batch takes "
            f"{training.batch}; give a smaller --batch."
        )
    vocabulary = CaptionVocabulary.of(
        (text for one in photos for text in one.texts), at_least=training.at_least
    )
    with Run(folder, seed=seed, minutes=minutes) as run:
        networks = DamsmNetworks(replace(training.damsm, vocabulary=len(vocabulary)))
        networks.image_encoder.load_trunk(trunk)
        if run.main:
            _look(training, networks.image_encoder, [one.photo for one in photos], run, seed)
        run.fabric.barrier()
        batches = Batches(training, photos, vocabulary, folder / "features", seed)
        train(DamsmRecipe(training, networks, batches), run, seed=seed)


class Batches:
    """Random batches: those of step n depend on the seed and n alone."""

    def __init__(
        self,
        training: DamsmTraining,
        photos: Sequence[Described],
        vocabulary: CaptionVocabulary,
        features: Path,
        seed: int,
    ) -> None:
        self.vocabulary, self._training, self._seed = vocabulary, training, seed
        self._captions = captions(photos, vocabulary, training.damsm.words)
        self._local = np.load(features / "local.npy", mmap_mode="r")
        self._pooled = np.load(features / "pooled.npy", mmap_mode="r")

    def __getitem__(self, step: int) -> Batch:
        """That of a step, of different photos."""
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(len(self._captions), self._training.batch, replace=False)
        texts = [self._captions[i][rng.integers(len(self._captions[i]))] for i in chosen]
        rows = chosen * self._training.views + rng.integers(self._training.views, size=len(chosen))
        local, pooled = (torch.from_numpy(kept[rows]) for kept in (self._local, self._pooled))
        return local.float(), pooled.float(), texts


class _Learner(nn.Module):
    """What learns of both encoders: all but the trunk."""

    def __init__(self, networks: DamsmNetworks) -> None:
        super().__init__()
        self.text_encoder = networks.text_encoder
        self.places = networks.image_encoder.emb_features
        self.whole = networks.image_encoder.emb_cnn_code

    def forward(self, local: Tensor, pooled: Tensor, texts: TextBatch) -> tuple[Tensor, ...]:
        """Features of places, pictures, words and sentences; see the encoders for shapes."""
        words, sentences = self.text_encoder(texts.numbers, texts.lengths)
        return self.places(local), self.whole(pooled), words, sentences


class DamsmRecipe(Recipe[Batch]):
    """Pictures and texts learn to find each other in a batch (equations 7 to 13).

    Each of several processes matches the photos of its share among themselves.
    """

    def __init__(self, training: DamsmTraining, networks: DamsmNetworks, batches: Batches) -> None:
        self.steps, self.batch, self.source = training.steps, training.batch, batches
        self._networks, self._vocabulary = networks, batches.vocabulary
        learner = _Learner(networks)
        self._learner = Player(
            learner,
            torch.optim.Adam(learner.parameters(), training.rate, (0.5, 0.999)),
            lambda step: warmup_cosine(step, training.steps, training.warmup),
            training.clip,
        )
        self.players = {"learner": self._learner}

    def settings(self) -> dict[str, Any]:
        """The words that have numbers."""
        return {"vocabulary": list(self._vocabulary.words)}

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Its only turn."""
        local, pooled, told = batch
        seen = self.run.fabric.to_device((local[self.part], pooled[self.part]))
        texts = TextBatch.of(told[self.part], self.run.fabric.device)
        regions, pictures, words, sentences = self._learner(*seen, texts)
        losses = {
            "words": word_loss(regions, words, texts.lengths),
            "sentences": sentence_loss(pictures, sentences),
        }
        yield "learner", {name: torch.stack(both).sum() for name, both in losses.items()}

    def export(self, folder: Path, done: int) -> None:
        """Writes a copy, for a model that is in use learns no more."""
        Damsm(copy.deepcopy(self._networks), self._vocabulary).save(folder, small=True)


def captions(
    photos: Sequence[Described], vocabulary: CaptionVocabulary, words: int
) -> list[list[tuple[int, ...]]]:
    """Each photo's texts as numbers of at most so many words; texts of unknown words are dropped.

    Raises InputError where a photo has no other.
    """
    known = frozenset(vocabulary.words)
    return [
        [
            vocabulary.encode(text, words).numbers
            for text in photo.texts
            if known.intersection(tokens(text))
        ]
        or [vocabulary.encode(photo.texts[0], words).numbers]
        for photo in photos
    ]


def _look(
    training: DamsmTraining, encoder: ImageEncoder, photos: Sequence[Photo], run: Run, seed: int
) -> None:
    """Keeps what the trunk sees, features/local.npy and pooled.npy."""
    device = run.fabric.device
    encoder.to(device)

    def see(crops: Tensor) -> dict[str, Tensor]:
        local, last = encoder.seen(crops.to(device))
        return {"local": local, "pooled": last.mean((2, 3))}

    keep_views(
        run.folder / "features",
        photos,
        see,
        side=training.damsm.side,
        views=training.views,
        seed=seed,
        key=training.damsm.trunk,
    )
