"""Trains GAWWN (Reed et al., NIPS 2016) on photos, their captions and where things are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from trecs.data.described import Described
from trecs.learning.loop import Turn
from trecs.systems.gawwn.network import GawwnConfig, Generator, Judge
from trecs.systems.gawwn.places import Box, boxes_of, maps_of
from trecs.systems.gawwn.system import Gawwn
from trecs.systems.parts.adversarial import AdversarialRecipe
from trecs.systems.parts.caption_system import CaptionSystem
from trecs.systems.parts.caption_training import CaptionBatches, train_by_captions
from trecs.systems.parts.conditioning import begin_told_apart
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.layers import begin_dcgan
from trecs.systems.parts.matching_aware import another, believed_loss, matching_aware_loss
from trecs.systems.parts.vocabulary import Caption

SEEN = 64  # pixels a side at which a label map's pieces are told apart
REGIONAL = 8.0  # by which the regional judge's last weights begin larger
LEAST = 0.03  # of a side: what a window cuts smaller is left out

Placed = tuple[Tensor, list[tuple[int, ...]], Tensor]
"""Photos (B, 3, S, S) in [-1, 1], a caption of each, and the maps of its places (B, P, 16, 16)."""


@dataclass(frozen=True)
class GawwnTraining:
    """The numbers of a training; those of the known code stand beside."""

    networks: GawwnConfig = field(default_factory=GawwnConfig)
    steps: int = 6_000
    batch: int = 16  # 64; the paper's 16
    generator_rate: float = 3e-4  # 2e-4
    judge_rate: float = 3e-4  # 2e-4
    settling: int = 600  # the last steps, in which both rates fall (halved every 100 epochs)
    average: float = 0.998  # decay of the averaged weights, which are what is exported (none)
    jitter: float = 0.3  # of the colours that judges see, see `Jitter` (none)
    shift: float = 0.0  # places stay: the judge knows where things must be
    apart: float = 0.1  # weight of what keeps pictures of two noises apart, see `alike` (none)

    @staticmethod
    def tiny() -> "GawwnTraining":
        """The same path, small enough for tests."""
        return GawwnTraining(GawwnConfig.tiny(), steps=4, batch=2, settling=0)


class PlacedBatches(CaptionBatches):
    """Batches with the boxes of what is seen in each window of a photo."""

    def __init__(self, photos: Sequence[Described], *arguments: Any, **numbers: Any) -> None:
        super().__init__(photos, *arguments, **numbers)
        self.boxes = [boxes_of(_small(one.photo.label_map())) for one in photos]

    def __getitem__(self, step: int) -> Placed:  # type: ignore[override]
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen, texts = self._drawn(rng)
        room = len(self.squares[0]) - self._side
        crops, maps = [], []
        for index in chosen:
            top, left = rng.integers(room + 1, size=2).tolist()
            window = self.squares[index][top : top + self._side, left : left + self._side]
            boxes = list(seen(self.boxes[index], left, top, self._side, len(self.squares[0])))
            if rng.random() < 0.5:
                window, boxes = window[:, ::-1], [mirrored(box) for box in boxes]
            crops.append(window)
            maps.append(maps_of(boxes))
        photos = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1
        return photos, texts, torch.stack(maps)


def seen(boxes: Sequence[Box], left: int, top: int, side: int, whole: int) -> Iterator[Box]:
    """What a window of `side` pixels of a square of `whole` ones leaves of boxes."""
    for box in boxes:
        edges = np.clip((np.array(box[1:]) * whole - [left, top, left, top]) / side, 0, 1)
        if (edges[2:] - edges[:2] >= LEAST).all():
            yield Box(box.kind, *edges.tolist())


def mirrored(box: Box) -> Box:
    """The box in a mirrored picture."""
    return box._replace(left=1 - box.right, right=1 - box.left)


class GawwnRecipe(AdversarialRecipe):
    """The matching-aware judge of words and places, then the generator.

    There is a norm before the judge's last layer, which levels what sets a batch of photos apart
    from a batch of drawn pictures. So the judge learns on both in one batch; and the generator
    stands before it with the norms' running statistics: of a batch that falls into photos and
    pictures they tell which half is which, however far apart, so that pictures could not come
    nearer to photos.
    """

    own: Judge

    def __init__(self, training: GawwnTraining, damsm: Damsm, batches: PlacedBatches) -> None:
        config = training.networks
        super().__init__(Gawwn, config, damsm, batches, training, Judge(config))
        self._noise, self._boxes = config.noise, batches.boxes
        for network in (self.networks.generator, self.own):
            begin_dcgan(network)
        generator = self.networks.generator
        assert isinstance(generator, Generator)
        begin_told_apart(generator.F_noise_txt.prep_txt, self.sentences)
        begin_paths_alike(config, generator, self.own)

    def turns(self, batch: Placed, step: int) -> Iterator[Turn]:  # type: ignore[override]
        """The judges' turn, then the generator's, on the same pictures."""
        photos, told = self.examples(batch[:2])
        maps = self.run.fabric.to_device(batch[2][self.part])
        own, views = self.own, self.views()
        scaled = self.scaled(told.sentence)
        noise, other = self.noise(self._noise), self.noise(self._noise)

        pictures = self.generator(noise, told.sentence, maps)
        with torch.no_grad():
            others = self.generator(other, told.sentence, maps)
        with self.run.fabric.autocast():
            drawn, real = views(pictures), views(photos)
            known, seen = own(torch.cat([real, drawn.detach()])).chunk(2)
            logits = own.decide(
                torch.cat([known, known, seen]),
                torch.cat([scaled, another(scaled), scaled]),
                torch.cat([maps] * 3),
            )
            matching = matching_aware_loss(*logits.chunk(3))
        yield "judges", {"judge": matching}

        self.freeze_judges(True)
        own.eval()
        with self.run.fabric.autocast():
            believed = believed_loss(own.decide(own(drawn), scaled, maps))
        self.freeze_judges(False)
        own.train()
        alike = self.alike(pictures, others, noise, other)
        yield "generator", {"generator": believed, "alike": alike}

    def shown(
        self, model: CaptionSystem, index: int, caption: Caption, seed: int
    ) -> NDArray[np.uint8]:
        """A picture with things where they are in the photo."""
        assert isinstance(model, Gawwn)
        return model.placed(caption, tuple(self._boxes[index]), seed).picture


@torch.no_grad()
def begin_paths_alike(config: GawwnConfig, generator: Generator, judge: Judge) -> None:
    """Starts noise as strong as text, and both paths alike (reconstructed).

    From DCGAN's start the noise is a tenth of the text. The regional path, alike at all places of a
    box, and the maps have five and a half times the channels of the global one, which alone differs
    from place to place: what is drawn of them are stripes. And the mean over all places leaves
    little of what the regional judge says.
    """
    nn.init.normal_(generator.F_noise_txt.prep_noise.weight, 0.0, config.noise**-0.5)
    joint, alone = generator.upsampling_1[0], config.width
    assert isinstance(joint, nn.ConvTranspose2d)
    joint.weight[:alone] *= ((joint.in_channels - alone) / alone) ** 0.5
    read, regional = judge.prep_txtD[0], judge.F_regionD.conv[-1]
    assert isinstance(read, nn.Linear)
    assert isinstance(regional, nn.Conv2d)
    nn.init.normal_(read.weight, 0.0, config.text**-0.5)
    regional.weight *= REGIONAL


train_gawwn = partial(train_by_captions, GawwnRecipe, batches=PlacedBatches)


def _small(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    resized: NDArray[np.uint8] = cv2.resize(labels, (SEEN, SEEN), interpolation=cv2.INTER_NEAREST)
    return resized
