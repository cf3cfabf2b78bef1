"""Trains the flow that draws the thumbnails which pictures begin as."""

import copy
import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from files.errors import InputError
from files.weights import halved, load_config, load_module, save_weights, write_atomically
from segmentation.labels import palette
from trecs.data.dataset import Dataset
from trecs.data.pictures import load_pictures, to_pixels
from trecs.learning.optimization import move_average, set_rate, warmup_cosine
from trecs.learning.run import Run
from trecs.synthesis.condition import Condition
from trecs.synthesis.spade import channels_last
from trecs.synthesis.squares import Squares
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
        _train(training, run, squares, seed)


def load_thumbnails(folder: Path) -> ThumbnailFlow:
    """Reads the model that `train_thumbnails` left; raises InputError where it is damaged."""
    config = load_config(folder, "thumbnails", ThumbnailConfig)
    return load_module(folder, lambda: ThumbnailFlow(config))


def _train(training: ThumbnailTraining, run: Run, squares: Squares, seed: int) -> None:
    network = channels_last(ThumbnailFlow(training.network))
    averaged = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), training.rate, (0.9, 0.99),
                                  weight_decay=training.decay)  # fmt: skip
    done = 0
    parts = {"network": network, "averaged": averaged}
    if state := run.resume():
        run.restore(state, **parts, optimizer=optimizer)
        done = state["done"]
        run.announce(done, training.steps)
    network, optimizer = run.setup(network, optimizer)
    averaged.to(run.fabric.device)
    part = run.share(training.batch)
    batches = run.batches(squares, done, training.steps)

    losses: list[Tensor] = []
    while done < training.steps and not run.over:
        torch.manual_seed((seed << 32) + done)
        thumbnails, canvases, composed = next(batches)
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
        true, noisy, times = (run.fabric.to_device(t[part]) for t in (thumbnails, noisy, times))
        condition = run.fabric.to_device(condition.taken(part))
        set_rate(optimizer, training.rate * warmup_cosine(done, training.steps, training.warmup))

        drawn = network(noisy, times, condition)
        loss = velocity_loss(drawn.float(), true, times)
        run.step(loss, optimizer, clip=training.clip)
        move_average(averaged.state_dict(), network.state_dict(),
                     min(training.average, (1 + done) / (10 + done)))  # fmt: skip

        done += 1
        losses.append(loss.detach())
        if done % 50 == 0:
            run.log(done, loss=torch.stack(losses).mean().item())
            losses.clear()
        if run.due() or done == training.steps:
            states = {name: module.state_dict() for name, module in parts.items()}
            run.save({**states, "optimizer": optimizer.state_dict(), "done": done})
            if run.main:
                weights = halved(averaged.state_dict())
                save_weights(run.folder / "model", "thumbnails", training.network, weights)
                _draw_samples(averaged, squares, run.folder / "samples.png")


@torch.no_grad()
def _draw_samples(averaged: ThumbnailFlow, squares: Squares, path: Path) -> None:
    """Draws canvas, photo and three thumbnails of the same few training photos."""
    averaged.eval()
    photos, _, condition = squares[0]
    device = averaged.write.weight.device
    condition = condition.taken(slice(SHOWN)).to(device)
    cells = [to_pixels(photos[:SHOWN])]
    for seed in range(3):
        noise = torch.randn(len(cells[0]), 3, SIDE, SIDE,
                            generator=torch.Generator().manual_seed(seed))  # fmt: skip
        cells.append(to_pixels(averaged.draw(condition, noise.to(device))))
    coloured = palette()[condition.labels[:, ::SAMPLES, ::SAMPLES].cpu().numpy()]
    sheet = np.concatenate([np.concatenate(list(c), 0) for c in (coloured, *cells)], 1)
    picture = Image.fromarray(sheet).resize((sheet.shape[1] * 4, sheet.shape[0] * 4), 0)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())
