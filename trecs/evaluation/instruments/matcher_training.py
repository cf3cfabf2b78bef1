"""Trains the matcher, the encoder of texts and photos that measures pictures and teaches none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.described import Described, described_photos
from trecs.data.views import keep_views
from trecs.evaluation.instruments.matcher import LITE, Matcher, MatcherConfig, Sentences
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.scenes.encoder import contrastive_loss
from trecs.trunks.efficientnet import EfficientNetLite

LEAST = 1e-3  # spread of a feature that is told from none

Batch = tuple[Tensor, Tensor]
"""Features of a view (B, 1280) and the vector of a text (B, 384), by photo."""


@dataclass(frozen=True)
class MatcherTraining:
    """The numbers of a training."""

    matcher: MatcherConfig = field(default_factory=MatcherConfig)
    steps: int = 1_000
    batch: int = 256
    views: int = 4  # random crops of each photo that lite2 sees, half of them mirrored
    temperature: float = 0.05
    rate: float = 1e-3  # AdamW's, warmed up, then a cosine to 0
    decay: float = 0.1
    warmup: int = 50
    picture_dropout: float = 0.8  # of what is mapped: 1,280 features of a thousand photos
    text_dropout: float = 0.1

    @staticmethod
    def tiny() -> "MatcherTraining":
        """The same path, small enough for tests."""
        return MatcherTraining(MatcherConfig.tiny(), steps=4, batch=3, views=2, warmup=1)


def train_matcher(
    training: MatcherTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, features/ of lite2, and model/
    *,
    seed: int = 0,
    minutes: float | None = None,
    trunk: Path | None = None,  # lite2's published weights; None takes those of a package
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Raises InputError where there are too few photos with a text, several processes cannot share
    a batch, weights are missing or the state is damaged.
    """
    photos = described_photos(dataset, sets=EVERY_SET)
    if len(photos) < training.batch:
        raise InputError(
            f"Only {len(photos)} photos with a text in '{dataset.folder}', but a batch takes "
            f"{training.batch}; give a smaller --batch."
        )
    with Run(folder, seed=seed, minutes=minutes) as run:
        device = run.fabric.device
        matcher = Matcher(training.matcher)
        eyes = EfficientNetLite.load(LITE, trunk).to(device)
        sentences = Sentences.load(str(device))
        if run.main:
            keep_views(
                folder / "features",
                [one.photo for one in photos],
                lambda crops: {"pooled": eyes(eyes.scaled(crops.to(device)))},
                side=LITE.side,
                views=training.views,
                seed=seed,
                key=LITE.what,
            )
        run.fabric.barrier()
        batches = Batches(training, photos, sentences, folder / "features", seed)
        train(MatcherRecipe(training, matcher, batches), run, seed=seed)


class Batches:
    """Random batches of different photos: those of step n depend on the seed and n alone.

    `features`: (photos * views, 1280) float32, as `keep_views` orders them.
    """

    def __init__(
        self,
        training: MatcherTraining,
        photos: Sequence[Described],
        sentences: Sentences,
        features: Path,
        seed: int,
    ) -> None:
        self._training, self._seed = training, seed
        self._starts = np.cumsum([0, *(len(one.texts) for one in photos)])
        texts = [text for one in photos for text in one.texts]
        self._sentences = sentences.vectors(texts).cpu()
        self.features = torch.from_numpy(np.load(features / "pooled.npy")).float()

    def __getitem__(self, step: int) -> Batch:
        """That of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(len(self._starts) - 1, self._training.batch, replace=False)
        rows = chosen * self._training.views
        rows += rng.integers(self._training.views, size=len(chosen))
        texts = rng.integers(self._starts[chosen], self._starts[chosen + 1])
        return self.features[rows], self._sentences[texts]


class MatcherRecipe(Recipe[Batch]):
    """Pictures and texts learn to find each other; in its share, where there are processes."""

    def __init__(self, training: MatcherTraining, matcher: Matcher, batches: Batches) -> None:
        self.steps, self.batch, self.source = training.steps, training.batch, batches
        self._training, self._matcher = training, matcher
        roots = batches.features.sqrt()
        matcher.centre.copy_(roots.mean(0))
        matcher.spread.copy_(roots.std(0).clamp(min=LEAST))
        optimizer = torch.optim.AdamW(
            matcher.parameters(), training.rate, weight_decay=training.decay
        )
        self.players = {
            "matcher": Player(
                matcher,
                optimizer,
                lambda step: warmup_cosine(step, training.steps, training.warmup),
            )
        }

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Its only turn."""
        training, matcher = self._training, self._matcher
        features, vectors = (self.run.fabric.to_device(values[self.part]) for values in batch)
        seen = functional.dropout(matcher.standardised(features), training.picture_dropout)
        read = functional.dropout(vectors, training.text_dropout)
        pictures = functional.normalize(matcher.picture(seen), dim=1)
        texts = functional.normalize(matcher.text(read), dim=1)
        own = torch.eye(len(texts), device=texts.device)
        similarities = texts @ pictures.T / training.temperature
        yield "matcher", {"loss": contrastive_loss(similarities, own)}

    def export(self, folder: Path, done: int) -> None:
        """Writes the matcher."""
        self._matcher.save(folder)
