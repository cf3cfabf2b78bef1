"""How a generator learns: adversarially, against a segmentation discriminator."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from files.weights import halved, save_weights
from segmentation.labels import palette
from trecs.data.pictures import to_pixels
from trecs.device import channels_last
from trecs.learning.augmentation import Jitter
from trecs.learning.loop import Player, Recipe, Turn
from trecs.learning.optimization import interpolated
from trecs.synthesis.condition import Condition, nearest
from trecs.synthesis.discriminator import DiscriminatorConfig
from trecs.synthesis.generator import Generator
from trecs.synthesis.judges import label_shares, trunk_maps
from trecs.synthesis.judging import Judging, View
from trecs.synthesis.losses import colour_loss, feature_loss, style_loss
from trecs.synthesis.painter.flow import mixed
from trecs.synthesis.painter.thumbnails import ThumbnailStage
from trecs.synthesis.painter.told import POINTS, SIDE, Told
from trecs.synthesis.spade import Noise, SpadeConfig, SpadeGenerator, enlarged
from trecs.synthesis.squares import Batch, Squares
from trecs.synthesis.windows import cut, drawn_windows, same_quarter
from trecs.trunks.efficientnet import EfficientNetTrunk
from trecs.trunks.vgg import CHANNELS, VggFeatures

SHOWN = 8  # pictures of the sheet that every save draws


@dataclass(frozen=True)
class GeneratorTraining:
    """The numbers of a training; the defaults run on a CPU."""

    generator: SpadeConfig = field(default_factory=SpadeConfig.bundled)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    steps: int = 20_000
    batch: int = 4
    photo: int = 320  # shorter side of the photos in memory
    side: int = 256  # of the squares cut from them, a multiple of 32
    patch: int = 128  # of the windows of the squares that are trained on, a multiple of 32
    generator_rate: float = 4e-4  # Adam, betas 0 and 0.99
    discriminator_rate: float = 1.5e-4
    settling: int = 1_000  # the last steps, in which both rates fall, see `settled`
    average: float = 0.999  # decay of the averaged weights, which are what is exported
    colour_weight: float = 10.0
    feature_weight: float = 4.0  # of the perceptual losses, where there are eyes for them
    style_weight: float = 20.0
    judge_weight: float = 0.5  # of the judges of whole pictures, where a trunk is given
    composed: float = 0.4  # share of steps that draw composed canvases, where there are any
    jitter: float = 0.3  # how far brightness, saturation and contrast are varied, see `Jitter`
    watching: int = 0  # the first steps, in which the discriminators alone learn
    share: float = 1.0  # of what was learned that is exported, see `going_on`

    def going_on(self) -> "GeneratorTraining":
        """The same for a generator that has learned before, whose discriminators have not.

        They watch first; then it learns at half of their rate, and all slower in the last third.
        What is exported lies between the weights at the start and the learned ones (network
        interpolation; Wang et al., "ESRGAN", ECCV workshops 2018): nearly all of the grain that the
        discriminators teach, without all of the drift that few steps with small batches bring.
        """
        return replace(
            self,
            generator_rate=2e-4,
            discriminator_rate=4e-4,
            average=0.998,
            share=0.7,
            settling=self.steps // 3,
            watching=min(100, self.steps // 10),
        )

    @staticmethod
    def tiny() -> "GeneratorTraining":
        """The same path, small enough for tests."""
        return GeneratorTraining(
            SpadeConfig.tiny(), DiscriminatorConfig.tiny(), steps=4, batch=2, photo=64, side=64,
            patch=32, settling=0,
        )  # fmt: skip


class GeneratorRecipe(Recipe[Batch]):
    """Judges and generator take a step in turn; the generator's averaged weights are kept.

    `stage` draws the thumbnails and learns nothing. `vgg` and `trunk`: see `train_generator`.
    """

    averaged = "generator"
    log_every = 20
    kept: SpadeGenerator

    def __init__(
        self,
        training: GeneratorTraining,
        squares: Squares,
        stage: ThumbnailStage,
        start: Path | None,
        vgg: VggFeatures | None,
        trunk: EfficientNetTrunk | None,
    ) -> None:
        self._training, self._stage, self._trunk, self._vgg = training, stage, trunk, vgg
        self.steps, self.batch, self.source = training.steps, training.batch, squares
        self.average, self.least = training.average, 2 if trunk else 1
        generator = channels_last(SpadeGenerator(training.generator))
        self._begun: Mapping[str, Tensor] | None = None
        if start is not None:
            _begin_with(generator, Generator.load(start).network)
            generator.eval()  # keeps the statistics of its norms, which small batches would shake
            self._begun = copy.deepcopy(generator.state_dict())
        channels_last(stage.eval().requires_grad_(False))
        seen = CHANNELS if vgg else trunk.level_channels if trunk else ()
        wide = replace(training.discriminator, trunk=seen)
        self._judging = Judging(wide, whole=trunk is not None)
        course = training.steps, training.settling
        self._generator = Player.adversary(generator, training.generator_rate, *course)
        self.players = {
            "generator": self._generator,
            "judging": Player.adversary(self._judging, training.discriminator_rate, *course),
        }

    def begin(self) -> None:
        """Moves what draws thumbnails and what looks at pictures."""
        fabric = self.run.fabric
        self._stage.to(fabric.device)
        if self._vgg is not None:
            self._vgg = channels_last(self._vgg).to(fabric.device)
        if self._trunk is not None:
            self._trunk.to(fabric.device)

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """The judges' turn, then the generator's, on the same pictures."""
        training, run = self._training, self.run
        drawn = self._draw(batch)
        generated, real, paired = drawn.generated, drawn.real, drawn.begun
        half, real_half = (
            nearest(which.labels, training.patch // 2, training.patch // 2)
            for which in (drawn.canvases, drawn.real_canvases)
        )
        views = drawn.jitter(generated), drawn.jitter(real)
        with run.fabric.autocast():
            seen, wanted = self._seen(*views)
            drawn_view, real_view = View(views[0], half, seen), View(views[1], real_half, wanted)
            if self._trunk:
                drawn_view = drawn_view._replace(
                    maps=trunk_maps(self._trunk, views[0]),
                    shares=label_shares(drawn.canvases.labels),
                )
                with torch.no_grad():
                    real_view = real_view._replace(
                        maps=trunk_maps(self._trunk, views[1]),
                        shares=label_shares(drawn.real_canvases.labels),
                    )
            losses = self._judging.told_apart(drawn_view, real_view, drawn.accuracies)
        yield "judging", losses
        if step < training.watching:
            return

        with run.fabric.autocast():
            losses = self._judging.persuaded(drawn_view, training.judge_weight)
        losses["colour"] = paired * training.colour_weight * colour_loss(generated, real)
        if seen:
            looks = [(seen, wanted)]
            if self._vgg is not None:  # which saw halved pictures
                with run.fabric.autocast():
                    looks.append(_both(self._vgg, *same_quarter(*views)))
            content = torch.stack([feature_loss(*look) for look in looks]).mean()
            style = torch.stack([style_loss(*look) for look in looks]).mean()
            losses["content"] = paired * training.feature_weight * content
            losses["style"] = training.style_weight * style
        yield "generator", losses

    def _seen(self, generated: Tensor, real: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """What pretrained eyes see of both at the discriminator's resolutions; none, nothing.

        VGG-16, where there is one, looks at halved pictures, EfficientNet-lite0 at whole ones.
        """
        if self._vgg is not None:
            return _both(self._vgg, *(functional.avg_pool2d(p, 2) for p in (generated, real)))
        if self._trunk is not None:
            return _both(self._trunk.levels, generated, real)
        return [], []

    def _draw(self, batch: Batch) -> "_Drawn":
        """Random windows of a batch, and what the generator makes of them."""
        training, run, part = self._training, self.run, self.part
        size = training.patch
        noise = self.kept.draw_noise(training.batch, size, size)
        jitter = Jitter.drawn(training.batch, training.jitter)
        times = self._stage.config.times  # up to one of these, the thumbnail is the photo's own
        begun = times[int(torch.randint(len(times), ()))]
        composing = bool(torch.rand(()) < training.composed)
        begun = 0.0 if composing else begun
        windows = drawn_windows(training.batch, training.side, size)[part]
        noise = run.fabric.to_device(Noise(*(t[part] for t in noise)))
        photos, real_canvases, composed, accuracies = run.fabric.to_device(batch.taken(part))
        canvases = composed if composing else real_canvases

        with torch.no_grad():
            small = functional.adaptive_avg_pool2d(photos, SIDE)
            small = self._thumbnails(canvases, small, noise.thumbnail, begun)
            paintings = enlarged(small, training.side, training.side)
        real, painting = (cut(pictures, windows, size) for pictures in (photos, paintings))
        condition, real_condition = (
            Condition(*(cut(planes, windows, size) for planes in which))
            for which in (canvases, real_canvases)
        )
        generated = self._generator(condition, noise, painting)
        jitter = jitter.of(part, run.fabric.device)
        return _Drawn(generated, real, condition, real_condition, accuracies, jitter, begun)

    def _thumbnails(self, canvases: Condition, own: Tensor, noise: Tensor, begun: float) -> Tensor:
        """The photos' own thumbnails up to a moment of the stage's, which draws on."""
        told = Told.of(*canvases.resized(POINTS, POINTS))
        noisy = mixed(own, noise, noise.new_full((len(noise),), begun))
        return self._stage.finish(told, noisy, self._stage.moments_from(begun))

    def export(self, folder: Path, done: int) -> None:
        """Writes the averaged generator: kernels as 8-bit numbers, the rest in half precision."""
        weights = interpolated(self._begun, self.kept.state_dict(), self._training.share)
        save_weights(folder, "generator", self.kept.config, halved(weights), int8=True)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """Canvas, photo, its thumbnail enlarged by the network, and a picture of each canvas."""
        network, device = self.kept, self.kept.conv_img.weight.device
        rows = []
        for step in range(SHOWN):
            photos, condition, composed, _ = self.source[step].taken(slice(1))
            cells = [palette()[np.minimum(condition.labels[0].numpy(), 255)], to_pixels(photos)[0]]
            own = functional.adaptive_avg_pool2d(photos, SIDE).to(device)
            for canvas, begun in ((condition, 1.0), (condition, 0.0), (composed, 0.0)):
                generator = torch.Generator().manual_seed(step)
                noise = network.draw_noise(1, *condition.size, generator).to(device)
                canvas = canvas.to(device)
                small = self._thumbnails(canvas, own, noise.thumbnail, begun)
                painting = enlarged(small, *canvas.size)
                cells.append(to_pixels(network(canvas, noise, painting))[0])
            rows.append(np.concatenate(cells, 1))
        return np.concatenate(rows)


class _Drawn(NamedTuple):
    """Pictures (B, 3, S, S) of windows of canvases, and the photos there.

    `accuracies`: (B,), of the photos' canvases. `begun`: the share of the thumbnail that is the
    photo's own, 0 to 1.
    """

    generated: Tensor
    real: Tensor
    canvases: Condition
    real_canvases: Condition
    accuracies: Tensor
    jitter: Jitter
    begun: float


def _begin_with(generator: SpadeGenerator, other: SpadeGenerator) -> None:
    """Copies the parameters that two generators share by name and shape."""
    own = generator.state_dict()
    state = {
        name: value
        for name, value in other.state_dict().items()
        if name in own and own[name].shape == value.shape
    }
    generator.load_state_dict(state, strict=False)


def _both(
    eyes: Callable[[Tensor], list[Tensor]], generated: Tensor, real: Tensor
) -> tuple[list[Tensor], list[Tensor]]:
    """What eyes see of both."""
    with torch.no_grad():
        wanted = eyes(real)
    return eyes(generated), wanted
