"""Trains HDGAN (Zhang et al., CVPR 2018) on photos and captions, all sides at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor, nn
from torch.nn import functional

from trecs.learning.loop import Turn
from trecs.systems.hdgan.config import HdGanConfig
from trecs.systems.hdgan.generator import Generator
from trecs.systems.hdgan.system import HdGan
from trecs.systems.parts.adversarial import AdversarialRecipe, Views
from trecs.systems.parts.caption_training import CaptionBatches, Examples, train_by_captions
from trecs.systems.parts.conditioning import begin_conditions, begin_told_apart, kl_loss
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.parts.least_squares import Scores, believed, judges_loss
from trecs.systems.parts.nested_judges import NestedJudges

SPREAD = 1.5  # of the first means, for half of each is lost in the leaky ReLU
LOG_DEVIATION = -5.0  # before the leaky ReLU: conditions begin exp(-1) round their means


@dataclass(frozen=True)
class HdGanTraining:
    """The numbers of a training; the authors' for birds stand beside."""

    networks: HdGanConfig = field(default_factory=HdGanConfig)
    steps: int = 6_000
    batch: int = 16  # 10
    generator_rate: float = 4e-4  # 2e-4
    judge_rate: float = 4e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (halved every 100 epochs)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (none)
    divergence: float = 2.0  # weight of the conditions' divergence (4, COCO 2)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.05  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "HdGanTraining":
        """The same path, small enough for tests."""
        return HdGanTraining(HdGanConfig.tiny(), steps=4, batch=2, settling=0)


class HdGanRecipe(AdversarialRecipe):
    """The judges of all sides, then the generator, on the same pictures."""

    own: NestedJudges
    training: HdGanTraining

    def __init__(self, training: HdGanTraining, damsm: Damsm, batches: CaptionBatches) -> None:
        config = training.networks
        judges = NestedJudges(
            config.sides,
            text=config.text,
            told=config.condition,
            encoded=config.encoded,
            width=config.judge_width,
        )
        super().__init__(HdGan, config, damsm, batches, training, judges)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        for network in (generator, judges):
            begin_dcgan(network)
        told = generator.condEmbedding.linear
        begin_conditions(told, config.condition, self.sentences, SPREAD, LOG_DEVIATION)
        for part in judges.modules():
            if isinstance(part, nn.Linear):
                begin_told_apart(part, self.scaled(self.sentences))

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch)
        views, scaled = self.views(), self.scaled(told.sentence)
        noise, variation = self.varied_noise()
        other, varied = self.varied_noise()

        drawn = self.generator(noise, told.sentence, variation)
        half = slice(max(len(photos) // 2, 2))  # that they cost less; norms need two
        others = self.generator(other[half], told.sentence[half], varied[half])
        with self.run.fabric.autocast():
            losses = {
                f"judge{pictures.shape[-1]}": judges_loss(
                    *self._seen(views, photos, pictures.detach(), scaled)
                )
                for pictures in drawn.pictures
            }
        yield "judges", losses

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            lost = believed(
                [self._seen(views, photos, pictures, scaled)[-1] for pictures in drawn.pictures]
            )
        self.freeze_judges(False)
        divergence = kl_loss(drawn.mean, 2 * drawn.log_deviation)
        yield (
            "generator",
            {
                "generator": lost,
                "divergence": self.training.divergence * divergence,
                "alike": self.alike(
                    drawn.pictures[-1][half], others.pictures[-1], noise[half], other[half]
                ),
            },
        )

    def _seen(
        self, views: Views, photos: Tensor, pictures: Tensor, sentence: Tensor
    ) -> list[Scores]:
        """Scores of photos (B, 3, S, S), of others beside the same texts, and of drawn pictures."""
        side = pictures.shape[-1]
        real = functional.interpolate(photos, (side, side), mode="area")
        codes = self.own.together(views(real), views(pictures))
        return self.own.judge(side, codes, sentence.repeat(3, 1)).thirds()


train_hdgan = partial(train_by_captions, HdGanRecipe)
