"""Trains the painter's first stage, which draws thumbnails of canvases."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from files.errors import InputError
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.pictures import load_pictures, to_pixels
from trecs.data.scenes import held_back_photos, load_scenes
from trecs.synthesis.painter.batches import ThumbnailBatch, ThumbnailSquares
from trecs.synthesis.painter.flow import drawn_times, end_loss, mixed
from trecs.synthesis.painter.measure import (
    HeldBack,
    HeldBackLoss,
    held_back_thumbnails,
    thumbnail_loss,
)
from trecs.synthesis.painter.noise import noise_of
from trecs.synthesis.painter.painter import (
    bundled_thumbnails,
    load_thumbnails,
    save_thumbnails,
)
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.painter.told import POINTS
from trecs.synthesis.painter.training import (
    SHOWN,
    USUAL_BATCH,
    StageRecipe,
    StageTraining,
    sheet_of,
    taught,
    train_stage,
)

SEEDS_SHOWN = 3


@dataclass(frozen=True)
class ThumbnailStageTraining(StageTraining):
    """The first stage's."""

    stage: ThumbnailStageConfig = field(default_factory=ThumbnailStageConfig)
    batch: int = 2 * USUAL_BATCH
    rate: float = 7e-5  # the flow that it goes on from was left at rest: a higher one shakes it
    ripe: int = 2000
    photo: int = 160  # shorter side of the photos in memory
    time_mean: float = -0.4

    @staticmethod
    def tiny() -> "ThumbnailStageTraining":
        """The same path, small enough for tests."""
        return ThumbnailStageTraining(
            steps=4,
            batch=2,
            warmup=1,
            measured=2,
            ripe=0,
            stage=ThumbnailStageConfig.tiny(),
            photo=64,
        )


def train_thumbnails(
    training: ThumbnailStageTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    start: Path | ThumbnailStage | None = None,  # whose weights begin a new run
    seed: int = 0,
    minutes: float | None = None,
    cpu_minutes: float | None = None,
    precision: str = "32-true",
    compiled: bool = False,
) -> None:
    """Trains the first stage on all photos that are not held back, going on from the folder's run.

    Without a `start`, the weights of the bundled stage begin, if it is as large. What begins may
    have been distilled: it becomes a flow again.
    Raises InputError where there are too few photos, or state or composed canvases are damaged.
    """
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    held = held_back_photos(dataset, training.measured)
    if len(photos) < training.batch or not held:
        raise InputError(
            f"Only {len(photos)} photos with label maps to train on and {len(held)} held back in "
            f"'{dataset.folder}'; a step takes {training.batch}, and at least one is measured."
        )
    held_back = held_back_thumbnails(load_scenes(dataset, held, POINTS))
    pictures = load_pictures(dataset, photos, training.photo, composed)
    begun = load_thumbnails(start) if isinstance(start, Path) else start or bundled_thumbnails()
    source = ThumbnailSquares(pictures, training.batch, seed)

    def recipe() -> ThumbnailStageRecipe:
        torch.manual_seed(seed)
        stage, numbers = ThumbnailStage(training.stage), training
        if start is not None or begun.config.network == stage.config.network:
            numbers = taught(numbers, stage, begun)
        return ThumbnailStageRecipe(numbers, stage, source, held_back, compiled=compiled)

    train_stage(recipe, folder, seed=seed, minutes=minutes, cpu_minutes=cpu_minutes,
                precision=precision)  # fmt: skip


class ThumbnailStageRecipe(StageRecipe[ThumbnailBatch]):
    """Names the thumbnails that noisy ones come from, scored by the velocity that follows."""

    kept: ThumbnailStage

    def __init__(
        self,
        training: ThumbnailStageTraining,
        stage: ThumbnailStage,
        source: ThumbnailSquares,
        held_back: HeldBack,
        *,
        compiled: bool,
    ) -> None:
        super().__init__(training, stage, source, pictures=training.batch, compiled=compiled)
        self._training, self._held_back = training, held_back

    def loss(self, batch: ThumbnailBatch) -> Tensor:
        """See the class."""
        training = self._training
        times = drawn_times(len(batch.true), training.time_mean, training.time_deviation)
        times = times.to(batch.true.device)
        noisy = mixed(batch.true, torch.randn_like(batch.true), times)
        ends = self._player(noisy, times, batch.told).float()
        return end_loss(ends, batch.true, times, batch.weights)

    def held_back_loss(self) -> HeldBackLoss:
        """On thumbnails."""
        return thumbnail_loss(self.kept, self._held_back)

    def export(self, folder: Path, done: int) -> None:
        """Writes the averaged stage."""
        save_thumbnails(folder, self.kept)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Canvases, the photos' thumbnails, and some drawn ones."""
        device = self.kept.network.write.weight.device
        shown = self._held_back.told.taken(slice(SHOWN))
        drawn = [
            self.kept.draw(shown.to(device), noise_of(seed, len(shown.labels), 3).to(device))
            for seed in range(SEEDS_SHOWN)
        ]
        columns = [to_pixels(pictures) for pictures in (self._held_back.true[:SHOWN], *drawn)]
        return sheet_of(shown, columns)
