"""Trains the flow that draws the thumbnails which pictures begin as."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import halved, load_config, load_module, save_weights
from segmentation.labels import palette
from trecs.data.dataset import Dataset
from trecs.data.pictures import load_pictures, to_pixels
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.synthesis.condition import Condition
from trecs.synthesis.spade import channels_last
from trecs.synthesis.squares import Batch, Squares
from trecs.synthesis.thumbnail import SAMPLES, SIDE, ThumbnailConfig, ThumbnailFlow, velocity_loss

SHOWN = 10  # canvases of the sheet that every save draws


@dataclass(frozen=True)
class ThumbnailTraining:
    """The numbers of a training; the defaults run on a CPU."""

    network: ThumbnailConfig = field(default_factory=ThumbnailConfig)
    steps: int = 5_000
    batch: int = 32
    photo: int = 128  # shorter side of the photos in memory
    rate: float = 1e-3  # AdamW's, warmed up, then a cosine to 0
    warmup: int = 200
    decay: float = 0.02
    average: float = 0.999  # decay of the averaged weights, which are what is kept
    clip: float = 1.0
    composed: float = 0.5  # share of canvases that are composed ones, where there are any
    time_mean: float = -0.4  # of the normal numbers whose logistic function the times are
    time_deviation: float = 1.0

    @staticmethod
    def tiny() -> "ThumbnailTraining":
        """The same path, small enough for tests."""
        return ThumbnailTraining(ThumbnailConfig.tiny(), steps=4, batch=2, photo=32, warmup=1)


def train_thumbnails(
    training: ThumbnailTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Flow matching (Lipman et al., ICLR 2023) with straight paths; the network names the end of the
    path and is scored by the velocity that follows. Raises InputError where there are too few
    photos, or state or composed canvases are damaged.
    """
    photos = dataset.photos(held_back=False)
    if len(photos) < training.batch:
        raise InputError(
            f"Only {len(photos)} photos with label maps in '{dataset.folder}'; a step takes "
            f"{training.batch}."
        )
    pictures = load_pictures(dataset, photos, training.photo, composed)
    squares = Squares(pictures, SIDE, SIDE * SAMPLES, training.batch, seed)
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        train(ThumbnailRecipe(training, squares), run, seed=seed)


def load_thumbnails(folder: Path) -> ThumbnailFlow:
    """Reads the model that `train_thumbnails` left; raises InputError where it is damaged."""
    config = load_config(folder, "thumbnails", ThumbnailConfig)
    return load_module(folder, lambda: ThumbnailFlow(config))


class ThumbnailRecipe(Recipe[Batch]):
    """One network, which learns the velocity from noise to thumbnails."""

    averaged = "network"
    kept: ThumbnailFlow

    def __init__(self, training: ThumbnailTraining, squares: Squares) -> None:
        self.steps, self.batch, self.source = training.steps, training.batch, squares
        self.average = training.average
        self._training = training
        network = channels_last(ThumbnailFlow(training.network))
        self._network = Player(
            network,
            torch.optim.AdamW(network.parameters(), training.rate, (0.9, 0.99),
                              weight_decay=training.decay),
            lambda step: warmup_cosine(step, training.steps, training.warmup),
            training.clip,
        )  # fmt: skip
        self.players = {"network": self._network}

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Its only turn."""
        thumbnails, canvases, composed = batch
        training, part = self._training, self.part
        chosen = torch.rand(training.batch, 1, 1) < training.composed
        condition = Condition(
            torch.where(chosen, composed.labels, canvases.labels),
            torch.where(chosen, composed.instances, canvases.instances),
        )
        noise = torch.randn_like(thumbnails)
        times = torch.randn(training.batch) * training.time_deviation + training.time_mean
        times = times.sigmoid()
        given = times[:, None, None, None]
        noisy = given * thumbnails + (1 - given) * noise
        true, noisy, times = self.run.fabric.to_device((thumbnails[part], noisy[part], times[part]))
        condition = self.run.fabric.to_device(condition.taken(part))
        drawn = self._network(noisy, times, condition)
        yield "network", {"loss": velocity_loss(drawn.float(), true, times)}

    def export(self, folder: Path, done: int) -> None:
        """Writes the averaged network in half precision."""
        weights = halved(self.kept.state_dict())
        save_weights(folder, "thumbnails", self._training.network, weights)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Canvas, photo and three thumbnails of the same few training photos."""
        photos, _, condition = self.source[0]
        device = self.kept.write.weight.device
        condition = condition.taken(slice(SHOWN)).to(device)
        cells = [to_pixels(photos[:SHOWN])]
        for seed in range(3):
            noise = torch.randn(len(cells[0]), 3, SIDE, SIDE,
                                generator=torch.Generator().manual_seed(seed))  # fmt: skip
            cells.append(to_pixels(self.kept.draw(condition, noise.to(device))))
        coloured = palette()[condition.labels[:, ::SAMPLES, ::SAMPLES].cpu().numpy()]
        rows = np.concatenate([np.concatenate(list(c), 0) for c in (coloured, *cells)], 1)
        return rows.repeat(4, 0).repeat(4, 1)
