"""Trains DM-GAN (Zhu et al., CVPR 2019) on photos and captions, all stages at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.device import channels_last
from trecs.learning.judge import discriminator_loss
from trecs.learning.loop import Turn
from trecs.systems.dmgan.config import DmGanConfig
from trecs.systems.dmgan.discriminator import Judge
from trecs.systems.dmgan.generator import Generator
from trecs.systems.dmgan.losses import generator_loss
from trecs.systems.dmgan.system import DmGan
from trecs.systems.parts.adversarial import AdversarialRecipe, Views
from trecs.systems.parts.caption_system import Told
from trecs.systems.parts.caption_training import CaptionBatches, Examples, train_by_captions
from trecs.systems.parts.conditioning import begin_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import initialise
from trecs.systems.parts.matching_losses import sentence_loss, word_loss


@dataclass(frozen=True)
class DmGanTraining:
    """The numbers of a training; the authors' for birds stand beside."""

    networks: DmGanConfig = field(default_factory=DmGanConfig)
    steps: int = 6_000
    batch: int = 8  # 10
    generator_rate: float = 2e-4  # 2e-4
    judge_rate: float = 4e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (none)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (0.999)
    divergence: float = 1.0  # lambda_1, weight of the conditions' divergence (1)
    matching: float = 0.2  # lambda_2, of the DAMSM term (5; 50 for COCO)
    matched: int = 6  # pictures of a batch that the DAMSM sees, most of the work (all)
    jitter: float = 0.3  # of what judges and DAMSM see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.03  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "DmGanTraining":
        """The same path, small enough for tests."""
        return DmGanTraining(DmGanConfig.tiny(), steps=4, batch=2, settling=0)


class DmGanRecipe(AdversarialRecipe):
    """The judges of all stages, then the generator, which the DAMSM teaches, too."""

    own: nn.ModuleList
    training: DmGanTraining

    def __init__(self, training: DmGanTraining, damsm: Damsm, batches: CaptionBatches) -> None:
        config = training.networks
        judges = nn.ModuleList(Judge(config, side) for side in config.sides)
        super().__init__(DmGan, config, damsm, batches, training, judges)
        self._encoder = channels_last(damsm.networks.image_encoder)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        initialise(generator)
        begin_apart(generator.ca_net, self.sentences)

    def begin(self) -> None:
        """Moves what teaches."""
        super().begin()
        self._encoder.to(self.run.fabric.device)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch)
        views, scaled = self.views(), self.scaled(told.sentence)
        noise, variation = self.varied_noise()
        other, varied = self.varied_noise()

        drawn = self.generator(noise, variation, told.sentence, told.words, told.padding)
        with torch.no_grad():
            others = self.generator(other, varied, told.sentence, told.words, told.padding)
        with self.run.fabric.autocast():
            seen = [views(pictures) for pictures in drawn.pictures]
            losses = {
                f"judge{pictures.shape[-1]}": self._judged(judge, views, photos, pictures, scaled)
                for judge, pictures in zip(self.own, seen, strict=True)
                if isinstance(judge, Judge)
            }
        yield "judges", losses

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            verdicts = [
                judge.judge(judge(pictures), scaled)
                for judge, pictures in zip(self.own, seen, strict=True)
                if isinstance(judge, Judge)
            ]
            matching = self._matching(seen[-1], told)
        self.freeze_judges(False)
        self.run.note(matching=torch.stack(matching).mean())
        loss = generator_loss(
            verdicts,
            matching,
            drawn.mean,
            drawn.log_variance,
            matching_weight=self.training.matching,
            divergence_weight=self.training.divergence,
        )
        alike = self.alike(drawn.pictures[-1], others.pictures[-1], noise, other)
        yield "generator", {"generator": loss, "alike": alike}

    def _judged(
        self, judge: Judge, views: Views, photos: Tensor, pictures: Tensor, sentence: Tensor
    ) -> Tensor:
        """What a stage's judge loses for photos (B, 3, S, S) and pictures as it sees them."""
        real = judge(views(functional.interpolate(photos, pictures.shape[2:], mode="area")))
        return discriminator_loss(
            judge.judge(real, sentence),
            judge.judge(judge(pictures.detach()), sentence),
            judge.judge_mismatched(real, sentence),
        )

    def _matching(self, pictures: Tensor, told: Told) -> tuple[Tensor, ...]:
        """The word and sentence losses, four scalars, of the first of pictures (B, 3, S, S)."""
        first = slice(self.training.matched)
        local, last = self._encoder.seen(pictures[first])
        regions, whole = self._encoder.project(local.float(), last.float().mean((2, 3)))
        lengths = (~told.padding[first]).sum(1)
        by_words = word_loss(regions, told.words[first], lengths)
        return *by_words, *sentence_loss(whole, told.sentence[first])


train_dmgan = partial(train_by_captions, DmGanRecipe)
