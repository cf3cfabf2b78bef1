"""Trains the painter's stages, each by flow matching, in one resumable loop."""

import copy
import io
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from files.errors import InputError
from files.weights import write_atomically
from segmentation.labels import palette
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.pictures import load_pictures, to_pixels
from trecs.data.scenes import held_back_photos, load_scenes
from trecs.learning.optimization import move_average, set_rate
from trecs.learning.run import Run
from trecs.synthesis.painter.autoencoder import Autoencoder
from trecs.synthesis.painter.batches import (
    LatentBatch,
    LatentViewsBatches,
    ThumbnailBatch,
    ThumbnailSquares,
)
from trecs.synthesis.painter.doubt import doubted
from trecs.synthesis.painter.flow import drawn_times, end_loss, mixed, weighted_mean
from trecs.synthesis.painter.latent_store import LatentStore, latent_statistics
from trecs.synthesis.painter.latents import CHANNELS, LatentStage, LatentStageConfig
from trecs.synthesis.painter.measure import (
    HeldBackLoss,
    held_back_latents,
    held_back_thumbnails,
    latent_loss,
    thumbnail_loss,
)
from trecs.synthesis.painter.noise import noise_of
from trecs.synthesis.painter.painter import load_thumbnails, save_latents, save_thumbnails
from trecs.synthesis.painter.thumbnails import STEPS, ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.painter.told import POINTS, SIDE, Told, cut
from trecs.synthesis.painter.unet import UNetConfig
from trecs.synthesis.spade import channels_last
from trecs.synthesis.thumbnail import ThumbnailFlow
from trecs.synthesis.training import bundled_thumbnails

USUAL_BATCH = 16
"""Pictures of a step that the rates are meant for; larger batches learn faster, by the root."""

FASTEST = 2.0  # times the rate, however large the batch
RIPE_WHEN_STARTED = 2000  # see `ripe`, of a run that begins with trained weights
SHOWN = 6  # held-back pictures of the sheet that every save draws
SEEDS_SHOWN = 3


@dataclass(frozen=True)
class StageTraining:
    """The numbers that both stages' trainings have; the defaults run on a CPU."""

    steps: int = 1_000_000
    batch: int = USUAL_BATCH  # pictures
    rate: float = 3e-4  # AdamW's, warmed up, then constant: a run may always go on
    warmup: int = 100
    decay: float = 0.01
    average: float = 0.999  # decay of the averaged weights, which are what is kept, at most:
    ripe: int = 0  # ... they reach back a ninth of the steps done, and of so many more
    clip: float = 1.0
    time_mean: float = 0.0  # of the normal numbers whose logistic function the times are
    time_deviation: float = 1.0
    measured: int = 96  # held-back photos that losses are measured on


Numbers = TypeVar("Numbers", bound=StageTraining)


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


@dataclass(frozen=True)
class _Course:
    """What one stage's training is made of.

    `loss` of a batch on the device; `measure` and `sheet` look at the averaged weights, and `save`
    writes them.
    """

    stage: nn.Module
    source: Any
    pictures: float  # whole pictures' worth of a step's samples
    loss: Callable[[nn.Module, Any], Tensor]
    measure: Callable[[Any], HeldBackLoss]
    sheet: Callable[[Any], bytes]
    save: Callable[[Path, Any], None]


def train_thumbnails(
    training: ThumbnailStageTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    start: ThumbnailFlow | ThumbnailStage | None = None,  # whose weights a new run begins with
    seed: int = 0,
    minutes: float | None = None,
    cpu_minutes: float | None = None,
    precision: str = "32-true",
    compiled: bool = False,
) -> None:
    """Trains the first stage on all photos that are not held back, going on from the folder's run.

    Raises InputError where there are too few photos, or state or composed canvases are damaged.
    """
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    held = held_back_photos(dataset, training.measured)
    if len(photos) < training.batch or not held:
        raise InputError(
            f"Only {len(photos)} photos with label maps to train on and {len(held)} held back in "
            f"'{dataset.folder}'; a step takes {training.batch}, and at least one is measured."
        )
    torch.manual_seed(seed)
    stage = ThumbnailStage(training.stage)
    if isinstance(start, ThumbnailStage):
        training = _taught(training, stage, start)
    elif start is not None:
        stage.begin_with(start)
    held_back = held_back_thumbnails(load_scenes(dataset, held, POINTS))
    pictures = load_pictures(dataset, photos, training.photo, composed)
    shown = held_back.told.taken(slice(SHOWN))

    def loss(stage: nn.Module, batch: ThumbnailBatch) -> Tensor:
        times = drawn_times(len(batch.true), training.time_mean, training.time_deviation)
        times = times.to(batch.true.device)
        noisy = mixed(batch.true, torch.randn_like(batch.true), times)
        return end_loss(stage(noisy, times, batch.told).float(), batch.true, times, batch.weights)

    def sheet(stage: ThumbnailStage) -> bytes:
        device = stage.network.write.weight.device
        drawn = [
            stage.draw(shown.to(device), noise_of(seed, len(shown.labels), 3).to(device))
            for seed in range(SEEDS_SHOWN)
        ]
        columns = [to_pixels(pictures) for pictures in (held_back.true[:SHOWN], *drawn)]
        return _sheet(shown, columns)

    course = _Course(
        stage,
        ThumbnailSquares(pictures, training.batch, seed),
        training.batch,
        loss,
        lambda stage: thumbnail_loss(stage, held_back),
        sheet,
        save_thumbnails,
    )
    with Run(folder, seed=seed, minutes=minutes, save_minutes=_save_minutes(),
             precision=precision) as run:  # fmt: skip
        _train(training, run, course, seed, cpu_minutes, compiled)


def train_latents(
    training: LatentStageTraining,
    latents: Path,  # what `trecs data latents` makes
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    dataset: Dataset | None = None,  # whose photos the composed canvases are of
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    thumbnails: Path | None = None,  # a trained first stage; else the bundled flow draws
    autoencoder: Path | None = None,  # to draw sheets with
    start: LatentStage | None = None,  # whose weights a new run begins with
    seed: int = 0,
    minutes: float | None = None,
    cpu_minutes: float | None = None,
    precision: str = "32-true",
    compiled: bool = False,
) -> None:
    """Trains the second stage on the views that are there, going on from the folder's run if any.

    Raises InputError where there are too few views, or a folder is damaged.
    """
    store = LatentStore(latents)
    source = LatentViewsBatches(store, training.batch, seed, dataset, composed)
    if len(source.photos) < training.batch:
        raise InputError(
            f"Only {len(source.photos)} photos to train on in '{latents}' yet; a step takes "
            f"{training.batch}. Let `trecs data latents` go on."
        )
    held_back, beside = held_back_latents(store, training.measured)
    decoder = Autoencoder.load(autoencoder) if autoencoder else None
    first = _first_stage(thumbnails)
    torch.manual_seed(seed)
    stage = LatentStage(training.stage)
    for own, values in zip((stage.mean, stage.spread), latent_statistics(store), strict=True):
        own.copy_(torch.from_numpy(values)[:, None, None])  # a run that goes on keeps those it had
    if start is not None:
        training = _taught(training, stage, start)
    parts = training.windows if training.window < SIDE else 1
    shown = held_back.told.taken(slice(SHOWN))

    def loss(network: nn.Module, batch: LatentBatch) -> Tensor:
        true, told, weights = stage.standardised(batch.true.float()), batch.told, batch.weights
        small = _finished(first, batch.thumbnails, batch.begun, told)
        small, doubt = doubted(small)
        if training.window < SIDE:
            true, small, weights, doubt = (
                t.repeat_interleave(parts, 0) for t in (true, small, weights, doubt)
            )
            told = Told(*(plane.repeat_interleave(parts, 0) for plane in told))
            corners = torch.randint(SIDE - training.window + 1, (len(true), 2))
            true, small, weights = (
                cut(planes, corners, training.window) for planes in (true, small, weights)
            )
            told = told.windows(corners, training.window)
        times = drawn_times(len(true), training.time_mean, training.time_deviation)
        times, noise = times.to(true.device), torch.randn_like(true)
        velocity = network(mixed(true, noise, times), times, small, doubt, told)
        return weighted_mean((velocity.float() - (true - noise)).square(), weights)

    def sheet(stage: LatentStage) -> bytes:
        device = stage.network.write.weight.device
        columns = [to_pixels(beside[:SHOWN])]
        if decoder is not None:
            drawn = stage.draw(
                shown.to(device),
                beside[:SHOWN].to(device),
                noise_of(0, len(shown.labels), CHANNELS).to(device),
            )
            for pictured in (held_back.true[:SHOWN], drawn.cpu()):
                columns.append(to_pixels(decoder.decode(pictured) * 2 - 1))
        return _sheet(shown, columns)

    course = _Course(
        stage,
        source,
        training.batch * parts * (training.window / SIDE) ** 2,
        loss,
        lambda stage: latent_loss(stage, held_back, beside),
        sheet,
        save_latents,
    )
    with Run(folder, seed=seed, minutes=minutes, save_minutes=_save_minutes(),
             precision=precision) as run:  # fmt: skip
        first.to(run.fabric.device)
        _train(training, run, course, seed, cpu_minutes, compiled)


def _train(
    training: StageTraining,
    run: Run,
    course: _Course,
    seed: int,
    cpu_minutes: float | None,
    compiled: bool,
) -> None:
    """The loop of either stage; stops after so much time of the processors, too."""
    stage = channels_last(course.stage)
    averaged = copy.deepcopy(stage).requires_grad_(False).eval()
    optimizer = torch.optim.AdamW(stage.parameters(), training.rate, (0.9, 0.99),
                                  weight_decay=training.decay)  # fmt: skip
    done, spent, curve = 0, 0.0, []
    parts = {"stage": stage, "averaged": averaged}
    if state := run.resume():
        run.restore(state, **parts, optimizer=optimizer)
        done, spent, curve = state["done"], state["cpu_minutes"], state["curve"]
        run.announce(done, training.steps)
    began = time.process_time()
    stage, optimizer = run.setup(stage, optimizer)
    averaged.to(run.fabric.device)
    if compiled:
        course.stage.network.compile(dynamic=False)  # type: ignore[union-attr]
    part = run.share(training.batch)
    rate = training.rate * min(math.sqrt(training.batch / USUAL_BATCH), FASTEST)
    batches = run.batches(course.source, done, training.steps)

    def cpu_spent() -> float:
        return spent + (time.process_time() - began) / 60

    def measure() -> None:
        measured = course.measure(averaged)
        run.log(done, held_back=measured.loss)
        curve.append({"step": done, "pictures": round(done * course.pictures),
                      "cpu_minutes": cpu_spent(), **asdict(measured)})  # fmt: skip

    losses: list[Tensor] = []
    if not curve:
        measure()
    over = done >= training.steps
    while not over:
        torch.manual_seed((seed << 32) + done)
        batch = run.fabric.to_device(next(batches).taken(part))
        set_rate(optimizer, rate * min(1.0, (done + 1) / training.warmup))
        loss = course.loss(stage, batch)
        run.step(loss, optimizer, clip=training.clip)
        reach = done + training.ripe
        move_average(averaged.state_dict(), course.stage.state_dict(),
                     min(training.average, (1 + reach) / (10 + reach)))  # fmt: skip
        done += 1
        losses.append(loss.detach())
        if done % 50 == 0:
            run.log(done, loss=torch.stack(losses).mean().item())
            losses.clear()
        due = run.due()
        out_of_cpu = cpu_minutes is not None and cpu_spent() >= cpu_minutes
        over = run.over or out_of_cpu or done == training.steps
        if due or over:
            measure()
            run.save({**{name: module.state_dict() for name, module in parts.items()},
                      "optimizer": optimizer.state_dict(), "done": done,
                      "cpu_minutes": cpu_spent(), "curve": curve})  # fmt: skip
            if run.main:
                course.save(run.folder / "model", averaged)
                with torch.inference_mode():
                    write_atomically(run.folder / "samples.png", course.sheet(averaged))


def _taught(
    training: Numbers, stage: ThumbnailStage | LatentStage, start: ThumbnailStage | LatentStage
) -> Numbers:
    """Gives a stage the weights of a trained one, and the numbers with an average that fits.

    The average then reaches back to them from the first step on. Raises InputError where the two
    are of different sizes.
    """
    if stage.config != start.config:
        raise InputError(
            f"The weights to begin with have other sizes ({start.config}) than those that are "
            f"trained ({stage.config}); leave --start out."
        )
    stage.load_state_dict(start.state_dict())
    return replace(training, ripe=max(training.ripe, RIPE_WHEN_STARTED))


def _first_stage(folder: Path | None) -> ThumbnailStage:
    """A frozen first stage: a trained one, or the bundled flow as one."""
    if folder is not None:
        stage = load_thumbnails(folder)
    else:
        flow = bundled_thumbnails()
        stage = ThumbnailStage(ThumbnailStageConfig(UNetConfig(flow.config.widths)))
        stage.begin_with(flow)
    return channels_last(stage.eval().requires_grad_(False))


@torch.no_grad()
def _finished(first: ThumbnailStage, own: Tensor, begun: Tensor, told: Told) -> Tensor:
    """Thumbnails of which the first stage draws what is not `begun`."""
    some = (begun < STEPS).nonzero()[:, 0]
    if not len(some):
        return own
    done = int(begun.min())  # alike in all of a batch that are to be drawn
    finished, chosen = own.clone(), own[some]
    given = torch.full((len(some),), done / STEPS, device=own.device)
    noisy = mixed(chosen, torch.randn_like(chosen), given)
    finished[some] = first.finish(told.taken(some), noisy, done)
    return finished


def _save_minutes() -> float:
    return 2.0 if torch.cuda.is_available() else 5.0


def _sheet(told: Told, columns: list[np.ndarray]) -> bytes:
    """Canvases and beside them columns of pictures (N, S, S, 3), scaled to 128 pixels, as a PNG."""
    coloured = palette()[np.minimum(told.labels.cpu().numpy(), 255)]
    wide = [coloured, *(c.repeat(POINTS // SIDE, 1).repeat(POINTS // SIDE, 2)
                        if c.shape[1] == SIDE else c[:, ::2, ::2] for c in columns)]  # fmt: skip
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate([np.concatenate(list(c)) for c in wide], 1)).save(buffer, "PNG")
    return buffer.getvalue()
