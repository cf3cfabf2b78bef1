"""Trains SD-GAN (Yin et al., CVPR 2019): two branches, told of one photo or of two.

What the paper leaves open is decided so (all reconstructed). Half of the pairs are of one photo.
Both pictures of a pair have one noise, so that they differ by what was told alone. The contrastive
loss compares the codes of every stage's judge, teaches the generator alone, and is there from a few
hundred steps on, as the authors train without it first. No DAMSM teaches; a further judge sees
through its frozen trunk, as AttnGAN's here do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from trecs.device import channels_last
from trecs.learning.judge import Judge, Verdict, adversarial_loss, discriminator_loss
from trecs.learning.loop import Turn
from trecs.learning.trunk_judge import TrunkJudge
from trecs.systems.parts.adversarial import AdversarialRecipe, Views
from trecs.systems.parts.caption_system import Told
from trecs.systems.parts.caption_training import train_by_captions
from trecs.systems.parts.conditioning import begin_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.discriminator import Discriminator
from trecs.systems.parts.image_encoder import at_side
from trecs.systems.parts.layers import initialise
from trecs.systems.parts.matching_aware import another
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.sdgan.config import SdGanConfig
from trecs.systems.sdgan.generator import Generator
from trecs.systems.sdgan.losses import branches, contrastive_loss, generator_loss
from trecs.systems.sdgan.pairs import ToldTwice, TwiceToldBatches, partners
from trecs.systems.sdgan.semantic_norm import SentenceNorm
from trecs.systems.sdgan.system import SdGan

FEWEST = 4  # photos of which pairs of one and of two can be made


@dataclass(frozen=True)
class SdGanTraining:
    """The numbers of a training; those of the paper, where known, stand beside."""

    networks: SdGanConfig = field(default_factory=SdGanConfig)
    steps: int = 6_000
    batch: int = 8  # photos, of which twice as many pictures are drawn
    generator_rate: float = 4e-4  # 2e-4
    judge_rate: float = 2e-4  # 2e-4
    settling: int = 400  # the last steps, in which both rates fall (none)
    average: float = 0.998  # decay of the averaged weights, which are what is exported
    alone: int = 300  # the first steps, without the contrastive loss ("some epochs")
    contrast: float = 50.0  # weight of the contrastive loss, which a code's length divides
    trunk: float = 0.25  # weight of the judge that sees through the trunk (none)
    look: int = 64  # pixels a side of what that trunk sees
    jitter: float = 0.3  # of what judges see, see `Jitter` (none)
    shift: float = 0.125  # likewise, see `shifted` (none)
    apart: float = 0.05  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "SdGanTraining":
        """The same path, small enough for tests."""
        return SdGanTraining(SdGanConfig.tiny(), steps=4, batch=4, settling=0, alone=0, look=32)


class Judged(NamedTuple):
    """What a judge says of photos, of other ones beside the same captions, and of pictures.

    Each of both branches, (2 B,).
    """

    real: Verdict
    wrong: Verdict
    fake: Verdict
    pairs: tuple[Tensor, Tensor]  # features (B, N) of both branches' pictures

    @property
    def lost(self) -> Tensor:
        """What the judge loses, a scalar."""
        return discriminator_loss(self.real, self.fake, self.wrong.conditional)


class SdGanRecipe(AdversarialRecipe):
    """The judges of all stages, then the generator, which draws the captions of both branches."""

    own: nn.ModuleList
    training: SdGanTraining
    least = FEWEST

    def __init__(self, training: SdGanTraining, damsm: Damsm, batches: TwiceToldBatches) -> None:
        config = training.networks
        self._encoder = channels_last(at_side(damsm.networks.image_encoder, training.look))
        judges = nn.ModuleList(
            Discriminator(side, config.judge_width, config.text) for side in config.sides
        )
        seen = self._encoder.emb_features.in_channels
        judges.append(TrunkJudge(seen, config.judge_width, config.text))
        super().__init__(SdGan, config, damsm, batches, training, judges)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        for network in (generator, judges):
            initialise(network)
        begin_apart(generator.ca_net, self.sentences)
        for part in generator.modules():
            if isinstance(part, SentenceNorm):
                part.begin_apart(self.sentences)

    def begin(self) -> None:
        """Moves what teaches."""
        super().begin()
        self._encoder.to(self.run.fabric.device)

    def turns(self, batch: ToldTwice, step: int) -> Iterator[Turn]:  # type: ignore[override]
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told, order = self._pairs(batch)
        count, sentence, views = len(photos), self.scaled(told.sentence), self.views()
        (noise, variation), (other, varied) = self.varied_noise(), self.varied_noise()
        twice = noise.repeat(2, 1), variation.repeat(2, 1)

        drawn = self.generator(*twice, told.sentence, told.words, told.padding)
        some = max(count // 2, FEWEST)
        first = (part[:some] for part in (told.sentence, told.words, told.padding))
        with torch.no_grad():  # that they come nearer or not, is for the ones to learn
            others = self.generator(other[:some], varied[:some], *first)
        with self.run.fabric.autocast():
            seen = self._seen([_viewed(views, pictures) for pictures in drawn.pictures])
            with torch.no_grad():
                real = self._seen([views(photo) for photo in self._sizes(photos)])
            judged = self._judged(real, [one.detach() for one in seen], sentence, order)
        yield "judges", {"judges": torch.stack([one.lost for one in judged]).sum()}

        self.freeze_judges(True)
        with self.run.fabric.autocast():
            *stages, trunk = self._judged(real, seen, sentence, order)
        self.freeze_judges(False)
        same = order == torch.arange(count, device=order.device)
        contrasts = [contrastive_loss(*judge.pairs, same).mean() for judge in stages]
        contrast = torch.stack(contrasts).sum()
        self.run.note(contrast=contrast)
        loss = generator_loss(
            [judge.fake for judge in stages],
            contrast,
            drawn.mean,
            drawn.log_variance,
            contrast_weight=self.training.contrast if step >= self.training.alone else 0.0,
        )
        through = self.training.trunk * adversarial_loss([trunk.fake])
        alike = self.alike(
            drawn.pictures[-1][:some], others.pictures[-1], noise[:some], other[:some]
        )
        yield "generator", {"generator": loss, "trunk": through, "alike": alike}

    def _pairs(self, batch: ToldTwice) -> tuple[Tensor, Told, Tensor]:
        """This process's photos (B, 3, S, S), what both branches are told, and `partners` (B,).

        The first B captions are the first branch's, the other B the second's.
        """
        photos, first, second = (part[self.part] for part in batch)
        order = partners(len(photos))
        texts = [*first, *(second[number] for number in order.tolist())]
        told = self.networks.read(TextBatch.of(texts, self.run.fabric.device))
        moved: tuple[Tensor, Tensor] = self.run.fabric.to_device((photos, order))
        return moved[0], told, moved[1]

    def _sizes(self, photos: Tensor) -> list[Tensor]:
        """Photos (B, 3, S, S) of every stage's side."""
        sides = self.training.networks.sides
        return [functional.interpolate(photos, (side, side), mode="area") for side in sides]

    def _seen(self, views: Sequence[Tensor]) -> list[Tensor]:
        """What judges see of views of every stage's pictures: these, and the trunk's map."""
        return [*views, self._encoder.seen(views[-1])[0]]

    def _judged(
        self, photos: Sequence[Tensor], drawn: Sequence[Tensor], sentence: Tensor, order: Tensor
    ) -> list[Judged]:
        """What each judge says of what it sees of B photos and of both branches' pictures.

        Both go through a judge as one batch (reconstructed): norms over one kind of pictures hide
        how strong its contrasts are.
        """
        found = []
        for judge, photo, picture in zip(self.own, photos, drawn, strict=True):
            assert isinstance(judge, Judge)
            own, code = judge(torch.cat([photo, picture])).split([len(photo), len(picture)])
            own = torch.cat([own, own[order]])  # of whom both branches are told
            verdict = judge.judge(torch.cat([own, another(own), code]), sentence.repeat(3, 1))
            thirds = zip(*(logits.chunk(3) for logits in verdict), strict=True)
            real, wrong, fake = (Verdict(*third) for third in thirds)
            found.append(Judged(real, wrong, fake, branches(code)))
        return found


def _viewed(views: Views, pictures: Tensor) -> Tensor:
    """Pictures (2 B, 3, S, S) of two branches as judges see them: a pair in the same colours."""
    return torch.cat([views(branch) for branch in pictures.chunk(2)])


train_sdgan = partial(train_by_captions, SdGanRecipe, batches=TwiceToldBatches, least=FEWEST)
