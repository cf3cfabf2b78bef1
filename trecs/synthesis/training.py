"""Trains a generator adversarially against a segmentation discriminator."""

import copy
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from files.errors import InputError
from files.weights import BUNDLED, halved, save_weights, write_atomically
from segmentation.labels import palette
from trecs.data.dataset import Dataset
from trecs.data.pictures import load_pictures, to_pixels
from trecs.learning.augmentation import Jitter
from trecs.learning.judge import adversarial_loss, discriminator_loss
from trecs.learning.optimization import move_average, set_rate, settled
from trecs.learning.run import Run
from trecs.synthesis.condition import Condition, nearest
from trecs.synthesis.discriminator import DiscriminatorConfig, SegmentationDiscriminator
from trecs.synthesis.generator import Generator
from trecs.synthesis.judges import PictureJudges, label_shares, trunk_maps
from trecs.synthesis.losses import (
    colour_loss,
    feature_loss,
    generated_loss,
    segmentation_loss,
    style_loss,
)
from trecs.synthesis.spade import (
    UPSAMPLINGS,
    Noise,
    SpadeConfig,
    SpadeGenerator,
    channels_last,
    enlarged,
)
from trecs.synthesis.squares import Squares
from trecs.synthesis.thumbnail import SIDE, STEPS, ThumbnailFlow
from trecs.synthesis.thumbnail_training import load_thumbnails
from trecs.trunks.efficientnet import LITE0, EfficientNetTrunk, read_trunk
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
    feature_weight: float = 4.0  # of the VGG losses, where a VGG is given
    style_weight: float = 20.0
    judge_weight: float = 0.5  # of the judges of whole pictures, where a trunk is given
    composed: float = 0.4  # share of steps that draw composed canvases, where there are any
    jitter: float = 0.3  # how far brightness, saturation and contrast are varied, see `Jitter`

    @staticmethod
    def tiny() -> "GeneratorTraining":
        """The same path, small enough for tests."""
        return GeneratorTraining(
            SpadeConfig.tiny(), DiscriminatorConfig.tiny(), steps=4, batch=2, photo=64, side=64,
            patch=32, settling=0,
        )  # fmt: skip


def train_generator(
    training: GeneratorTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    thumbnails: Path | None = None,  # a flow's folder; without, the bundled generator's own
    seed: int = 0,
    minutes: float | None = None,
    start: Path | None = None,  # a generator's folder, whose weights of equal shape begin the run
    vgg: Path | None = None,  # a VGG-16 state dict, for the discriminator and perceptual losses
    trunk: Path | None = None,  # EfficientNet-lite0's weights, for judges of the whole picture
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Reconstructed after OASIS (Schönfeld et al., ICLR 2021) and, for the thumbnails, after cascaded
    diffusion (Ho et al., JMLR 2022), on random windows of the photos: a window costs a quarter of
    the picture and has its scale, and the network is convolutional. A window begins with its
    photo's thumbnail, of which the flow does a random part of the steps anew; the more it does,
    the less is asked that picture and photo agree, and the more that the one looks real. Of a
    composed canvas, which is not quite the photo's, all of the thumbnail is drawn. Raises
    InputError where there are no photos, a window does not fit, or a file is damaged.
    """
    step = 1 << UPSAMPLINGS
    if training.patch % step or training.side % step or training.patch > training.side:
        raise InputError(
            f"Windows of {training.patch} pixels in squares of {training.side} cannot be trained "
            f"on; expected multiples of {step}, the window at most as large as the square."
        )
    photos = dataset.photos(held_back=False)
    if len(photos) < training.batch:
        raise InputError(f"Only {len(photos)} photos with label maps in '{dataset.folder}'.")
    flow = load_thumbnails(thumbnails) if thumbnails else bundled_thumbnails()
    features = VggFeatures.load(vgg) if vgg else None
    efficientnet = channels_last(read_trunk(LITE0, trunk)) if trunk else None
    pictures = load_pictures(dataset, photos, training.photo, composed)
    if composed is None:
        training = replace(training, composed=0.0)
    squares = Squares(pictures, training.side, training.side, training.batch, seed)
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        _train(training, run, squares, flow, start, features, efficientnet, seed)


def _train(
    training: GeneratorTraining,
    run: Run,
    squares: Squares,
    flow: ThumbnailFlow,
    start: Path | None,
    vgg: VggFeatures | None,
    trunk: EfficientNetTrunk | None,
    seed: int,
) -> None:
    """The loop: discriminators and generator take a step in turn; the averaged weights are kept."""
    config = replace(
        training.generator, thumbnail=flow.config.widths, guidance=flow.config.guidance
    )
    generator = channels_last(SpadeGenerator(config))
    if start is not None:
        _begin_with(generator, Generator.load(start).network)
    generator.thumbnail = None  # it is trained already
    flow = channels_last(flow.eval().requires_grad_(False))
    discriminator = channels_last(
        SegmentationDiscriminator(replace(training.discriminator, trunk=CHANNELS if vgg else ()))
    )
    judges = PictureJudges() if trunk else nn.Module()
    judging = nn.ModuleList([discriminator, judges])
    averaged = copy.deepcopy(generator).requires_grad_(False)
    g_steps = torch.optim.Adam(generator.parameters(), training.generator_rate, (0.0, 0.99))
    d_steps = torch.optim.Adam(judging.parameters(), training.discriminator_rate, (0.0, 0.99))

    done = 0
    parts = {"generator": generator, "judging": judging, "averaged": averaged}
    if state := run.resume():
        run.restore(state, **parts, g_steps=g_steps, d_steps=d_steps)
        done = state["done"]
        run.announce(done, training.steps)
    generator, g_steps = run.setup(generator, g_steps)
    _, d_steps = run.setup(judging, d_steps)
    averaged.to(run.fabric.device)
    flow.to(run.fabric.device)
    features = run.fabric.setup_module(channels_last(vgg)) if vgg else None
    if trunk:
        trunk.to(run.fabric.device)
    size, part = training.patch, run.share(training.batch, least=2 if trunk else 1)
    batches = run.batches(squares, done, training.steps)

    while done < training.steps and not run.over:
        torch.manual_seed((seed << 32) + done)
        share = settled(done, training.steps, training.settling)
        set_rate(g_steps, share * training.generator_rate)
        set_rate(d_steps, share * training.discriminator_rate)
        noise = averaged.draw_noise(training.batch, size, size)
        jitter = Jitter.drawn(training.batch, training.jitter)
        measured = int(torch.randint(STEPS + 1, ()))  # of the thumbnail's steps
        composing = bool(torch.rand(()) < training.composed)
        measured = 0 if composing else measured
        windows = _windows(training)
        noise = run.fabric.to_device(Noise(*(t[part] for t in noise)))
        photos, real_canvases, composed = run.fabric.to_device(next(batches).taken(part))
        canvases = composed if composing else real_canvases
        jitter = jitter.of(part, run.fabric.device)

        with torch.no_grad():
            small = functional.adaptive_avg_pool2d(photos, SIDE)
            begun = measured / STEPS
            blurred = begun * small + (1 - begun) * noise.thumbnail
            small = flow.finish(canvases, blurred, measured)
            paintings = enlarged(small, training.side, training.side)
        real, painting = (_cut(pictures, windows[part], size) for pictures in (photos, paintings))
        condition, real_condition = (
            Condition(*(_cut(planes, windows[part], size) for planes in which))
            for which in (canvases, real_canvases)
        )
        half, real_half = (
            nearest(which.labels, size // 2, size // 2) for which in (condition, real_condition)
        )

        generated = generator(condition, noise, painting)
        views = jitter(generated), jitter(real)
        seen, wanted = _features(features, *views)
        with run.fabric.autocast():
            d_real = segmentation_loss(discriminator(views[1], wanted), real_half)
            d_fake = generated_loss(discriminator(views[0].detach(), [f.detach() for f in seen]))
            told_apart = torch.zeros(())
            if trunk:
                shares, real_shares = map(label_shares, (condition.labels, real_condition.labels))
                maps = trunk_maps(trunk, views[0])
                with torch.no_grad():
                    real_maps = trunk_maps(trunk, views[1])
                told_apart = _told_apart(judges, real_maps, real_shares, maps, shares)
        run.step(d_real + d_fake + told_apart, d_steps)

        judging.requires_grad_(False)
        with run.fabric.autocast():
            g_fake = segmentation_loss(discriminator(views[0], seen), half)
            believed = adversarial_loss(judges(maps, shares)) if trunk else torch.zeros(())
        judging.requires_grad_(True)
        colour = colour_loss(generated, real)
        content = style = torch.zeros(())
        if features:
            closer = _features(features, *_window(*views), half=False)
            content = (feature_loss(seen, wanted) + feature_loss(*closer)) / 2
            style = (style_loss(seen, wanted) + style_loss(*closer)) / 2
        paired = training.colour_weight * colour + training.feature_weight * content
        loss = g_fake + training.judge_weight * believed
        loss = loss + training.style_weight * style + begun * paired
        run.step(loss, g_steps)
        decay = min(training.average, (1 + done) / (10 + done))
        move_average(averaged.state_dict(), generator.state_dict(), decay)

        done += 1
        if done % 20 == 0:
            run.log(done, d_real=d_real.item(), d_fake=d_fake.item(), g_fake=g_fake.item(),
                    judges=told_apart.item(), believed=believed.item(), colour=colour.item(),
                    content=content.item(), style=style.item())  # fmt: skip
        if run.due() or done == training.steps:
            states = {name: network.state_dict() for name, network in parts.items()}
            run.save({**states, "g_steps": g_steps.state_dict(), "d_steps": d_steps.state_dict(),
                      "done": done})  # fmt: skip
            if run.main:
                whole = copy.deepcopy(averaged)
                whole.thumbnail = flow
                _export(config, whole, run.folder / "model")
                _draw_samples(whole.eval(), squares, run.folder / "samples.png")


def bundled_thumbnails() -> ThumbnailFlow:
    """The flow of the generator that comes with the repository."""
    flow = Generator.load(BUNDLED / "generator").network.thumbnail
    assert flow is not None
    return flow


def _told_apart(
    judges: nn.Module,
    real: Sequence[Tensor],
    real_shares: Tensor,
    generated: Sequence[Tensor],
    shares: Tensor,
) -> Tensor:
    """The judges' loss, a scalar."""
    on_real = judges.with_mismatched(real, real_shares)  # type: ignore[operator]
    on_generated = judges([seen.detach() for seen in generated], shares)
    losses = [
        discriminator_loss(verdict, other, mismatched)
        for (verdict, mismatched), other in zip(on_real, on_generated, strict=True)
    ]
    return torch.stack(losses).sum()


def _windows(training: GeneratorTraining) -> list[tuple[int, int]]:
    """Where each square's window begins, top and left: at whole pixels of the thumbnail."""
    cell = training.side // SIDE
    last = (training.side - training.patch) // cell
    return [
        (top * cell, left * cell)
        for top, left in torch.randint(last + 1, (training.batch, 2)).tolist()
    ]


def _cut(planes: Tensor, windows: Sequence[tuple[int, int]], size: int) -> Tensor:
    """Each one's window of planes (B, ..., H, W), (B, ..., size, size)."""
    return torch.stack(
        [
            plane[..., top : top + size, left : left + size]
            for plane, (top, left) in zip(planes, windows, strict=True)
        ]
    )


def _export(config: SpadeConfig, averaged: SpadeGenerator, folder: Path) -> None:
    """Writes the averaged weights: kernels as 8-bit numbers, the rest in half precision."""
    save_weights(folder, "generator", config, halved(averaged.state_dict()), int8=True)


def _begin_with(generator: SpadeGenerator, other: SpadeGenerator) -> None:
    """Copies the parameters that two generators share by name and shape."""
    own = generator.state_dict()
    state = {
        name: value
        for name, value in other.state_dict().items()
        if name in own and own[name].shape == value.shape
    }
    generator.load_state_dict(state, strict=False)


def _features(
    trunk: nn.Module | None, generated: Tensor, real: Tensor, *, half: bool = True
) -> tuple[list[Tensor], list[Tensor]]:
    """The trunk's features of both, of halved pictures at the discriminator's resolutions.

    Without a trunk there are none.
    """
    if trunk is None:
        return [], []
    if half:
        generated = functional.avg_pool2d(generated, 2)
        real = functional.avg_pool2d(real, 2)
    with torch.no_grad():
        wanted = trunk(real)
    return trunk(generated), wanted


def _window(generated: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """A random window of half the side, the same of both: its grain at full resolution."""
    side = generated.shape[-1] // 2
    top, left = torch.randint(side + 1, (2,)).tolist()
    window = (..., slice(top, top + side), slice(left, left + side))
    return generated[window], real[window]


@torch.no_grad()
def _draw_samples(network: SpadeGenerator, squares: Squares, path: Path) -> None:
    """Draws canvas, photo, its thumbnail enlarged by the network, and a picture of each canvas."""
    device = network.conv_img.weight.device
    rows = []
    for step in range(SHOWN):
        photos, condition, composed = squares[step].taken(slice(1))
        cells = [palette()[np.minimum(condition.labels[0].numpy(), 255)], to_pixels(photos)[0]]
        condition = condition.to(device)
        painting = enlarged(functional.adaptive_avg_pool2d(photos, SIDE), *condition.size)
        drawn = ((condition, painting.to(device)), (condition, None), (composed.to(device), None))
        for canvas, given in drawn:
            generator = torch.Generator().manual_seed(step)
            noise = network.draw_noise(1, *condition.size, generator).to(device)
            cells.append(to_pixels(network(canvas, noise, given))[0])
        rows.append(np.concatenate(cells, 1))
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())
