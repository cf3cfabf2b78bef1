"""Trains MirrorGAN (Qiao et al., CVPR 2019) on photos and captions: what reads, then what draws."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from files.weights import BUNDLED
from trecs.data.dataset import Dataset
from trecs.device import channels_last
from trecs.learning.judge import Judge, adversarial_loss, discriminator_loss
from trecs.learning.loop import Turn
from trecs.learning.trunk_judge import TrunkJudge
from trecs.systems.mirrorgan.captioner import Captioner, ended
from trecs.systems.mirrorgan.captioner_training import CaptionerTraining, train_captioner
from trecs.systems.mirrorgan.config import MirrorGanConfig
from trecs.systems.mirrorgan.generator import Generator
from trecs.systems.mirrorgan.losses import generator_loss
from trecs.systems.mirrorgan.system import MirrorGan
from trecs.systems.parts.adversarial import AdversarialRecipe, Views
from trecs.systems.parts.caption_training import (
    CaptionBatches,
    Examples,
    train_by_captions,
    trainable_photos,
)
from trecs.systems.parts.conditioning import begin_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.discriminator import Discriminator
from trecs.systems.parts.image_encoder import at_side
from trecs.systems.parts.layers import initialise
from trecs.systems.parts.text_encoder import TextBatch


@dataclass(frozen=True)
class MirrorGanTraining:
    """The numbers of a training; the authors' for birds stand beside."""

    networks: MirrorGanConfig = field(default_factory=MirrorGanConfig)
    captioner: CaptionerTraining = field(default_factory=CaptionerTraining)
    steps: int = 4_500
    batch: int = 12  # 12
    generator_rate: float = 4e-4  # 2e-4
    judge_rate: float = 2e-4  # 2e-4
    settling: int = 400  # the last steps, in which both rates fall (none)
    average: float = 0.995  # decay of the averaged weights, which are what is exported (0.999)
    read_back: float = 2.0  # lambda, weight of the text that is read back (10)
    trunk: float = 0.25  # weight of the judge that sees through the trunk (none)
    jitter: float = 0.3  # of what judges and captioner see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.1  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "MirrorGanTraining":
        """The same path, small enough for tests."""
        return MirrorGanTraining(
            MirrorGanConfig.tiny(), CaptionerTraining.tiny(), steps=4, batch=2, settling=0
        )


def train_mirrorgan(
    training: MirrorGanTraining,
    dataset: Dataset,
    folder: Path,  # the run: that of the captioner in captioner/, and what `train_by_captions` has
    *,
    damsm: Path | Damsm = BUNDLED / "damsm",  # whose text encoder tells and whose trunk looks
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Raises InputError where there are too few photos with a text, or a folder is damaged.
    """
    began = time.monotonic()
    damsm = Damsm.load(damsm) if isinstance(damsm, Path) else damsm
    batches = training.batch, training.captioner.batch
    photos, _ = (trainable_photos(dataset, batch) for batch in batches)
    captioner = train_captioner(
        training.captioner,
        photos,
        folder / "captioner",
        damsm=damsm,
        pictures=training.networks.side,
        seed=seed,
        minutes=minutes,
    )
    if captioner is None:
        return
    recipe = partial(MirrorGanRecipe, captioner=captioner)
    left = minutes and max(minutes - (time.monotonic() - began) / 60, 0.0)
    train_by_captions(recipe, training, dataset, folder, damsm=damsm, seed=seed, minutes=left,
                      precision=precision)  # fmt: skip


class MirrorGanRecipe(AdversarialRecipe):
    """The judges of all stages, then the generator, whose pictures are also read back."""

    own: nn.ModuleList
    training: MirrorGanTraining

    def __init__(
        self,
        training: MirrorGanTraining,
        damsm: Damsm,
        batches: CaptionBatches,
        *,
        captioner: Captioner,
    ) -> None:
        config = training.networks
        encoder = at_side(damsm.networks.image_encoder, training.captioner.side)
        self._encoder, self._captioner = channels_last(encoder), captioner
        judges = nn.ModuleList(
            Discriminator(side, config.judge_width, config.text) for side in config.sides
        )
        local = encoder.emb_features.in_channels
        judges.append(TrunkJudge(local, config.judge_width, config.text))
        super().__init__(MirrorGan, config, damsm, batches, training, judges)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        for network in (generator, judges):
            initialise(network)
        begin_apart(generator.ca_net, self.sentences)

    def begin(self) -> None:
        """Moves what teaches."""
        super().begin()
        for network in (self._encoder, self._captioner):
            network.to(self.run.fabric.device)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch)
        length = self.training.captioner.words
        texts = [caption[:length] for caption in batch[1][self.part]]
        read = TextBatch.of(texts, self.run.fabric.device)
        views, sentence = self.views(), self.scaled(told.sentence)
        (noise, variation), (other, varied) = self.varied_noise(), self.varied_noise()

        drawn = self.generator(noise, variation, told.sentence, told.words, told.padding)
        with torch.no_grad():  # that they come nearer or not, is for the ones to learn
            others = self.generator(other, varied, told.sentence, told.words, told.padding)
        with self.run.fabric.autocast():
            seen, last = self._seen(views, drawn.pictures)
            with torch.no_grad():
                real, _ = self._seen(views, self._sizes(photos))
            losses = torch.stack([
                _judged(judge, photo, picture.detach(), sentence)
                for judge, photo, picture in zip(self.own, real, seen, strict=True)
            ])  # fmt: skip
        yield "judges", {"judges": losses.sum()}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            verdicts = [
                judge.judge(judge(picture), sentence)
                for judge, picture in zip(self.own, seen, strict=True)
                if isinstance(judge, Judge)
            ]
        self.freeze_judges(False)
        pooled = last.float().mean((2, 3))
        read_back = self._captioner(pooled, *ended(read.numbers, read.lengths))
        self.run.note(read_back=read_back)
        through = self.training.trunk * adversarial_loss(verdicts[-1:])
        loss = generator_loss(
            verdicts[:-1], read_back, drawn.mean, drawn.log_variance, weight=self.training.read_back
        )
        alike = self.alike(drawn.pictures[-1], others.pictures[-1], noise, other)
        yield "generator", {"generator": loss, "trunk": through, "alike": alike}

    def _seen(self, views: Views, pictures: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        """What judges see of every stage's pictures and of the trunk, and the trunk's last map."""
        shown = [views(stage) for stage in pictures]
        local, last = self._encoder.seen(shown[-1])
        return [*shown, local], last

    def _sizes(self, photos: Tensor) -> list[Tensor]:
        """Photos (B, 3, S, S) of every stage's side."""
        sides = self.training.networks.sides
        return [functional.interpolate(photos, (side, side), mode="area") for side in sides]


def _judged(judge: nn.Module, real: Tensor, drawn: Tensor, sentence: Tensor) -> Tensor:
    """What a judge loses, a scalar, for what it sees of photos and of pictures."""
    assert isinstance(judge, Judge)
    code = judge(real)
    return discriminator_loss(
        judge.judge(code, sentence),
        judge.judge(judge(drawn), sentence),
        judge.judge_mismatched(code, sentence),
    )
