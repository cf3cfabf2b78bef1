"""Trains AC-GAN (Odena et al., ICML 2017) on photos and the main labels of their label maps."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from segmentation.labels import NAMES
from trecs.learning.loop import Turn
from trecs.systems.acgan.losses import generator_loss, judge_loss
from trecs.systems.acgan.network import AcGanConfig, Generator, Judge
from trecs.systems.acgan.system import AcGan
from trecs.systems.parts.adversarial import AdversarialRecipe
from trecs.systems.parts.caption_training import train_by_captions
from trecs.systems.parts.classes import Labelled, LabelledBatches
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.parts.vocabulary import END, CaptionVocabulary


@dataclass(frozen=True)
class AcGanTraining:
    """The numbers of a training; the paper's stand beside."""

    networks: AcGanConfig = field(default_factory=AcGanConfig)
    steps: int = 6_000  # 50,000
    batch: int = 16  # 100
    generator_rate: float = 3e-4  # 2e-4
    judge_rate: float = 3e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (none)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (none)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    named: float = 0.3  # weight of the class in what the generator loses (1)
    apart: float = 0.5  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "AcGanTraining":
        """The same path, small enough for tests."""
        return AcGanTraining(AcGanConfig.tiny(), steps=4, batch=2, settling=0)


class ClassBatches(LabelledBatches):
    """Batches of few classes, of which frequent ones are rarer than among the photos.

    By the root of that. Of 46 classes, the rarest of a dozen photos, the judge learnt the photos by
    heart, and the generator drew one picture a class.
    """

    rare = 1 / 120

    def __init__(self, *arguments: Any, **numbers: Any) -> None:
        super().__init__(*arguments, **numbers)
        self.vocabulary = CaptionVocabulary((END, *(NAMES[label] for label in self.labels)))
        self.captions = [[(number + 1,)] for number in self.classes.tolist()]
        counts = torch.bincount(self.classes).double()
        self._chance = (1 / counts.sqrt())[self.classes].numpy()
        self._chance /= self._chance.sum()

    def _drawn(self, rng: np.random.Generator) -> tuple[NDArray[Any], list[tuple[int, ...]]]:
        chosen = rng.choice(len(self.squares), self._batch, replace=False, p=self._chance)
        return chosen, [self.captions[index][0] for index in chosen]


class AcGanRecipe(AdversarialRecipe):
    """The judge of source and class, then the generator, on the same pictures."""

    own: Judge

    def __init__(self, training: AcGanTraining, damsm: Damsm, batches: ClassBatches) -> None:
        classes = len(batches.labels)
        config = replace(training.networks, vocabulary=classes + 1, embedding=1, text=classes,
                         words=1)  # fmt: skip
        super().__init__(AcGan, config, damsm, batches, training, Judge(config))
        self._noise, self._named = config.noise, training.named
        generator = self.networks.generator
        for network in (generator, self.own):
            begin_dcgan(network)
        assert isinstance(generator, Generator)
        begin_classes_apart(generator, classes)

    def turns(self, batch: Labelled, step: int) -> Iterator[Turn]:  # type: ignore[override]
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch[:2])
        classes = self.run.fabric.to_device(batch[2][self.part])
        own, views = self.own, self.views()
        noise, other = self.noise(self._noise), self.noise(self._noise)

        pictures = self.generator(noise, told.sentence)
        with torch.no_grad():  # that they come nearer or not, is for the ones to learn
            others = self.generator(other, told.sentence)
        with self.run.fabric.autocast():
            drawn = views(pictures)
            real = views(photos)
            named = judge_loss(own(real), own(drawn.detach()), classes, classes)
        yield "judges", {"judge": named}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            believed = generator_loss(own(drawn), classes, weight=self._named)
        self.freeze_judges(False)
        alike = self.alike(pictures, others, noise, other)
        yield "generator", {"generator": believed, "alike": alike}


@torch.no_grad()
def begin_classes_apart(generator: Generator, classes: int) -> None:
    """Starts classes as far apart as the noise is wide (reconstructed)."""
    nn.init.normal_(generator.fc1.weight[:, :classes], 0.0, 0.02 * generator.noise**0.5)


train_acgan = partial(train_by_captions, AcGanRecipe, batches=ClassBatches)
