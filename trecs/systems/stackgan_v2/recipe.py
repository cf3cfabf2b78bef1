"""Trains StackGAN-v2 (Zhang et al., TPAMI 2018) on photos and captions, all stages at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor, nn
from torch.nn import functional

from trecs.learning.judge import Verdict
from trecs.learning.loop import Turn
from trecs.systems.parts.adversarial import AdversarialRecipe, Views
from trecs.systems.parts.caption_training import CaptionBatches, Examples, train_by_captions
from trecs.systems.parts.conditioning import begin_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import initialise
from trecs.systems.parts.matching_aware import another
from trecs.systems.stackgan_v2.config import StackGanV2Config
from trecs.systems.stackgan_v2.discriminator import Judge
from trecs.systems.stackgan_v2.generator import Generator
from trecs.systems.stackgan_v2.losses import colour_loss, generator_loss, judge_loss
from trecs.systems.stackgan_v2.system import StackGanV2


@dataclass(frozen=True)
class StackGanV2Training:
    """The numbers of a training; the authors' for birds stand beside."""

    networks: StackGanV2Config = field(default_factory=StackGanV2Config)
    steps: int = 6_000
    batch: int = 16  # 24
    generator_rate: float = 2e-4  # 2e-4
    judge_rate: float = 2e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (none)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (0.999)
    divergence: float = 2.0  # weight of the conditions' divergence (2)
    colour: float = 0.1  # weight of the colours' consistency (1 where nothing is told, else 0)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.1  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "StackGanV2Training":
        """The same path, small enough for tests."""
        return StackGanV2Training(StackGanV2Config.tiny(), steps=4, batch=2, settling=0)


class StackGanV2Recipe(AdversarialRecipe):
    """The judges of all stages, then the tree, on the same pictures."""

    own: nn.ModuleList
    training: StackGanV2Training

    def __init__(self, training: StackGanV2Training, damsm: Damsm, batches: CaptionBatches) -> None:
        config = training.networks
        judges = nn.ModuleList(Judge(config, side) for side in config.sides)
        super().__init__(StackGanV2, config, damsm, batches, training, judges)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        for network in (generator, judges):
            initialise(network)
        begin_apart(generator.ca_net, self.sentences)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch)
        views = self.views()
        noise, variation = self.varied_noise()
        other, varied = self.varied_noise()

        drawn = self.generator(noise, told.sentence, variation)
        others = self.generator(other, told.sentence, varied)
        mean = drawn.mean.detach()
        losses = {}
        for judge, pictures in zip(self.own, drawn.pictures, strict=True):
            assert isinstance(judge, Judge)
            with self.run.fabric.autocast():
                losses[f"judge{pictures.shape[-1]}"] = self._judged(
                    judge, views, photos, pictures.detach(), mean
                )
        yield "judges", losses

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            verdicts = [
                judge.judge(judge(views(pictures)), mean)
                for judge, pictures in zip(self.own, drawn.pictures, strict=True)
                if isinstance(judge, Judge)
            ]
            believed = generator_loss(
                verdicts, drawn.mean, drawn.log_variance, weight=self.training.divergence
            )
        self.freeze_judges(False)
        yield (
            "generator",
            {
                "generator": believed,
                "colours": self.training.colour * colour_loss(drawn.pictures),
                "alike": self.alike(drawn.pictures[-1], others.pictures[-1], noise, other),
            },
        )

    def _judged(
        self, judge: Judge, views: Views, photos: Tensor, pictures: Tensor, mean: Tensor
    ) -> Tensor:
        """What a stage's judge loses for photos (B, 3, S, S) and pictures of its side."""
        code = judge(views(functional.interpolate(photos, pictures.shape[2:], mode="area")))
        real = judge.judge(code, mean)
        wrong: Verdict = judge.judge(another(code), mean)
        return judge_loss(real, wrong, judge.judge(judge(views(pictures)), mean))


train_stackgan_v2 = partial(train_by_captions, StackGanV2Recipe)
