"""Trains the matcher, the encoder of texts and photos that measures pictures and teaches none."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.data.described import Described, described_photos
from trecs.data.views import keep_views
from trecs.evaluation.instruments.matcher import LITE, Matcher, MatcherConfig, Sentences
from trecs.learning.optimization import set_rate, warmup_cosine
from trecs.learning.run import Run
from trecs.scenes.encoder import contrastive_loss
from trecs.trunks.efficientnet import EfficientNetLite

LEAST = 1e-3  # spread of a feature that is told from none


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
    photos = described_photos(dataset)
    if len(photos) < training.batch:
        raise InputError(
            f"Only {len(photos)} photos with a text in '{dataset.folder}', but a batch takes "
            f"{training.batch}; give a smaller --batch."
        )
    with Run(folder, seed=seed, minutes=minutes) as run:
        device = run.fabric.device
        part = run.share(training.batch)
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
        _train(training, run, matcher, batches, part, seed)


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

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Features of a view (B, 1280) and the vector of a text (B, 384) of each photo."""
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(len(self._starts) - 1, self._training.batch, replace=False)
        rows = chosen * self._training.views
        rows += rng.integers(self._training.views, size=len(chosen))
        texts = rng.integers(self._starts[chosen], self._starts[chosen + 1])
        return self.features[rows], self._sentences[texts]


def _train(
    training: MatcherTraining, run: Run, matcher: Matcher, batches: Batches, part: slice, seed: int
) -> None:
    """The loop: InfoNCE both ways; several processes match the photos of their share each."""
    roots = batches.features.sqrt()
    matcher.centre.copy_(roots.mean(0))
    matcher.spread.copy_(roots.std(0).clamp(min=LEAST))
    optimizer = torch.optim.AdamW(matcher.parameters(), training.rate, weight_decay=training.decay)
    done = 0
    if state := run.resume():
        run.restore(state, matcher=matcher, optimizer=optimizer)
        done = state["done"]
        run.announce(done, training.steps)
    _, steps = run.setup(matcher, optimizer)

    while done < training.steps and not run.over:
        torch.manual_seed((seed << 32) + done)
        features, vectors = (run.fabric.to_device(values[part]) for values in batches[done])
        seen = functional.dropout(matcher.standardised(features), training.picture_dropout)
        read = functional.dropout(vectors, training.text_dropout)
        pictures = functional.normalize(matcher.picture(seen), dim=1)
        texts = functional.normalize(matcher.text(read), dim=1)
        own = torch.eye(len(texts), device=texts.device)
        loss = contrastive_loss(texts @ pictures.T / training.temperature, own)
        set_rate(steps, training.rate * warmup_cosine(done, training.steps, training.warmup))
        run.step(loss, steps)
        done += 1
        if done % 50 == 0:
            run.log(done, loss=loss.item())
        if run.due() or done == training.steps:
            run.save({"matcher": matcher.state_dict(), "optimizer": steps.state_dict(),
                      "done": done})  # fmt: skip
            if run.main:
                copy.deepcopy(matcher).save(run.folder / "model")
