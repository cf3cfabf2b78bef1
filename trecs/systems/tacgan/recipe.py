"""Trains TAC-GAN (Dash et al., 2017) on photos, their captions and their main labels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from trecs.learning.loop import Turn
from trecs.systems.parts.adversarial import AdversarialRecipe
from trecs.systems.parts.caption_training import train_by_captions
from trecs.systems.parts.classes import Labelled, LabelledBatches
from trecs.systems.parts.conditioning import begin_told_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.parts.matching_aware import another
from trecs.systems.tacgan.losses import generator_loss, judge_loss
from trecs.systems.tacgan.network import Generator, Judge, TacGanConfig
from trecs.systems.tacgan.system import TacGan, uniform


@dataclass(frozen=True)
class TacGanTraining:
    """The numbers of a training; the authors' stand beside."""

    networks: TacGanConfig = field(default_factory=TacGanConfig)
    steps: int = 6_000
    batch: int = 16  # 64
    generator_rate: float = 2e-4  # 2e-4
    judge_rate: float = 2e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (none)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (none)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.1  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "TacGanTraining":
        """The same path, small enough for tests."""
        return TacGanTraining(TacGanConfig.tiny(), steps=4, batch=2, settling=0)


class TacGanRecipe(AdversarialRecipe):
    """The judge of source, text and class, then the generator, on the same pictures."""

    own: Judge

    def __init__(self, training: TacGanTraining, damsm: Damsm, batches: LabelledBatches) -> None:
        config = training.networks
        judge = Judge(config, len(batches.labels))
        super().__init__(TacGan, config, damsm, batches, training, judge)
        self._noise = config.noise
        generator = self.networks.generator
        for network in (generator, self.own):
            begin_dcgan(network)
        assert isinstance(generator, Generator)
        told = generator.told[0]
        assert isinstance(told, nn.Linear)
        begin_told_apart(told, self.sentences)

    def noise(self, numbers: int, batch: int | None = None) -> Tensor:
        """Noise (B, Z) as the authors draw it."""
        drawn = uniform(torch.rand(self.batch if batch is None else batch, numbers))
        return self.run.fabric.to_device(drawn[self.part] if batch is None else drawn)

    def turns(self, batch: Labelled, step: int) -> Iterator[Turn]:  # type: ignore[override]
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch[:2])
        classes = self.run.fabric.to_device(batch[2][self.part])
        own, views = self.own, self.views()
        scaled = self.scaled(told.sentence)
        noise, other = (self.noise(self._noise) for _ in range(2))

        pictures = self.generator(noise, told.sentence)
        others = self.generator(other, told.sentence)
        with self.run.fabric.autocast():
            drawn = views(pictures)
            real = views(photos)
            code = own(real)
            named = judge_loss(
                own.judge(code, scaled),
                own.judge(code, another(scaled)),
                own.judge(own(drawn.detach()), scaled),
                classes,
                classes,
            )
        yield "judges", {"judge": named}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            believed = generator_loss(own.judge(own(drawn), scaled), classes)
        self.freeze_judges(False)
        alike = self.alike(pictures, others, noise, other)
        yield "generator", {"generator": believed, "alike": alike}


train_tacgan = partial(train_by_captions, TacGanRecipe, batches=LabelledBatches)
