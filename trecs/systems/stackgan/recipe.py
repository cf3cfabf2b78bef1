"""Trains StackGAN (Zhang et al., ICCV 2017) on photos and their captions, stage after stage."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from torch import Tensor, nn
from torch.nn import functional

from trecs.learning.loop import Turn
from trecs.systems.parts.adversarial import AdversarialRecipe
from trecs.systems.parts.caption_system import CaptionSystem
from trecs.systems.parts.caption_training import CaptionBatches, Examples, train_by_captions
from trecs.systems.parts.conditioning import begin_conditions
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.stackgan.config import StackGanConfig
from trecs.systems.stackgan.discriminator import Judge
from trecs.systems.stackgan.generator import Augmentation, Generator
from trecs.systems.stackgan.losses import generator_loss, judge_loss
from trecs.systems.stackgan.system import StackGan

LOG_VARIANCE = -2.0  # of the first conditions, whose means have a variance of 1


@dataclass(frozen=True)
class StackGanTraining:
    """The numbers of a training; the authors' for COCO stand beside."""

    networks: StackGanConfig = field(default_factory=StackGanConfig)
    steps: int = 6_000
    first: int = 2_500  # steps of the first stage; then it is frozen (120 epochs, and 100)
    batch: int = 16  # 128, and 40
    generator_rate: float = 2e-4  # 2e-4
    judge_rate: float = 2e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (halved every 20 epochs)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (none)
    divergence: float = 2.0  # lambda, weight of the conditions' divergence (2)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.1  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "StackGanTraining":
        """The same path, small enough for tests."""
        return StackGanTraining(StackGanConfig.tiny(), steps=4, first=2, batch=2, settling=0)

    def stages(self, step: int) -> int:
        """How many stages draw at a step; the last of them learns."""
        return 1 if step < self.first else 2


class StackGanRecipe(AdversarialRecipe):
    """A stage's judge, then the stage; the second learns over the first one's averaged weights."""

    own: nn.ModuleList
    training: StackGanTraining
    kept: Generator

    def __init__(self, training: StackGanTraining, damsm: Damsm, batches: CaptionBatches) -> None:
        config, self._stages = training.networks, 1
        judges = nn.ModuleList([Judge(config, config.small, alone=False),
                                Judge(config, config.side, alone=True)])  # fmt: skip
        super().__init__(StackGan, config, damsm, batches, training, judges)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        self._first = generator.STAGE1_G
        for network in (generator, judges):
            begin_dcgan(network)
        for part in generator.modules():
            if isinstance(part, Augmentation):
                negative = LOG_VARIANCE / config.slope if config.slope else 0.0
                begin_conditions(part.fc, config.condition, self.sentences, 1, negative)

    def decay(self, step: int) -> float:
        """Less when a stage has begun."""
        return super().decay(step - (self.training.stages(step) - 1) * self.training.first)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judge's turn, then the stage's, on the same pictures."""
        stages = self._begun(step)
        photos, told = self.examples(batch)
        judge, views = self.own[stages - 1], self.views()
        assert isinstance(judge, Judge)
        noise, variations = self._noise()
        other, varied = self._noise()

        drawn = self.generator(noise, told.sentence, variations, stages)[-1]
        others = self.generator(other, told.sentence, varied, stages)[-1]
        with self.run.fabric.autocast():
            pictures = views(drawn.pictures)
            real = views(functional.interpolate(photos, pictures.shape[2:], mode="area"))
            mean, code = drawn.mean.detach(), judge(real)
            matching = judge_loss(
                judge.judge(code, mean),
                judge.judge_wrong(code, mean),
                judge.judge(judge(pictures.detach()), mean),
            )
        yield "judges", {"judge": matching}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            believed = generator_loss(
                judge.judge(judge(pictures), mean),
                drawn.mean,
                drawn.log_variance,
                weight=self.training.divergence,
            )
        self.freeze_judges(False)
        alike = self.alike(drawn.pictures, others.pictures, noise, other)
        yield "generator", {"generator": believed, "alike": alike}

    def model(self) -> CaptionSystem:
        """A copy that draws by the stages that have begun."""
        model = super().model()
        generator = model.networks.generator
        assert isinstance(generator, Generator)
        generator.config = replace(generator.config, stages=self._stages)
        model.networks.config = generator.config
        return model

    def _begun(self, step: int) -> int:
        """The stages of a step; before the first step of the second, the first is settled."""
        self._stages = self.training.stages(step)
        if step == self.training.first:
            self._first.load_state_dict(self.kept.STAGE1_G.state_dict())
        if self._stages == 2:
            self._first.requires_grad_(False).eval()
        return self._stages

    def _noise(self) -> tuple[Tensor, Tensor]:
        """Noise (B, Z) and both stages' variations (2, B, C) of this process's share."""
        noise, variations = self.kept.draw_noise(self.batch)
        drawn: tuple[Tensor, Tensor] = self.run.fabric.to_device(
            (noise[self.part], variations[:, self.part])
        )
        return drawn


train_stackgan = partial(train_by_captions, StackGanRecipe)
