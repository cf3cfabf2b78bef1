"""Trains the painter's second stage, which draws latents beside thumbnails."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.data.pictures import to_pixels
from trecs.device import channels_last
from trecs.synthesis.painter.autoencoder import Autoencoder
from trecs.synthesis.painter.batches import LatentBatch, LatentViewsBatches
from trecs.synthesis.painter.doubt import doubted
from trecs.synthesis.painter.flow import drawn_times, mixed, weighted_mean
from trecs.synthesis.painter.latent_store import LatentStore, latent_statistics
from trecs.synthesis.painter.latents import CHANNELS, LatentStage, LatentStageConfig
from trecs.synthesis.painter.measure import HeldBack, HeldBackLoss, held_back_latents, latent_loss
from trecs.synthesis.painter.noise import noise_of
from trecs.synthesis.painter.painter import (
    bundled_thumbnails,
    load_latents,
    load_thumbnails,
    save_latents,
)
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import SIDE, Told, cut
from trecs.synthesis.painter.training import (
    SHOWN,
    StageRecipe,
    StageTraining,
    sheet_of,
    taught,
    train_stage,
)


@dataclass(frozen=True)
class LatentStageTraining(StageTraining):
    """The second stage's. `window`: cells a side of the parts learned from; 32 takes all."""

    stage: LatentStageConfig = field(default_factory=LatentStageConfig)
    rate: float = 6e-4
    window: int = 16
    windows: int = 2  # of each picture, where they are smaller than it

    @staticmethod
    def tiny() -> "LatentStageTraining":
        """The same path, small enough for tests."""
        return LatentStageTraining(
            steps=4, batch=2, warmup=1, measured=2, stage=LatentStageConfig.tiny()
        )


def train_latents(
    training: LatentStageTraining,
    dataset: Dataset | None,  # whose photos the composed canvases are of
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    latents: Path | None = None,  # what `trecs data latents` makes
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    thumbnails: Path | None = None,  # a trained first stage; else the bundled one draws
    autoencoder: Path | None = None,  # to draw sheets with
    start: Path | LatentStage | None = None,  # whose weights begin a new run
    seed: int = 0,
    minutes: float | None = None,
    cpu_minutes: float | None = None,
    precision: str = "32-true",
    compiled: bool = False,
) -> None:
    """Trains the second stage on the views that are there, going on from the folder's run if any.

    Raises InputError where there are too few views, or a folder is missing or damaged.
    """
    if latents is None:
        raise InputError(
            "The second stage learns from latents; make them with `trecs data latents` and give "
            "their folder with --latents."
        )
    store = LatentStore(latents)
    first = _first_stage(thumbnails)
    source = LatentViewsBatches(store, training.batch, seed, dataset, composed, first.config.times)
    if len(source.photos) < training.batch:
        raise InputError(
            f"Only {len(source.photos)} photos to train on in '{latents}' yet; a step takes "
            f"{training.batch}. Let `trecs data latents` go on."
        )
    measured = held_back_latents(store, training.measured)
    decoder = Autoencoder.load(autoencoder) if autoencoder else None
    begun = load_latents(start) if isinstance(start, Path) else start

    def recipe() -> LatentStageRecipe:
        torch.manual_seed(seed)
        stage, numbers = LatentStage(training.stage), training
        for own, values in zip((stage.mean, stage.spread), latent_statistics(store), strict=True):
            own.copy_(torch.from_numpy(values)[:, None, None])
        if begun is not None:
            numbers = taught(numbers, stage, begun)
        return LatentStageRecipe(
            numbers, stage, source, measured, first, decoder, compiled=compiled
        )

    train_stage(recipe, folder, seed=seed, minutes=minutes, cpu_minutes=cpu_minutes,
                precision=precision)  # fmt: skip


class LatentStageRecipe(StageRecipe[LatentBatch]):
    """Learns the velocity from noise to windows of latents, beside thumbnails that may be wrong.

    `measured`: held-back latents, and their thumbnails (N, 3, 32, 32). `first` draws some of the
    thumbnails and learns nothing; `decoder` makes pictures of latents for the sheet.
    """

    kept: LatentStage

    def __init__(
        self,
        training: LatentStageTraining,
        stage: LatentStage,
        source: LatentViewsBatches,
        measured: tuple[HeldBack, Tensor],
        first: ThumbnailStage,
        decoder: Autoencoder | None,
        *,
        compiled: bool,
    ) -> None:
        self._parts = training.windows if training.window < SIDE else 1
        pictures = training.batch * self._parts * (training.window / SIDE) ** 2
        super().__init__(training, stage, source, pictures=pictures, compiled=compiled)
        self._training, self._latents = training, stage
        self._held_back, self._beside = measured
        self._first, self._decoder = first, decoder

    def begin(self) -> None:
        """Moves the first stage, too."""
        super().begin()
        self._first.to(self.run.fabric.device)

    def loss(self, batch: LatentBatch) -> Tensor:
        """See the class."""
        training = self._training
        true, told = self._latents.standardised(batch.true.float()), batch.told
        small, doubt = doubted(_finished(self._first, batch.thumbnails, batch.begun, told))
        weights = batch.weights
        if training.window < SIDE:
            true, small, weights, doubt = (
                t.repeat_interleave(self._parts, 0) for t in (true, small, weights, doubt)
            )
            told = Told(*(plane.repeat_interleave(self._parts, 0) for plane in told))
            corners = torch.randint(SIDE - training.window + 1, (len(true), 2))
            true, small, weights = (
                cut(planes, corners, training.window) for planes in (true, small, weights)
            )
            told = told.windows(corners, training.window)
        times = drawn_times(len(true), training.time_mean, training.time_deviation)
        times, noise = times.to(true.device), torch.randn_like(true)
        velocity = self._player(mixed(true, noise, times), times, small, doubt, told)
        return weighted_mean((velocity.float() - (true - noise)).square(), weights)

    def held_back_loss(self) -> HeldBackLoss:
        """On whole latents."""
        return latent_loss(self.kept, self._held_back, self._beside)

    def export(self, folder: Path, done: int) -> None:
        """Writes the averaged stage."""
        save_latents(folder, self.kept)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Canvases and thumbnails, and decoded the photos' latents and drawn ones."""
        device = self.kept.network.write.weight.device
        shown, beside = self._held_back.told.taken(slice(SHOWN)), self._beside[:SHOWN]
        columns = [to_pixels(beside)]
        if self._decoder is not None:
            noise = noise_of(0, len(beside), CHANNELS)
            drawn = self.kept.draw(shown.to(device), beside.to(device), noise.to(device))
            for latents in (self._held_back.true[:SHOWN], drawn.cpu()):
                columns.append(to_pixels(self._decoder.decode(latents) * 2 - 1))
        return sheet_of(shown, columns)


def _first_stage(folder: Path | None) -> ThumbnailStage:
    """A frozen first stage: a trained one, or the bundled one."""
    stage = bundled_thumbnails() if folder is None else load_thumbnails(folder)
    return channels_last(stage.eval().requires_grad_(False))


@torch.no_grad()
def _finished(first: ThumbnailStage, own: Tensor, begun: Tensor, told: Told) -> Tensor:
    """Thumbnails of which the first stage draws what is not `begun`."""
    some = (begun < 1).nonzero()[:, 0]
    if not len(some):
        return own
    done = begun.min().item()  # alike in all of a batch that are to be drawn
    finished, chosen = own.clone(), own[some]
    given = torch.full((len(some),), done, device=own.device)
    noisy = mixed(chosen, torch.randn_like(chosen), given)
    finished[some] = first.finish(told.taken(some), noisy, first.moments_from(done))
    return finished
