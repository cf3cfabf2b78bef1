"""Trains ControlGAN (Li et al., NeurIPS 2019) on photos and captions, all stages at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.data.dataset import Dataset
from trecs.device import channels_last
from trecs.learning.judge import Judge, Verdict, adversarial_loss, discriminator_loss
from trecs.learning.loop import Turn
from trecs.learning.trunk_judge import TrunkJudge
from trecs.systems.controlgan.config import ControlGanConfig
from trecs.systems.controlgan.correlation import WordJudge
from trecs.systems.controlgan.generator import Generator
from trecs.systems.controlgan.losses import correlation_loss, generator_loss, perceptual_loss
from trecs.systems.controlgan.system import ControlGan
from trecs.systems.parts.adversarial import AdversarialRecipe
from trecs.systems.parts.caption_system import Told
from trecs.systems.parts.caption_training import CaptionBatches, Examples, train_by_captions
from trecs.systems.parts.conditioning import begin_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.discriminator import Discriminator
from trecs.systems.parts.image_encoder import ImageEncoder
from trecs.systems.parts.layers import initialise
from trecs.systems.parts.matching_aware import another
from trecs.systems.parts.matching_losses import sentence_loss, word_loss
from trecs.trunks.efficientnet import LITE0, EfficientNetTrunk, read_trunk


@dataclass(frozen=True)
class ControlGanTraining:
    """The numbers of a training; the authors' for birds stand beside."""

    networks: ControlGanConfig = field(default_factory=ControlGanConfig)
    steps: int = 6_000
    batch: int = 8  # 8
    generator_rate: float = 3e-4  # 2e-4
    judge_rate: float = 3e-4  # 2e-4
    settling: int = 300  # the last steps, in which both rates fall (none)
    average: float = 0.997  # decay of the averaged weights, which are what is exported (0.999)
    matching: float = 0.1  # weight of the DAMSM's losses (5; 50 for COCO)
    matched: int = 4  # pictures of a batch that the DAMSM's trunk sees, most of the work (all)
    likeness: float = 0.05  # weight of the perceptual loss, whose maps vary by some 50 (1)
    correlation: float = 1.0  # weight of the word-level judge (1)
    trunk: float = 0.25  # weight of the judge that sees through the trunk (none)
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.03  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "ControlGanTraining":
        """The same path, small enough for tests."""
        return ControlGanTraining(ControlGanConfig.tiny(), steps=4, batch=2, settling=0)


class Judges(nn.Module):
    """One of pictures for each stage, one that sees through the trunk, and that of words."""

    def __init__(self, config: ControlGanConfig, encoder: ImageEncoder) -> None:
        super().__init__()
        local = encoder.emb_features.in_channels
        self.stages = nn.ModuleList(
            Discriminator(side, config.judge_width, config.text) for side in config.sides
        )
        self.trunk = TrunkJudge(local, config.judge_width, config.text)
        self.words = WordJudge(local, config.text)
        initialise(self)
        # Words and regions are near each other from the first step on (reconstructed)
        self.words.perception.load_state_dict(encoder.emb_features.state_dict())


class ControlGanRecipe(AdversarialRecipe):
    """The judges of all stages and of words, then the generator, on the same pictures.

    `eyes`: the frozen network through which pictures are held against their photos.
    """

    own: Judges
    training: ControlGanTraining

    def __init__(
        self,
        training: ControlGanTraining,
        damsm: Damsm,
        batches: CaptionBatches,
        eyes: EfficientNetTrunk,
    ) -> None:
        config = training.networks
        encoder = damsm.networks.image_encoder
        super().__init__(ControlGan, config, damsm, batches, training, Judges(config, encoder))
        self._encoder, self._eyes = channels_last(encoder), channels_last(eyes)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        initialise(generator)
        begin_apart(generator.ca_net, self.sentences)

    def begin(self) -> None:
        """Moves what teaches."""
        super().begin()
        for network in (self._encoder, self._eyes):
            network.to(self.run.fabric.device)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch)
        views, scaled = self.views(), self.scaled(told.sentence)
        (noise, variation), (other, varied) = self.varied_noise(), self.varied_noise()
        first, half = slice(self.training.matched), slice(max(len(photos) // 2, 2))
        begun = Told(told.words[first], told.sentence[first], told.padding[first])

        drawn = self.generator(noise, variation, told.sentence, told.words, told.padding)
        with torch.no_grad():
            parts = (one[half] for one in (other, varied, told.sentence, told.words, told.padding))
            others = self.generator(*parts)
        sized = [
            functional.interpolate(photos, pictures.shape[2:], mode="area")
            for pictures in drawn.pictures
        ]
        pairs = [views.beside(*pair) for pair in zip(sized, drawn.pictures, strict=True)]
        with self.run.fabric.autocast():
            with torch.no_grad():
                aim, _ = self._encoder.seen(pairs[-1][0][first])
            local, last = self._encoder.seen(pairs[-1][1][first])
            judged = [
                discriminator_loss(*verdicts_of(judge, real, pictures.detach(), scaled))
                for judge, (real, pictures) in zip(self.own.stages, pairs, strict=True)
            ]
            through = verdicts_of(self.own.trunk, aim, local.detach(), scaled[first])
            by_words = correlation_loss(
                self.own.words(aim, begun.words, begun.padding),
                self.own.words(aim, another(begun.words), another(begun.padding)),
            )
        losses = {"judges": torch.stack(judged).sum(), "trunk_judge": discriminator_loss(*through)}
        yield "judges", {**losses, "word_judge": by_words}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            verdicts = [
                verdicts_of(judge, *pair, scaled)[1]
                for judge, pair in zip(self.own.stages, pairs, strict=True)
            ]
            through = verdicts_of(self.own.trunk, aim, local, scaled[first])
            correlated = self.own.words(local, begun.words, begun.padding)
            matching = self._matching(local, last, begun)
            unlike = self._unlike(drawn.pictures, sized)
        self.freeze_judges(False)
        self.run.note(matching=torch.stack(matching).mean(), unlike=unlike)
        loss = generator_loss(
            verdicts,
            matching,
            unlike,
            correlated,
            drawn.mean,
            drawn.log_variance,
            matching_weight=self.training.matching,
            perceptual_weight=self.training.likeness,
            correlation_weight=self.training.correlation,
        )
        believed = self.training.trunk * adversarial_loss(through[1:2])
        alike = self.alike(drawn.pictures[-1][half], others.pictures[-1], noise[half], other[half])
        yield "generator", {"generator": loss, "trunk": believed, "alike": alike}

    def _matching(self, local: Tensor, last: Tensor, told: Told) -> tuple[Tensor, ...]:
        """The word and sentence losses, four scalars, of the trunk's maps of pictures."""
        regions, whole = self._encoder.project(local.float(), last.float().mean((2, 3)))
        by_words = word_loss(regions, told.words, (~told.padding).sum(1))
        return *by_words, *sentence_loss(whole, told.sentence)

    def _unlike(self, pictures: tuple[Tensor, ...], photos: list[Tensor]) -> Tensor:
        """The perceptual loss of all stages' pictures and photos of their sizes, a scalar."""
        eyes = self._eyes
        with torch.no_grad():
            aims = [eyes.early(eyes.scaled(one)) for one in photos]
        return perceptual_loss([eyes.early(eyes.scaled(one)) for one in pictures], aims)


def verdicts_of(
    judge: nn.Module, photos: Tensor, pictures: Tensor, sentence: Tensor
) -> tuple[Verdict, Verdict, Tensor]:
    """What a judge says of what it sees of photos, of pictures, and of photos with wrong texts.

    All are one batch to it: a norm of pictures alone would hide from it how they differ.
    """
    assert isinstance(judge, Judge)
    codes = judge(torch.cat([photos, pictures]))
    count = len(photos)
    told = torch.cat([sentence, sentence, sentence[1:]])
    logits = judge.COND_DNET(torch.cat([codes, codes[: count - 1]]), told)
    real, drawn, mismatched = logits.split([count, count, count - 1])
    alone = judge.UNCOND_DNET(codes).chunk(2)
    return Verdict(real, alone[0]), Verdict(drawn, alone[1]), mismatched


def train_controlgan(
    training: ControlGanTraining,
    dataset: Dataset,
    folder: Path,
    *,
    trunk: Path | None = None,  # EfficientNet-lite0's weights; None takes those of a package
    **others: Any,  # of `train_by_captions`
) -> None:
    """Trains on the photos that are not held back; see `train_by_captions`.

    Raises InputError also where the trunk's weights are missing.
    """
    recipe = partial(ControlGanRecipe, eyes=read_trunk(LITE0, trunk))
    train_by_captions(recipe, training, dataset, folder, **others)
