"""Trains PPAN (Gao et al., AAAI 2019) on photos, their captions and their main labels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from trecs.data.dataset import Dataset
from trecs.device import channels_last
from trecs.learning.loop import Turn
from trecs.systems.parts.adversarial import AdversarialRecipe, Views
from trecs.systems.parts.caption_training import train_by_captions
from trecs.systems.parts.classes import Labelled, LabelledBatches, class_loss
from trecs.systems.parts.conditioning import begin_apart, begin_told_apart, kl_loss
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.parts.least_squares import Scores, believed, judges_loss
from trecs.systems.parts.matching_aware import another
from trecs.systems.ppan.config import PpanConfig
from trecs.systems.ppan.generator import Generator
from trecs.systems.ppan.judges import Judges
from trecs.systems.ppan.losses import Named, naming_loss, perceptual_loss
from trecs.systems.ppan.system import Ppan
from trecs.trunks.efficientnet import LITE0, EfficientNetTrunk, read_trunk


@dataclass(frozen=True)
class PpanTraining:
    """The numbers of a training; what is recalled of the authors' stands beside."""

    networks: PpanConfig = field(default_factory=PpanConfig)
    steps: int = 6_000
    batch: int = 16
    generator_rate: float = 4e-4  # 2e-4
    judge_rate: float = 4e-4  # 2e-4
    settling: int = 300  # the last steps, in which both rates fall (halved every 100 epochs)
    average: float = 0.998  # decay of the averaged weights, which are what is exported
    divergence: float = 0.5  # weight of the conditions' divergence
    likeness: float = 0.02  # weight of the perceptual loss, whose maps vary by some 50
    jitter: float = 0.3  # of what judges see, see `Jitter`
    shift: float = 0.125  # likewise, see `shifted`
    apart: float = 0.05  # weight of what keeps pictures of two noises apart, see `alike`

    @staticmethod
    def tiny() -> "PpanTraining":
        """The same path, small enough for tests."""
        return PpanTraining(PpanConfig.tiny(), steps=4, batch=2, settling=0)


class PpanRecipe(AdversarialRecipe):
    """The three judges, then the pyramid, on the same pictures.

    `eyes`: the frozen network through which a picture is held against its photo.
    """

    own: Judges
    training: PpanTraining

    def __init__(
        self,
        training: PpanTraining,
        damsm: Damsm,
        batches: LabelledBatches,
        eyes: EfficientNetTrunk,
    ) -> None:
        config = training.networks
        judges = Judges(config, len(batches.labels))
        super().__init__(Ppan, config, damsm, batches, training, judges)
        self._eyes = channels_last(eyes)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        for network in (generator, judges):
            begin_dcgan(network)
        begin_apart(generator.augmentation, self.sentences)
        for side in config.sides:
            told = judges.get_submodule(f"context_emb_pipe_{side}.0")
            assert isinstance(told, nn.Linear)
            begin_told_apart(told, self.scaled(self.sentences))

    def begin(self) -> None:
        """Moves what looks."""
        super().begin()
        self._eyes.to(self.run.fabric.device)

    def turns(self, batch: Labelled, step: int) -> Iterator[Turn]:  # type: ignore[override]
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch[:2])
        classes = self.run.fabric.to_device(batch[2][self.part])
        views, scaled = self.views(), self.scaled(told.sentence)
        noise, variation = self.varied_noise()
        other, varied = self.varied_noise()

        drawn = self.generator(noise, told.sentence, variation)
        half = slice(max(len(photos) // 2, 2))  # that they cost less; norms need two
        others = self.generator(other[half], told.sentence[half], varied[half])
        losses = dict[str, Tensor]()
        with self.run.fabric.autocast():
            for pictures in drawn.pictures:
                scores, named = self._seen(views, photos, pictures.detach(), scaled)
                losses[f"judge{pictures.shape[-1]}"] = judges_loss(*scores)
            assert named is not None  # the last pictures are the largest
            losses["named"] = naming_loss(named, classes, another(classes))
        yield "judges", losses

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            fakes = []
            for pictures in drawn.pictures:
                scores, named = self._seen(views, photos, pictures, scaled)
                fakes.append(scores[-1])
            assert named is not None
            lost = {
                "generator": believed(fakes),
                "class": class_loss(named.fake, classes),
                "likeness": self.training.likeness * self._unlike(drawn.pictures[-1], photos),
            }
        self.freeze_judges(False)
        lost["divergence"] = self.training.divergence * kl_loss(drawn.mean, drawn.log_variance)
        lost["alike"] = self.alike(
            drawn.pictures[-1][half], others.pictures[-1], noise[half], other[half]
        )
        yield "generator", lost

    def _seen(
        self, views: Views, photos: Tensor, pictures: Tensor, sentence: Tensor
    ) -> tuple[list[Scores], Named | None]:
        """Scores of photos (B, 3, S, S), of others beside the same texts, and of drawn pictures.

        Their classes, too, if the pictures are the largest.
        """
        side = pictures.shape[-1]
        real = functional.interpolate(photos, (side, side), mode="area")
        codes, told = self.own.together(views(real), views(pictures)), sentence.repeat(3, 1)
        if side < self.own.sides[-1]:
            return self.own.judge(side, codes, told).thirds(), None
        scores, named = self.own.judge_and_name(codes, told)
        return scores.thirds(), Named(*named.chunk(3))

    def _unlike(self, pictures: Tensor, photos: Tensor) -> Tensor:
        """L4 of pictures and photos (B, 3, S, S), a scalar."""
        seen, aim = (self._eyes.early(self._eyes.scaled(x)) for x in (pictures, photos))
        return perceptual_loss(seen, aim)


def train_ppan(
    training: PpanTraining,
    dataset: Dataset,
    folder: Path,
    *,
    trunk: Path | None = None,  # EfficientNet-lite0's weights; None takes those of a package
    **others: Any,  # of `train_by_captions`
) -> None:
    """Trains on the photos that are not held back; see `train_by_captions`.

    Raises InputError also where the trunk's weights are missing.
    """
    recipe = partial(PpanRecipe, eyes=read_trunk(LITE0, trunk))
    train_by_captions(recipe, training, dataset, folder, batches=LabelledBatches, **others)
