"""Trains what reads pictures back (STREAM), before the generator learns; then it is frozen.

The trunk is frozen, too, so it looks once at a few views of each photo, as small as the pictures
that will be read, and what it saw is kept in the run's folder.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from files.weights import halved, save_weights
from trecs.data.described import Described
from trecs.data.views import keep_views
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.systems.mirrorgan.captioner import Captioner, CaptionerConfig, ended
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.damsm_training import captions
from trecs.systems.parts.image_encoder import ImageEncoder, at_side
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.parts.vocabulary import CaptionVocabulary

KIND = "mirrorgan-captioner"
Batch = tuple[Tensor, list[tuple[int, ...]]]
"""Pooled features (B, P) of a view of each photo, and a caption of each."""


@dataclass(frozen=True)
class CaptionerTraining:
    """The numbers of a training (reconstructed: the authors' captioner came trained)."""

    networks: CaptionerConfig = field(default_factory=CaptionerConfig)
    steps: int = 800
    batch: int = 64
    words: int = 18  # of a caption that are read; a picture tells little of later ones (18)
    views: int = 2  # random crops of each photo that the trunk sees, half of them mirrored
    side: int = 64  # pixels to which the trunk has pictures scaled, those of the generator, too
    rate: float = 3e-3  # Adam
    warmup: int = 50  # steps until the rate is whole; then it falls in a cosine
    clip: float = 1.0  # the gradient's largest norm

    @staticmethod
    def tiny() -> "CaptionerTraining":
        """The same path, small enough for tests."""
        networks = CaptionerConfig(embedding=4, hidden=6)
        return CaptionerTraining(networks, steps=2, batch=2, views=1, side=32, warmup=1)


def train_captioner(
    training: CaptionerTraining,
    photos: Sequence[Described],
    folder: Path,  # the run: state.pt, log/, features/ of the trunk, and model/
    *,
    damsm: Damsm,  # whose words are told, and whose trunk looks
    pictures: int,  # pixels a side of the pictures that it is to read
    seed: int,
    minutes: float | None = None,
) -> Captioner | None:
    """The frozen captioner, in eval mode, or None where the run ended before it was trained.

    Raises InputError where the folder's state is damaged or another one's.
    """
    encoder = at_side(damsm.networks.image_encoder, training.side)
    networks = replace(
        training.networks,
        vocabulary=len(damsm.vocabulary),
        pooled=encoder.emb_cnn_code.in_features,
    )
    training = replace(training, networks=networks)
    with Run(folder, seed=seed, minutes=minutes) as run:
        if run.main:
            _look(training, encoder, photos, run, pictures, seed)
        run.fabric.barrier()
        batches = Batches(training, photos, damsm.vocabulary, folder / "features", seed)
        recipe = CaptionerRecipe(training, batches)
        done = train(recipe, run, seed=seed)
    return frozen(recipe.captioner.cpu()) if done else None


class Batches:
    """Random batches: those of step n depend on the seed and n alone."""

    def __init__(
        self,
        training: CaptionerTraining,
        photos: Sequence[Described],
        vocabulary: CaptionVocabulary,
        features: Path,
        seed: int,
    ) -> None:
        self._training, self._seed = training, seed
        self._captions = captions(photos, vocabulary, training.words)
        self._pooled = np.load(features / "pooled.npy", mmap_mode="r")

    def __getitem__(self, step: int) -> Batch:
        """That of a step, of different photos."""
        rng = np.random.default_rng((self._seed, step))
        chosen = rng.choice(len(self._captions), self._training.batch, replace=False)
        texts = [self._captions[i][rng.integers(len(self._captions[i]))] for i in chosen]
        rows = chosen * self._training.views + rng.integers(self._training.views, size=len(chosen))
        return torch.from_numpy(self._pooled[rows]).float(), texts


class CaptionerRecipe(Recipe[Batch]):
    """Words are foretold from the picture and the words before them."""

    one_of_many = True
    least = 2  # which a norm needs

    def __init__(self, training: CaptionerTraining, batches: Batches) -> None:
        self.steps, self.batch, self.source = training.steps, training.batch, batches
        self.captioner = Captioner(training.networks)
        self._player = Player(
            self.captioner,
            torch.optim.Adam(self.captioner.parameters(), training.rate),
            lambda step: warmup_cosine(step, training.steps, training.warmup),
            training.clip,
        )
        self.players = {"captioner": self._player}

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Its only turn."""
        pooled, texts = batch
        told = TextBatch.of(texts[self.part], self.run.fabric.device)
        seen = self.run.fabric.to_device(pooled[self.part])
        yield "captioner", {"words": self._player(seen, *ended(told.numbers, told.lengths))}

    def export(self, folder: Path, done: int) -> None:
        """Writes it, so that it can be looked at; the generator's run has it from memory."""
        state = halved(self.captioner.state_dict())
        save_weights(folder, KIND, self.captioner.config, state, int8=True)


def frozen(captioner: Captioner) -> Captioner:
    """The captioner, which learns no more and passes gradients on."""
    captioner.eval().requires_grad_(False)
    captioner.rnn.train()  # no layer of it differs by that, but cuDNN's pass none otherwise
    return captioner


def _look(
    training: CaptionerTraining,
    encoder: ImageEncoder,
    photos: Sequence[Described],
    run: Run,
    pictures: int,
    seed: int,
) -> None:
    """Keeps what the trunk sees of photos as large as the pictures, features/pooled.npy."""
    device = run.fabric.device
    encoder.to(device)

    def see(crops: Tensor) -> dict[str, Tensor]:
        return {"pooled": encoder.seen(crops.to(device))[1].mean((2, 3))}

    keep_views(
        run.folder / "features",
        [one.photo for one in photos],
        see,
        side=pictures,
        views=training.views,
        seed=seed,
        key=f"mirrorgan {training.side}",
    )
