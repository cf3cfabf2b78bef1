"""Trains CI-GAN on photos and captions: a generator, then its inverse, then the words' codes."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.data.described import random_crops
from trecs.device import channels_last
from trecs.learning.augmentation import Jitter
from trecs.learning.loop import Player, Turn
from trecs.systems.cigan.generator import Generator
from trecs.systems.cigan.judges import CodeJudge, PictureJudge
from trecs.systems.cigan.losses import (
    alignment_loss,
    cycle_loss,
    gradient_penalty,
    inversion_terms,
    squared_distances,
)
from trecs.systems.cigan.network import SAMPLES, CiGanNetworks
from trecs.systems.cigan.system import CiGan
from trecs.systems.cigan.training import CiGanTraining, halfway
from trecs.systems.parts.adversarial import BETAS, Views
from trecs.systems.parts.caption_system import pixels
from trecs.systems.parts.caption_training import (
    SHOWN,
    CaptionBatches,
    CaptionRecipe,
    Examples,
    sentences_of,
    train_by_captions,
)
from trecs.systems.parts.conditioning import begin_told_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss
from trecs.systems.parts.text_encoder import TextBatch
from trecs.trunks.efficientnet import LITE0, EarlyTrunk, read_early


class CiGanRecipe(CaptionRecipe):
    """G and its judge step in turn; then E before judges of its own; then the words."""

    averaged = "generator"
    least = 2
    kept: Generator
    source: CaptionBatches

    def __init__(
        self, training: CiGanTraining, damsm: Damsm, batches: CaptionBatches, eyes: EarlyTrunk
    ) -> None:
        config = training.networks
        super().__init__(CiGan, config, damsm, batches)
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        self.training = training
        networks = self.networks.generator
        assert isinstance(networks, CiGanNetworks)
        self.parts, self._eyes, self._fixed = networks, eyes, False
        networks.look_through(eyes)
        begin_told_apart(networks.words.first, sentences_of(self.networks, batches.captions))
        self.judge = PictureJudge(config)
        self.new_judge, self.code_judge = PictureJudge(config), CodeJudge(config.code)
        course = training.drawing, training.settling
        self.generator = Player.adversary(networks.generator, training.generator_rate, *course)
        self.encoder = self._later(networks.encoder, training.inverse_rate, training.drawing,
                                   training.inverting)  # fmt: skip
        self.words = self._later(networks.words, training.words_rate, training.last,
                                 training.steps - training.last, decay=training.decay)  # fmt: skip
        self.players = {
            "generator": self.generator,
            "judge": Player.adversary(self.judge, training.judge_rate, *course),
            "encoder": self.encoder,
            "new judges": self._later(
                nn.ModuleList([self.new_judge, self.code_judge]), training.inverse_rate,
                training.drawing, training.inverting,
            ),
            "words": self.words,
        }  # fmt: skip

    def _later(
        self, network: nn.Module, rate: float, start: int, steps: int, *, decay: float = 0.0
    ) -> Player:
        """Who learns in a later part, in whose second half the rate falls."""
        optimizer = torch.optim.AdamW(network.parameters(), rate, BETAS, weight_decay=decay)
        return Player(network, optimizer, lambda step: halfway(step - start, steps))

    def begin(self) -> None:
        """Moves what looks and what is known of codes."""
        super().begin()
        self.parts.to(self.run.fabric.device)
        for network in (self.parts, self.judge, self.new_judge):
            channels_last(network)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """Those of the part that a step is of."""
        training = self.training
        if step < training.drawing:
            yield from self._draw(batch, step)
            return
        if not self._fixed:
            self._fix()
        if step < training.last:
            yield from self._invert(batch, step)
        else:
            yield from self._align(batch)

    def _draw(self, batch: Examples, step: int) -> Iterator[Turn]:
        photos, views = self._few(batch), self._views()
        few = self._part(self.training.drawn)
        pictures = self.generator(self._noise(few), self._noises(few))
        with self.run.fabric.autocast():
            drawn = views(pictures)
            losses = self._judged(self.judge, views(photos), drawn.detach())
        if step % self.training.lazy == 0:
            losses["penalty"] = self._penalty(self.judge, views(photos))
        yield "judge", losses

        with self.run.fabric.autocast():
            believed = self._believed(self.judge, drawn)
        yield "generator", {"believed": believed}

    @torch.no_grad()
    def _fix(self) -> None:
        """From now on the averaged generator is the one, and what its codes are like is known.

        A run that goes on finds the same, for then both are equal.
        """
        self.parts.generator.load_state_dict(self.kept.state_dict())
        self.parts.generator.requires_grad_(False)
        seeded = torch.Generator().manual_seed(0)
        noise = torch.randn(SAMPLES, self.training.networks.code, generator=seeded)
        self.parts.measure_codes(self.run.fabric.to_device(noise))
        self._fixed = True

    def _invert(self, batch: Examples, step: int) -> Iterator[Turn]:
        training, parts = self.training, self.parts
        photos, views = self._few(batch), self._views()
        noise = self._noises(self._part(training.drawn))
        cycled = self._part(training.cycled)
        with torch.no_grad(), self.run.fabric.autocast():
            codes = parts.standardised(parts.generator.mapping(self._noise(cycled)))
            fakes = parts.draw(codes, self._noises(cycled))
            both = torch.cat([photos, fakes])
            seen = parts.look(both)
        own, again = self.encoder(both, seen).split([len(photos), len(fakes)])
        with self.run.fabric.autocast():
            pictures = parts.draw(own, noise)
            drawn = views(pictures)
            losses = self._judged(self.new_judge, views(photos), drawn.detach(), "new_")
            losses["code_real"] = believed_loss(self.code_judge(codes))
            losses["code_fake"] = doubted_loss(self.code_judge(own.detach()))
        if step % training.lazy == 0:
            losses["new_penalty"] = self._penalty(self.new_judge, views(photos))
        yield "new judges", losses

        with self.run.fabric.autocast():
            pixel, feature = inversion_terms(
                photos, pictures, seen[: len(photos)], parts.look(pictures)
            )
            believed = self._believed(self.new_judge, drawn)
            likely = believed_loss(self.code_judge(own))
        yield (
            "encoder",
            {
                "pixel": training.pixel * pixel,
                "feature": training.feature * feature,
                "new_believed": training.believed * believed,
                "likely": training.likely * likely,
                "cycle": training.cycle * cycle_loss(codes, again),
            },
        )

    def _align(self, batch: Examples) -> Iterator[Turn]:
        photos, told = self.examples(batch)
        with torch.no_grad(), self.run.fabric.autocast():
            codes = self.parts.invert(photos)
        texts = self.words(told.sentence)
        distances = squared_distances(codes.float(), texts.float())
        self.run.note(
            code_spread=codes.float().std(0).mean(), text_spread=texts.float().std(0).mean()
        )
        yield "words", {"alignment": alignment_loss(self.training.sharpness * distances)}

    def _judged(
        self, judge: PictureJudge, real: Tensor, fake: Tensor, name: str = ""
    ) -> dict[str, Tensor]:
        """What a judge loses for views (B, 3, S, S) of photos and of drawn pictures."""
        return {
            f"{name}real": believed_loss(judge(real, self.parts.look(real))),
            f"{name}fake": doubted_loss(judge(fake, self.parts.look(fake))),
        }

    def _believed(self, judge: PictureJudge, drawn: Tensor) -> Tensor:
        """What is lost before a judge, who learns nothing by it."""
        judge.requires_grad_(False)
        believed = believed_loss(judge(drawn, self.parts.look(drawn)))
        judge.requires_grad_(True)
        return believed

    def _penalty(self, judge: PictureJudge, views: Tensor) -> Tensor:
        """R1 for all the steps without (StyleGAN2, section 3.1), in full precision."""
        views = views.detach().requires_grad_()
        penalty = gradient_penalty(judge(views, self.parts.look(views)), views)
        return self.training.penalty * self.training.lazy * penalty

    def _few(self, batch: Examples) -> Tensor:
        """Those of this process's photos that judges see."""
        photos: Tensor = self.run.fabric.to_device(batch[0][self._part(self.training.drawn)])
        return photos

    def _part(self, count: int) -> slice:
        """This process's share of the first so many of a batch."""
        share = self.part.stop - self.part.start
        few = max(share * count // self.batch, 1)
        return slice(self.part.start, self.part.start + few)

    def _views(self) -> Views:
        """One draw for this step."""
        jitter = Jitter.drawn(self.batch, self.training.jitter)
        few = self._part(self.training.drawn)
        return Views(jitter.of(few, self.run.fabric.device), self.training.shift)

    def _noise(self, part: slice) -> Tensor:
        """Standard normal z (B, W) of a part of the batch."""
        drawn = torch.randn(self.batch, self.training.networks.code)
        noise: Tensor = self.run.fabric.to_device(drawn[part])
        return noise

    def _noises(self, part: slice) -> list[Tensor]:
        """The layers' noise, likewise."""
        drawn = self.parts.generator.draw_noise(self.batch)
        return [self.run.fabric.to_device(one[part]) for one in drawn]

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Training photos, what their codes are drawn as, a caption's picture, and any other."""
        networks = self.learnt()[1].to(self.run.fabric.device)
        squares, texts = self.source.squares, self.source.captions
        chosen = range(0, len(squares), max(len(squares) // SHOWN, 1))
        few = random_crops(squares[list(chosen)], networks.config.side, np.random.default_rng(0))
        photos = self.run.fabric.to_device(few)
        told = self.networks.read(TextBatch.of([texts[i][0] for i in chosen], photos.device))
        generator = torch.Generator().manual_seed(0)
        noise = [one.to(photos) for one in networks.generator.draw_noise(len(photos), generator)]
        z = torch.randn(2, len(photos), networks.config.code, generator=generator).to(photos)
        columns = [
            photos,
            networks.draw(networks.invert(photos), noise),
            networks.draw(networks.words(told.sentence), noise),
            *(networks.generator(one, noise) for one in z),
        ]
        return np.concatenate([
            np.concatenate([pixels(column[row]) for column in columns], 1)
            for row in range(len(photos))
        ])  # fmt: skip

    def export(self, folder: Path, done: int) -> None:
        """Writes the system once words have begun to learn; a run cut short leaves its state."""
        if done > self.training.last:
            super().export(folder, done)

    def learnt(self) -> tuple[nn.Module, CiGanNetworks]:
        """What reads, and all parts, with G's averaged weights."""
        kept = CiGanNetworks(self.training.networks)
        kept.load_state_dict(self.parts.state_dict())
        kept.generator.load_state_dict(self.kept.state_dict())
        kept.look_through(self._eyes)
        return self.networks.text_encoder, kept.eval().requires_grad_(False)


def train_cigan(
    training: CiGanTraining,
    dataset: Dataset,
    folder: Path,
    *,
    trunk: Path | None = None,  # EfficientNet-lite0's weights; None takes those of a package
    **options: Any,  # of `train_by_captions`
) -> None:
    """Trains on the photos that are not held back; see `train_by_captions`.

    Raises InputError also where the trunk's weights are missing, and where no step is left in
    which the words learn their codes.
    """
    if training.steps <= training.last:
        raise InputError(
            f"CI-GAN's words learn no codes in {training.steps} steps, since they begin after "
            f"{training.last}; expected more than {training.last} steps."
        )
    recipe = partial(CiGanRecipe, eyes=read_early(LITE0, trunk))
    train_by_captions(recipe, training, dataset, folder, **options)
