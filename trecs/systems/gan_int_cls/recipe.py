"""Trains GAN-INT-CLS (Reed et al., ICML 2016) on photos and their captions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor, nn

from trecs.learning.loop import Turn
from trecs.systems.gan_int_cls.network import GanIntClsConfig, Generator, Judge
from trecs.systems.gan_int_cls.system import GanIntCls
from trecs.systems.parts.adversarial import AdversarialRecipe
from trecs.systems.parts.caption_training import (
    CaptionBatches,
    Examples,
    train_by_captions,
)
from trecs.systems.parts.conditioning import begin_told_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.parts.matching_aware import (
    another,
    believed_loss,
    interpolated,
    matching_aware_loss,
)

LEAST = 4  # photos in a batch: two texts lie between theirs


@dataclass(frozen=True)
class GanIntClsTraining:
    """The numbers of a training; the authors' stand beside."""

    networks: GanIntClsConfig = field(default_factory=GanIntClsConfig)
    steps: int = 6_000
    batch: int = 32  # 64
    generator_rate: float = 2e-4  # 2e-4
    judge_rate: float = 2e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (halved every 100 epochs)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (none)
    interpolation: bool = True  # INT: the generator also draws texts between two (both ways)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.1  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "GanIntClsTraining":
        """The same path, small enough for tests."""
        return GanIntClsTraining(GanIntClsConfig.tiny(), steps=4, batch=4, settling=0)


class GanIntClsRecipe(AdversarialRecipe):
    """The matching-aware judge, then the generator, also of texts between two (algorithm 1)."""

    least = LEAST
    own: Judge

    def __init__(self, training: GanIntClsTraining, damsm: Damsm, batches: CaptionBatches) -> None:
        config = training.networks
        super().__init__(GanIntCls, config, damsm, batches, training, Judge(config))
        self._interpolation, self._noise = training.interpolation, config.noise
        generator = self.networks.generator
        for network in (generator, self.own):
            begin_dcgan(network)
        assert isinstance(generator, Generator)
        told = generator.fcG[0]
        assert isinstance(told, nn.Linear)
        begin_told_apart(told, self.sentences)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch)
        own, views = self.own, self.views()
        sentence, scaled = told.sentence, self.scaled(told.sentence)
        noise, other = self.noise(self._noise), self.noise(self._noise)

        pictures = self.generator(noise, sentence)
        others = self.generator(other, sentence)
        with self.run.fabric.autocast():
            drawn, real = views(pictures), views(photos)
            code = own(real)
            matching = matching_aware_loss(
                own.judge(code, scaled),
                own.judge(code, another(scaled)),
                own.judge(own(drawn.detach()), scaled),
            )
        yield "judges", {"judge": matching}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            losses = {"generator": believed_loss(own.judge(own(drawn), scaled))}
            if self._interpolation:
                losses["between"] = self._between(sentence)
        self.freeze_judges(False)
        losses["alike"] = self.alike(pictures, others, noise, other)
        yield "generator", losses

    def _between(self, sentence: Tensor) -> Tensor:
        """What the generator loses for texts between those (B, D) of a batch, a scalar.

        The judge sees these pictures by themselves: in one batch with others, its norms tell it
        apart what it was never taught to.
        """
        texts = interpolated(sentence)
        pictures = self.generator(self.noise(self._noise, len(texts)), texts)
        return believed_loss(self.own.judge(self.own(pictures), self.scaled(texts)))


train_gan_int_cls = partial(train_by_captions, GanIntClsRecipe, least=LEAST)
