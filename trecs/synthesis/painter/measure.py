"""How well the painter's stages say where held-back photos come from: losses by time and label."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from files.errors import InputError
from segmentation.labels import COUNT, NAMES
from trecs.data.pictures import to_tensor
from trecs.data.scenes import CAMVID_STEP, Scene
from trecs.synthesis.painter.batches import small, told_of
from trecs.synthesis.painter.flow import LATEST, mixed
from trecs.synthesis.painter.latent_store import LatentStore
from trecs.synthesis.painter.latents import LatentStage
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import SAMPLES, Told

TIMES = (0.125, 0.375, 0.625, 0.875)
"""The moments that a loss is measured at, each for all samples."""

LABELS_SHOWN = 12
AT_ONCE = 16

Errors = Callable[[slice, float, Tensor], Tensor]
"""Squared errors (B, C, 32, 32) of the velocity of some samples at a time, with their noise."""


@dataclass(frozen=True)
class HeldBack:
    """Held-back samples (N, C, 32, 32) and what is told of them; no colours are."""

    true: Tensor
    told: Told


@dataclass(frozen=True)
class HeldBackLoss:
    """The mean squared error of the velocity on held-back photos.

    `loss`: the mean over TIMES; `by_time`: at each; `by_label`: over the cells of each of the
    LABELS_SHOWN labels that cover most of them, by name. Cells without a label do not count.
    """

    loss: float
    by_time: tuple[float, ...]
    by_label: dict[str, float]


def held_back_thumbnails(scenes: Sequence[Scene]) -> HeldBack:
    """The thumbnails of scenes."""
    photos = np.stack([scene.photo for scene in scenes])
    return HeldBack(small(photos), Told.of_canvases(*(scene.canvas for scene in scenes)))


def held_back_latents(store: LatentStore, count: int) -> tuple[HeldBack, Tensor]:
    """Held-back views whose label maps people drew, and their thumbnails (N, 3, 32, 32).

    Of films every tenth frame counts. Raises InputError where the store has none yet.
    """
    drawn = np.flatnonzero(store.held_back & (store.accuracy == 1))
    film = np.array([store.names[i].startswith("camvid/") for i in store.photo[drawn]], bool)
    views = np.sort(np.append(drawn[~film], drawn[film][::CAMVID_STEP]))[:count]
    if not len(views):
        raise InputError(
            f"No held-back photo in '{store.folder}' has a label map that somebody drew, so "
            "nothing could be measured; let `trecs data latents` go on."
        )
    taken = store.take(views)
    told = told_of(taken.labels, taken.instances)
    true = torch.from_numpy(taken.latents).float()
    return HeldBack(true, told), to_tensor(taken.thumbnails)


def thumbnail_loss(stage: ThumbnailStage, held_back: HeldBack) -> HeldBackLoss:
    """The first stage's; an end that is off by e at time t is a velocity off by e / (1 - t)."""
    device = stage.network.write.weight.device

    def errors(part: slice, time: float, noise: Tensor) -> Tensor:
        true, told = held_back.true[part].to(device), held_back.told.taken(part).to(device)
        times = true.new_full((len(true),), time)
        end = stage(mixed(true, noise.to(device), times), times, told)
        return ((end - true) / max(1 - time, 1 - LATEST)).square()

    return _measured(stage, errors, held_back)


def latent_loss(stage: LatentStage, held_back: HeldBack, thumbnails: Tensor) -> HeldBackLoss:
    """The second stage's, beside the photos' own thumbnails."""
    device = stage.network.write.weight.device

    def errors(part: slice, time: float, noise: Tensor) -> Tensor:
        told, beside = held_back.told.taken(part).to(device), thumbnails[part].to(device)
        true, noise = stage.standardised(held_back.true[part].to(device)), noise.to(device)
        times = true.new_full((len(true),), time)
        noisy = mixed(true, noise, times)
        velocity = stage(noisy, times, beside, torch.zeros_like(times), told)
        return (velocity - (true - noise)).square()

    return _measured(stage, errors, held_back)


@torch.no_grad()
def _measured(stage: torch.nn.Module, errors: Errors, held_back: HeldBack) -> HeldBackLoss:
    training = stage.training
    stage.eval()
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(len(TIMES), *held_back.true.shape, generator=generator)
    by_time, of_cells = [], []
    weights = held_back.told.labelled[:, 0]  # (N, 32, 32)
    for time, drawn in zip(TIMES, noise, strict=True):
        cells = torch.cat(
            [
                errors(part, time, drawn[part]).mean(1).cpu()
                for start in range(0, len(drawn), AT_ONCE)
                for part in (slice(start, start + AT_ONCE),)
            ]
        )  # (N, 32, 32)
        by_time.append(((cells * weights).sum() / weights.sum()).item())
        of_cells.append(cells)
    stage.train(training)
    mean = torch.stack(of_cells).mean(0)
    labels = held_back.told.labels[:, SAMPLES // 2 :: SAMPLES, SAMPLES // 2 :: SAMPLES]
    counts = torch.bincount(labels.flatten(), minlength=COUNT + 1)[:COUNT]
    shown = counts.argsort(descending=True, stable=True)[:LABELS_SHOWN]
    by_label = {
        NAMES[label]: mean[labels == label].mean().item() for label in shown.tolist()
        if counts[label] > 0
    }  # fmt: skip
    return HeldBackLoss(sum(by_time) / len(by_time), tuple(by_time), by_label)
