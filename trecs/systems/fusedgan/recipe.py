"""Trains FusedGAN (Bodla et al., ECCV 2018) on photos with captions and photos without."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from trecs.data.dataset import EVERY_SET, Dataset, Photo
from trecs.data.described import Described, load_squares, random_crops
from trecs.learning.loop import Turn
from trecs.systems.fusedgan.losses import conditional_loss, judge_loss
from trecs.systems.fusedgan.network import ConditionalHead, FusedGanConfig, Generator, Judge
from trecs.systems.fusedgan.system import FusedGan
from trecs.systems.parts.adversarial import AdversarialRecipe
from trecs.systems.parts.caption_training import CaptionBatches, train_by_captions
from trecs.systems.parts.conditioning import begin_conditions
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.parts.matching_aware import believed_loss

LOG_VARIANCE = -2.0  # of the first conditions, whose means have a variance of 1

PartlyTold = tuple[Tensor, list[tuple[int, ...]], Tensor]
"""Photos (B, 3, S, S) in [-1, 1], a caption of each, and B photos of which some have none."""


@dataclass(frozen=True)
class FusedGanTraining:
    """The numbers of a training; those of the re-implementation stand beside."""

    networks: FusedGanConfig = field(default_factory=FusedGanConfig)
    steps: int = 6_000
    batch: int = 16  # 100
    generator_rate: float = 1e-4  # 2e-4
    judge_rate: float = 4e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (none)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (none)
    divergence: float = 1.0  # weight of the conditions' divergence (1)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.03  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "FusedGanTraining":
        """The same path, small enough for tests."""
        return FusedGanTraining(FusedGanConfig.tiny(), steps=4, batch=2, settling=0)


class PartlyToldBatches(CaptionBatches):
    """Batches with as many photos again, drawn of those with a caption and of the `untold`."""

    def __init__(
        self,
        photos: Sequence[Described],
        *arguments: Any,
        untold: Sequence[Photo],
        **numbers: Any,
    ) -> None:
        super().__init__(photos, *arguments, **numbers)
        self.every = self.squares
        if untold:
            self.every = np.concatenate([self.squares, load_squares(untold, self._side)])

    def __getitem__(self, step: int) -> PartlyTold:  # type: ignore[override]
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen, texts = self._drawn(rng)
        photos = self._cropped(chosen, rng)
        further = rng.choice(len(self.every), self._batch, replace=False)
        return photos, texts, random_crops(self.every[further], self._side, rng)


class FusedGanRecipe(AdversarialRecipe):
    """The unconditional pair, then the conditional one; both teach the structure prior."""

    own: nn.ModuleList
    training: FusedGanTraining

    def __init__(
        self, training: FusedGanTraining, damsm: Damsm, batches: PartlyToldBatches
    ) -> None:
        config = training.networks
        judges = nn.ModuleList(Judge(config, told=told) for told in (False, True))
        super().__init__(FusedGan, config, damsm, batches, training, judges)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        for network in (generator, judges):
            begin_dcgan(network)
        begin_told(generator.condition_generator, self.sentences)

    def turns(self, batch: PartlyTold, step: int) -> Iterator[Turn]:  # type: ignore[override]
        """Judge and branch without a text, then those with one, on the same noise."""
        noise, other = self.varied_noise(), self.varied_noise()
        yield from self._alone(self.run.fabric.to_device(batch[2][self.part]), noise[0], other[0])
        yield from self._told(batch, noise, other)

    def _alone(self, photos: Tensor, noise: Tensor, other: Tensor) -> Iterator[Turn]:
        """The turns of the unconditional pair, of photos (B, 3, S, S) and two noises (B, Z)."""
        judge, views = self.own[0], self.views()
        pictures = self.generator(noise)
        with torch.no_grad():
            others = self.generator(other)
        with self.run.fabric.autocast():
            drawn = views(pictures)
            judged = judge_loss(judge(views(photos)), judge(drawn.detach()))
        yield "judges", {"judge_alone": judged}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            believed = believed_loss(judge(drawn))
        self.freeze_judges(False)
        alike = self.alike(pictures, others, noise, other)
        yield "generator", {"alone": believed, "alike_alone": alike}

    def _told(
        self, batch: PartlyTold, noise: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]
    ) -> Iterator[Turn]:
        """The turns of the conditional pair; each noise is one of `_noise`."""
        photos, told = self.examples(batch[:2])
        judge, views = self.own[1], self.views()
        drawn = self.generator(noise[0], told.sentence, noise[1])
        with torch.no_grad():
            others = self.generator(other[0], told.sentence, other[1])
        scaled = self.scaled(told.sentence)
        with self.run.fabric.autocast():
            pictures = views(drawn.pictures)
            judged = judge_loss(judge(views(photos), scaled), judge(pictures.detach(), scaled))
        yield "judges", {"judge_told": judged}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            believed = conditional_loss(
                judge(pictures, scaled),
                drawn.mean,
                drawn.log_variance,
                weight=self.training.divergence,
            )
        self.freeze_judges(False)
        alike = self.alike(drawn.pictures, others.pictures, noise[0], other[0])
        yield "generator", {"told": believed, "alike_told": alike}


def begin_told(head: ConditionalHead, sentences: Tensor) -> None:
    """Starts the conditions as the principal components of sentences (N, D) (reconstructed)."""
    fc, slope = head.condition_embedding["fc"], head.slope
    assert isinstance(fc, nn.Linear)
    negative = LOG_VARIANCE / slope if slope else 0.0
    begin_conditions(fc, fc.out_features // 2, sentences, 1, negative)


def untold_photos(dataset: Dataset, told: Sequence[Described]) -> list[Photo]:
    """The photos of all sets that may be trained on and are not among those that have a text."""
    known = {one.photo.image_path for one in told}
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    return [photo for photo in photos if photo.image_path not in known]


def train_fusedgan(
    training: FusedGanTraining, dataset: Dataset, folder: Path, **options: Any
) -> None:
    """Trains on photos with a caption and, without a text, also on those that have none.

    `options`: those of `train_by_captions`, whose errors it raises.
    """

    def drawn(photos: Sequence[Described], *arguments: Any, **numbers: Any) -> PartlyToldBatches:
        untold = untold_photos(dataset, photos)
        return PartlyToldBatches(photos, *arguments, untold=untold, **numbers)

    train_by_captions(FusedGanRecipe, training, dataset, folder, batches=drawn, **options)
