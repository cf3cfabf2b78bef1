"""Distils the painter's first stage before judges, until it arrives in one or two steps.

Adversarial distillation of a flow (after Sauer et al., "Adversarial Diffusion Distillation", ECCV
2024, and Lin et al., "Diffusion Adversarial Post-Training for One-Step Video Generation", ICML
2025): the flow's weights begin the new stage, judges say whether its thumbnails look like those of
photos and like their labels, and from afar they are to look as the flow draws them of the same
noise. Reconstructed for label maps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from files.errors import InputError
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.pictures import load_pictures, to_pixels
from trecs.data.scenes import held_back_photos, load_scenes
from trecs.device import channels_last
from trecs.learning.augmentation import Jitter
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.run import Run
from trecs.synthesis.condition import nearest
from trecs.synthesis.discriminator import DiscriminatorConfig
from trecs.synthesis.judges import label_shares
from trecs.synthesis.judging import Judging, View
from trecs.synthesis.losses import colour_loss
from trecs.synthesis.painter.batches import ThumbnailBatch, ThumbnailSquares
from trecs.synthesis.painter.distilled import save_distilled
from trecs.synthesis.painter.measure import HeldBack, held_back_thumbnails
from trecs.synthesis.painter.noise import noise_of
from trecs.synthesis.painter.painter import bundled_thumbnails, load_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import POINTS, SIDE, Told
from trecs.synthesis.painter.training import SHOWN, sheet_of
from trecs.synthesis.spade import enlarged
from trecs.trunks.efficientnet import LITE0, EfficientNetTrunk, read_trunk

SEEDS_SHOWN = 3
SEEN = 4 * SIDE  # side of the enlarged thumbnails that the trunk sees
READ = 2 * SIDE  # of those that the discriminator reads, whose verdict has half of it
BLOCKS = (4, 16)  # pixels a side of what is to look as the flow draws it


@dataclass(frozen=True)
class DistillationTraining:
    """The numbers of a training; the defaults run on a CPU.

    `times`: when the new stage takes its steps, and 1. It learns to end at each of them, so that
    it can be asked for fewer.
    """

    times: tuple[float, ...] = (0.0, 0.4, 1.0)
    discriminator: DiscriminatorConfig = field(
        default_factory=lambda: DiscriminatorConfig((48, 96, 128, 128))
    )
    steps: int = 700
    batch: int = 16
    photo: int = 160  # shorter side of the photos in memory
    rate: float = 5e-5  # Adam's, betas 0 and 0.99
    judging_rate: float = 4e-4
    settling: int = 200  # the last steps, in which both rates fall, see `settled`
    average: float = 0.995  # decay of the averaged weights, which are what is kept
    watching: int = 100  # the first steps, in which the judges alone learn
    judge_weight: float = 0.5  # of the judges of whole thumbnails
    taught: int = 4  # thumbnails of a step that the flow draws, too
    taught_weight: float = 20.0
    jitter: float = 0.2  # how far brightness, saturation and contrast are varied, see `Jitter`

    @staticmethod
    def tiny() -> "DistillationTraining":
        """The same path, small enough for tests."""
        return DistillationTraining(
            discriminator=DiscriminatorConfig.tiny(), steps=4, batch=2, photo=64, settling=0,
            watching=1, taught=1,
        )  # fmt: skip


def train_distilled(
    training: DistillationTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    start: Path | None = None,  # the stage that is distilled; without, the bundled one
    trunk: Path | None = None,  # EfficientNet-lite0's weights; without, its package's
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
) -> None:
    """Distils a first stage on all photos that are not held back, going on from the folder's run.

    The model is to stand in `distilled/` beside the folder of the flow, see `load_drawing`.
    Raises InputError where there are too few photos, or a file is missing or damaged.
    """
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    held = held_back_photos(dataset, SHOWN)
    if len(photos) < training.batch or not held:
        raise InputError(
            f"Only {len(photos)} photos with label maps to train on and {len(held)} held back in "
            f"'{dataset.folder}'; a step takes {training.batch}, and at least one is shown."
        )
    flow = load_thumbnails(start) if start else bundled_thumbnails()
    eyes = channels_last(read_trunk(LITE0, trunk))
    shown = held_back_thumbnails(load_scenes(dataset, held, POINTS))
    pictures = load_pictures(dataset, photos, training.photo, composed)
    source = ThumbnailSquares(pictures, training.batch, seed)
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        train(DistillationRecipe(training, source, flow, eyes, shown), run, seed=seed)


class DistillationRecipe(Recipe[ThumbnailBatch]):
    """Judges and stage take a step in turn; the stage's averaged weights are kept.

    `flow` is what is distilled; it and `trunk` learn nothing. `shown`: held-back thumbnails.
    """

    averaged = "stage"
    log_every = 20
    least = 2
    kept: ThumbnailStage

    def __init__(
        self,
        training: DistillationTraining,
        source: ThumbnailSquares,
        flow: ThumbnailStage,
        trunk: EfficientNetTrunk,
        shown: HeldBack,
    ) -> None:
        self._training, self._trunk, self._shown = training, trunk, shown
        self.steps, self.batch, self.source = training.steps, training.batch, source
        self.average = training.average
        self._flow = channels_last(flow.eval().requires_grad_(False))
        config = replace(flow.config, guidance=1.0, times=training.times, extrapolated=False)
        self._stage = channels_last(ThumbnailStage(config))
        self._stage.load_state_dict(flow.state_dict())
        self._stage.eval()  # hides nothing, drops nothing
        wide = replace(training.discriminator, trunk=trunk.level_channels)
        self._judging = Judging(wide, whole=True)
        course = training.steps, training.settling
        self._player = Player.adversary(self._stage, training.rate, *course)
        self.players = {
            "stage": self._player,
            "judging": Player.adversary(self._judging, training.judging_rate, *course),
        }

    def begin(self) -> None:
        """Moves what learns nothing."""
        self._flow.to(self.run.fabric.device)
        self._trunk.to(self.run.fabric.device)

    def turns(self, batch: ThumbnailBatch, step: int) -> Iterator[Turn]:
        """The judges' turn, then the stage's, on the same thumbnails."""
        training, run, part = self._training, self.run, self.part
        noise = torch.randn_like(batch.true)
        jitter = Jitter.drawn(training.batch, training.jitter)
        last = int(torch.randint(len(training.times) - 1, ()))
        true, told, weights, own = run.fabric.to_device(batch.taken(part))
        noise, jitter = noise[part].to(true.device), jitter.of(part, true.device)
        drawn = self._drawn(told, noise, last)
        labels = nearest(told.labels.long(), SIDE, SIDE)
        shares, accuracies = label_shares(labels), weights.mean((1, 2, 3)) * own
        views = jitter(drawn), jitter(true)
        read, real = (enlarged(view, READ, READ) for view in views)
        with run.fabric.autocast():
            drawn_view = View(read, labels, *self._seen(views[0]), shares)
            with torch.no_grad():
                real_view = View(real, labels, *self._seen(views[1]), shares)
            losses = self._judging.told_apart(drawn_view, real_view, accuracies)
        yield "judging", losses
        if step < training.watching:
            return

        with run.fabric.autocast():
            losses = self._judging.persuaded(drawn_view, training.judge_weight)
        some = slice(training.taught)
        with torch.no_grad():
            by_flow = self._flow.draw(told.taken(some), noise[some])
        losses["afar"] = training.taught_weight * colour_loss(drawn[some], by_flow, BLOCKS)
        yield "stage", losses

    def _drawn(self, told: Told, noise: Tensor, last: int) -> Tensor:
        """Where noise leads to at the moment of number `last`; only that step is learned from."""
        times = self._training.times
        before = times[: last + 1]
        with torch.no_grad():
            state = noise
            for moments in pairwise(before):
                end = self._stage.finish(told, state, (moments[0], 1.0))
                state = torch.lerp(noise, end, moments[1])
        drawn: Tensor = self._player(state, state.new_full((len(state),), before[-1]), told)
        return drawn

    def _seen(self, thumbnails: Tensor) -> tuple[list[Tensor], Sequence[Tensor]]:
        """What the trunk sees at the discriminator's resolutions, and the judges' maps."""
        levels, maps = self._trunk.levels_and_maps(enlarged(thumbnails, SEEN, SEEN))
        return [functional.avg_pool2d(level, SEEN // READ) for level in levels], maps

    def export(self, folder: Path, done: int) -> None:
        """Writes what the averaged stage has that the flow has not."""
        save_distilled(folder, self._flow, self.kept)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Canvases, the photos' thumbnails, the flow's, and the stage's by the same noise."""
        device = self.kept.network.write.weight.device
        told = self._shown.told.taken(slice(SHOWN)).to(device)
        drawn = [
            stage.draw(told, noise_of(seed, len(told.labels), 3).to(device))
            for stage in (self._flow, self.kept)
            for seed in range(SEEDS_SHOWN)
        ]
        return sheet_of(told, [to_pixels(p) for p in (self._shown.true[:SHOWN], *drawn)])
