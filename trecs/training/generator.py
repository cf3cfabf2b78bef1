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

from retrieval.weights import BUNDLED, halved, save_weights, write_atomically
from segmentation.errors import InputError
from segmentation.labels import palette
from trecs.generators.condition import Condition, nearest
from trecs.generators.discriminator import DiscriminatorConfig, SegmentationDiscriminator
from trecs.generators.generator import Generator
from trecs.generators.losses import (
    colour_loss,
    feature_loss,
    generated_loss,
    segmentation_loss,
    style_loss,
)
from trecs.generators.spade import (
    UPSAMPLINGS,
    Noise,
    SpadeConfig,
    SpadeGenerator,
    channels_last,
    enlarged,
)
from trecs.generators.thumbnail import SIDE, STEPS, ThumbnailFlow
from trecs.generators.vgg import CHANNELS, VggFeatures
from trecs.training.augmentation import Jitter
from trecs.training.data import Dataset
from trecs.training.optimization import move_average
from trecs.training.pictures import Squares, load_pictures, to_pixels
from trecs.training.run import Run
from trecs.training.thumbnails import load_thumbnails

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
    discriminator_rate: float = 4e-4
    average: float = 0.998  # decay of the averaged weights, which are what is exported
    colour_weight: float = 10.0
    feature_weight: float = 4.0  # of the VGG losses, where a VGG is given
    style_weight: float = 20.0
    jitter: float = 0.3  # how far brightness, saturation and contrast are varied, see `Jitter`

    @staticmethod
    def tiny() -> "GeneratorTraining":
        """The same path, small enough for tests."""
        return GeneratorTraining(
            SpadeConfig.tiny(), DiscriminatorConfig.tiny(), steps=4, batch=2, photo=64, side=64,
            patch=32,
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
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Reconstructed after OASIS (Schönfeld et al., ICLR 2021) and, for the thumbnails, after cascaded
    diffusion (Ho et al., JMLR 2022), on random windows of the photos: a window costs a quarter of
    the picture and has its scale, and the network is convolutional. A window begins with its
    photo's thumbnail, of which the flow does a random part of the steps anew; the more it does,
    the less is asked that picture and photo agree, and the more that the one looks real. Raises
    InputError where there are no photos, a window does not fit, or thumbnails or state are damaged.
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
    trunk = VggFeatures.load(vgg) if vgg else None
    squares = Squares(load_pictures(dataset, photos, training.photo), training.side,
                      training.side, training.batch, seed)  # fmt: skip
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        _train(training, run, squares, flow, start, trunk, seed)


def _train(
    training: GeneratorTraining,
    run: Run,
    squares: Squares,
    flow: ThumbnailFlow,
    start: Path | None,
    trunk: VggFeatures | None,
    seed: int,
) -> None:
    """The loop: discriminator and generator take a step in turn; the averaged weights are kept."""
    config = replace(training.generator, thumbnail=flow.config.widths)
    generator = channels_last(SpadeGenerator(config))
    if start is not None:
        _begin_with(generator, Generator.load(start).network)
    generator.thumbnail = None  # it is trained already
    flow = channels_last(flow.eval().requires_grad_(False))
    trunk_channels = CHANNELS if trunk else ()
    discriminator = channels_last(
        SegmentationDiscriminator(replace(training.discriminator, trunk=trunk_channels))
    )
    averaged = copy.deepcopy(generator).requires_grad_(False)
    g_steps = torch.optim.Adam(generator.parameters(), training.generator_rate, (0.0, 0.99))
    d_steps = torch.optim.Adam(discriminator.parameters(), training.discriminator_rate, (0.0, 0.99))

    done = 0
    parts = {"generator": generator, "discriminator": discriminator, "averaged": averaged}
    if state := run.resume():
        run.restore(state, **parts, g_steps=g_steps, d_steps=d_steps)
        done = state["done"]
        run.announce(done, training.steps)
    generator, g_steps = run.setup(generator, g_steps)
    discriminator, d_steps = run.setup(discriminator, d_steps)
    averaged.to(run.fabric.device)
    flow.to(run.fabric.device)
    features = run.fabric.setup_module(channels_last(trunk)) if trunk else None
    size, part = training.patch, run.share(training.batch)

    while done < training.steps and not run.over:
        torch.manual_seed((seed << 32) + done)
        photos, canvases = squares[done]
        noise = averaged.draw_noise(training.batch, size, size)
        jitter = Jitter.drawn(training.batch, training.jitter)
        measured = int(torch.randint(STEPS + 1, ()))  # of the thumbnail's steps
        windows = _windows(training)
        noise = run.fabric.to_device(Noise(*(t[part] for t in noise)))
        photos, canvases = run.fabric.to_device((photos[part], canvases.taken(part)))
        jitter = jitter.of(part, run.fabric.device)

        with torch.no_grad():
            small = functional.adaptive_avg_pool2d(photos, SIDE)
            begun = measured / STEPS
            blurred = begun * small + (1 - begun) * noise.thumbnail
            small = flow.finish(canvases, blurred, measured)
            paintings = enlarged(small, training.side, training.side)
        real, painting = (_cut(pictures, windows[part], size) for pictures in (photos, paintings))
        condition = Condition(*(_cut(planes, windows[part], size) for planes in canvases))
        half = nearest(condition.labels, size // 2, size // 2)

        generated = generator(condition, noise, painting)
        views = jitter(generated), jitter(real)
        seen, wanted = _features(features, *views)

        d_real = segmentation_loss(discriminator(views[1], wanted), half)
        d_fake = generated_loss(discriminator(views[0].detach(), [f.detach() for f in seen]))
        run.step(d_real + d_fake, d_steps)

        discriminator.requires_grad_(False)
        g_fake = segmentation_loss(discriminator(views[0], seen), half)
        discriminator.requires_grad_(True)
        colour = colour_loss(generated, real)
        content = style = torch.zeros(())
        if features:
            closer = _features(features, *_window(*views), half=False)
            content = (feature_loss(seen, wanted) + feature_loss(*closer)) / 2
            style = (style_loss(seen, wanted) + style_loss(*closer)) / 2
        paired = training.colour_weight * colour + training.feature_weight * content
        loss = g_fake + training.style_weight * style + begun * paired
        run.step(loss, g_steps)
        decay = min(training.average, (1 + done) / (10 + done))
        move_average(averaged.state_dict(), generator.state_dict(), decay)

        done += 1
        if done % 20 == 0:
            run.log(done, d_real=d_real.item(), d_fake=d_fake.item(), g_fake=g_fake.item(),
                    colour=colour.item(), content=content.item(), style=style.item())  # fmt: skip
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
    """Draws canvas, photo, the photo's thumbnail enlarged by the network, and two pictures."""
    device = network.conv_img.weight.device
    rows = []
    for step in range(SHOWN):
        photos, condition = squares[step]
        photos, condition = photos[:1], condition.taken(slice(1))
        cells = [palette()[np.minimum(condition.labels[0].numpy(), 255)], to_pixels(photos)[0]]
        condition = condition.to(device)
        painting = enlarged(functional.adaptive_avg_pool2d(photos, SIDE), *condition.size)
        for seed, given in ((0, painting.to(device)), (0, None), (1, None)):
            generator = torch.Generator().manual_seed(seed)
            noise = network.draw_noise(1, *condition.size, generator).to(device)
            cells.append(to_pixels(network(condition, noise, given))[0])
        rows.append(np.concatenate(cells, 1))
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())
