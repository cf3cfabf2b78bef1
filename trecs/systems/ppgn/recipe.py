"""Trains PPGN's networks on photos and captions: first what looks, then G against a judge."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.data.described import random_crops
from trecs.device import channels_last
from trecs.learning.loop import Player, Turn
from trecs.systems.parts.adversarial import BETAS
from trecs.systems.parts.caption_system import CaptionSystem, pixels
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
from trecs.systems.parts.matching_losses import sentence_loss
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.ppgn.config import PpgnConfig
from trecs.systems.ppgn.losses import feature_loss, image_loss, noised
from trecs.systems.ppgn.network import Generator, Judge, PlugAndPlay
from trecs.systems.ppgn.system import Ppgn, sampled

LOOKED = 16  # batches in which the components of codes are found


@dataclass(frozen=True)
class PpgnTraining:
    """The numbers of a training."""

    networks: PpgnConfig = field(default_factory=PpgnConfig)
    steps: int = 6_000  # of both parts
    looking: int = 1_000  # the first, in which E and C learn
    batch: int = 64  # photos of a step
    drawn: int = 16  # the part of them that G draws
    looking_rate: float = 2e-3  # AdamW
    decay: float = 1e-2  # of weights, likewise
    generator_rate: float = 4e-4
    judge_rate: float = 4e-4
    settling: int = 600  # the last steps, in which both fall
    average: float = 0.998  # decay of G's averaged weights, which are what is exported
    clean: float = 0.25  # share of codes without noise
    level: float = 1.5  # the most noise of others, in deviations of a code
    image: float = 3.0  # weights of what G loses
    feature: float = 1.0
    code: float = 2.0
    believed: float = 0.5

    @staticmethod
    def tiny() -> "PpgnTraining":
        """The same path, small enough for tests."""
        return PpgnTraining(PpgnConfig.tiny(), steps=4, looking=1, batch=2, drawn=2, settling=0)


class PpgnRecipe(CaptionRecipe):
    """E and C learn to match; then they are fixed, and judge and G step in turn."""

    averaged = "generator"
    least = 2
    kept: Generator
    source: CaptionBatches

    def __init__(self, training: PpgnTraining, damsm: Damsm, batches: CaptionBatches) -> None:
        super().__init__(Ppgn, training.networks, damsm, batches)
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        self.training = training
        networks = self.networks.generator
        assert isinstance(networks, PlugAndPlay)
        self.recogniser, self.judge = networks.recogniser, Judge(training.networks)
        sentences = sentences_of(self.networks, batches.captions)  # (N, D)
        begin_told_apart(self.recogniser.sentence, sentences)
        chosen = torch.linspace(0, len(sentences) - 1, training.networks.bank).long()
        self.recogniser.bank.copy_(sentences[chosen])
        learning = [p for p in self.recogniser.parameters() if p.requires_grad]
        course = training.steps, training.settling, BETAS
        self.generator = Player.adversary(networks.generator, training.generator_rate, *course)
        self.players = {
            "recogniser": Player(
                self.recogniser,
                torch.optim.AdamW(learning, training.looking_rate, weight_decay=training.decay),
                self._looking_rate,
            ),
            "generator": self.generator,
            "judge": Player.adversary(self.judge, training.judge_rate, *course),
        }

    def begin(self) -> None:
        """Moves what reads."""
        super().begin()
        for network in (self.recogniser, self.generator.network, self.judge):
            channels_last(network)

    def _looking_rate(self, step: int) -> float:
        """It rises for fifty steps and falls to the end of its part."""
        whole = self.training.looking
        return min(1.0, (step + 1) / 50, max(whole - step, 0) / (whole / 2))

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The recogniser's turn, or the judge's and the generator's."""
        if step < self.training.looking:
            yield from self._look(batch)
            return
        if step == self.training.looking:
            self._fix(step)
        yield from self._draw(batch)

    def _look(self, batch: Examples) -> Iterator[Turn]:
        photos, told = self.examples(batch)
        self.recogniser.train()
        pictures = self.recogniser.matched(self.recogniser(photos))
        sentences = self.recogniser.sentence(told.sentence)
        yield "recogniser", {"match": torch.stack(sentence_loss(pictures, sentences)).sum()}

    @torch.no_grad()
    def _fix(self, step: int) -> None:
        """Finds the components of codes, when E has learnt."""
        self.recogniser.eval()
        photos = [self.source[step + number][0] for number in range(LOOKED)]
        seen = [self.recogniser(self.run.fabric.to_device(some)) for some in photos]
        self.recogniser.find_components(torch.cat(seen))

    def _draw(self, batch: Examples) -> Iterator[Turn]:
        training, recogniser = self.training, self.recogniser.eval().requires_grad_(False)
        shares = (torch.rand(self.batch) - training.clean).clamp(min=0) / (1 - training.clean)
        levels = training.level * shares
        config = training.networks
        noise = torch.randn(self.batch, config.code, config.places, config.places)
        few = slice(self.part.start, self.part.start + self._few)
        photos, level, noise = self.run.fabric.to_device((batch[0][few], levels[few], noise[few]))

        with torch.no_grad():
            real = recogniser(photos)
            code = recogniser.encode(real)
            given = noised(code, noise, level)
        with self.run.fabric.autocast():
            pictures = self.generator(given)
            seen = recogniser(pictures)
            judged = {
                "real": believed_loss(self.judge(photos, real, given)),
                "fake": doubted_loss(self.judge(pictures.detach(), seen.detach(), given)),
            }
        yield "judge", judged

        self.judge.requires_grad_(False)
        with self.run.fabric.autocast():
            believed = believed_loss(self.judge(pictures, seen, given))
        self.judge.requires_grad_(True)
        seen = seen.float()  # as the photos' maps are
        sure = 1 / (1 + level.square())
        yield (
            "generator",
            {
                "image": training.image * image_loss(pictures, photos, sure),
                "feature": training.feature * feature_loss(seen, real, sure),
                "code": training.code * feature_loss(recogniser.encode(seen), code, sure),
                "believed": training.believed * believed,
            },
        )

    @property
    def _few(self) -> int:
        """How many photos of this process G draws."""
        share = self.part.stop - self.part.start
        return max(share * self.training.drawn // self.batch, 1)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Training photos, what G makes of their codes, and pictures of a caption of each."""
        networks = self.learnt()[1].to(self.run.fabric.device)
        squares, texts = self.source.squares, self.source.captions
        chosen = range(0, len(squares), max(len(squares) // SHOWN, 1))
        side = self.training.networks.side
        few = random_crops(squares[list(chosen)], side, np.random.default_rng(0))
        photos = self.run.fabric.to_device(few)
        told = self.networks.read(TextBatch.of([texts[i][0] for i in chosen], photos.device))
        recogniser = networks.recogniser
        columns = [photos, networks.generator(recogniser.encode(recogniser(photos)))]
        for seed in range(2):
            moments = sampled(networks, told.sentence, torch.Generator().manual_seed(seed))
            columns.append(moments[-1].picture)
        return np.concatenate([
            np.concatenate([pixels(column[row]) for column in columns], 1)
            for row in range(len(photos))
        ])  # fmt: skip

    def export(self, folder: Path, done: int) -> None:
        """Writes the system once G has begun to learn; a run cut short before leaves its state."""
        if done > self.training.looking:
            super().export(folder, done)

    @torch.inference_mode(False)
    def model(self) -> CaptionSystem:
        """A copy, through which gradients may pass."""
        return super().model()

    @torch.inference_mode(False)
    def learnt(self) -> tuple[nn.Module, PlugAndPlay]:
        """What reads, and G's averaged weights beside E and C."""
        kept = PlugAndPlay(self.training.networks)
        kept.generator.load_state_dict(self.kept.state_dict())
        kept.recogniser.load_state_dict(self.recogniser.state_dict())
        return self.networks.text_encoder, kept.eval().requires_grad_(False)


def train_ppgn(training: PpgnTraining, dataset: Dataset, folder: Path, **options: Any) -> None:
    """Trains on the photos that are not held back; see `train_by_captions`, of which `options` are.

    Raises InputError also where no step is left in which G learns.
    """
    if training.steps <= training.looking:
        raise InputError(
            f"PPGN's generator learns nothing in {training.steps} steps, since it begins after "
            f"{training.looking}; expected more than {training.looking} steps."
        )
    train_by_captions(PpgnRecipe, training, dataset, folder, **options)
