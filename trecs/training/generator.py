"""Trains a generator adversarially against a segmentation discriminator."""

import copy
import io
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from retrieval.weights import save_weights, write_atomically
from segmentation.canvas import Canvas
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
from trecs.generators.spade import UPSAMPLINGS, SpadeConfig, SpadeGenerator, channels_last
from trecs.generators.vgg import CHANNELS, VggFeatures
from trecs.training.augmentation import Jitter
from trecs.training.data import Dataset
from trecs.training.optimization import move_average
from trecs.training.pictures import Patches, appearances, load_pictures, to_pixels
from trecs.training.run import Run

SHOWN = 8  # pictures of the sheet that every save draws


@dataclass(frozen=True)
class GeneratorTraining:
    """The numbers of a training; the defaults run on a CPU."""

    generator: SpadeConfig = field(default_factory=SpadeConfig.bundled)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    steps: int = 20_000
    batch: int = 4
    side: int = 256  # shorter side of the photos
    patch: int = 128  # side of the squares trained on: a multiple of 32
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
            SpadeConfig.tiny(), DiscriminatorConfig.tiny(), steps=4, batch=2, side=64, patch=32
        )


def train_generator(
    training: GeneratorTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    seed: int = 0,
    minutes: float | None = None,
    start: Path | None = None,  # a generator's folder, whose weights of equal shape begin the run
    vgg: Path | None = None,  # a VGG-16 state dict, for the discriminator and perceptual losses
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Reconstructed after OASIS (Schönfeld et al., ICLR 2021), on random patches of the photos: a
    patch costs a quarter of the picture and has its scale, and the network is convolutional.
    Raises InputError where there are no photos, a patch does not fit or the state is damaged.
    """
    if training.patch % (1 << UPSAMPLINGS) or training.patch > training.side:
        raise InputError(
            f"A patch of {training.patch} pixels cannot be trained on; expected a multiple of "
            f"{1 << UPSAMPLINGS}, at most the {training.side} pixels of a photo's shorter side."
        )
    photos = dataset.photos(held_back=False)
    if len(photos) < training.batch:
        raise InputError(f"Only {len(photos)} photos with label maps in '{dataset.folder}'.")
    trunk = VggFeatures.load(vgg) if vgg else None
    patches = Patches(load_pictures(dataset, photos, training.side), training.patch,
                      training.batch, seed)  # fmt: skip
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        _train(training, run, patches, start, trunk, seed)


def _train(
    training: GeneratorTraining,
    run: Run,
    patches: Patches,
    start: Path | None,
    trunk: VggFeatures | None,
    seed: int,
) -> None:
    """The loop: discriminator and generator take a step in turn; the averaged weights are kept."""
    generator = channels_last(SpadeGenerator(training.generator))
    if start is not None:
        _begin_with(generator, Generator.load(start).network)
    if generator.appearance is not None:
        generator.appearance.learn(*appearances(patches.pictures))
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
    features = run.fabric.setup_module(channels_last(trunk)) if trunk else None
    size, part = training.patch, run.share(training.batch)

    while done < training.steps and not run.over:
        torch.manual_seed((seed << 32) + done)
        real, condition, looks = patches[done]
        noise, texture = averaged.draw_noise(training.batch, size, size)
        jitter = Jitter.drawn(training.batch, training.jitter)
        real, noise, texture = (run.fabric.to_device(t[part]) for t in (real, noise, texture))
        condition = run.fabric.to_device(Condition(*(t[part] for t in condition)))
        looks = run.fabric.to_device(looks._replace(rows=looks.rows[part]))
        jitter = jitter.of(part, run.fabric.device)
        half = nearest(condition.labels, size // 2, size // 2)

        generated = generator(condition, noise, texture, looks)
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
            windows = _features(features, *_window(*views), halved=False)
            content = feature_loss(seen, wanted)
            style = (style_loss(seen, wanted) + style_loss(*windows)) / 2
        loss = g_fake + training.colour_weight * colour
        loss = loss + training.feature_weight * content + training.style_weight * style
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
                _export(training, averaged, run.folder / "model")
                _draw_samples(averaged, patches, run.folder / "samples.png", run.fabric.device)


def _export(training: GeneratorTraining, averaged: SpadeGenerator, folder: Path) -> None:
    """Writes the averaged weights in half precision."""
    half_precision = {
        name: value.half() if value.is_floating_point() else value
        for name, value in averaged.state_dict().items()
    }
    save_weights(folder, "generator", training.generator, half_precision)


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
    trunk: nn.Module | None, generated: Tensor, real: Tensor, *, halved: bool = True
) -> tuple[list[Tensor], list[Tensor]]:
    """The trunk's features of both, of halved pictures at the discriminator's resolutions.

    Without a trunk there are none.
    """
    if trunk is None:
        return [], []
    if halved:
        generated = nn.functional.avg_pool2d(generated, 2)
        real = nn.functional.avg_pool2d(real, 2)
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
def _draw_samples(
    averaged: SpadeGenerator, patches: Patches, path: Path, device: torch.device
) -> None:
    """Draws canvas, photo and two pictures of the same few training photos, cut to squares."""
    side = min(picture.photo.shape[i] for picture in patches.pictures for i in (0, 1)) // 32 * 32
    rows = []
    averaged.eval()
    for index in range(0, len(patches.pictures), max(len(patches.pictures) // SHOWN, 1)):
        picture = patches.pictures[index]
        canvas = Canvas(
            picture.canvas.label_map[:side, :side], picture.canvas.instance_map[:side, :side]
        )
        condition = Condition.of(canvas, device=device)
        cells = [
            torch.from_numpy(palette()[canvas.label_map]),
            torch.from_numpy(picture.photo[:side, :side].copy()),
        ]
        for seed in (0, 1):
            noise, texture = averaged.draw_noise(1, side, side, torch.Generator().manual_seed(seed))
            drawn = averaged(condition, noise.to(device), texture.to(device))
            cells.append(torch.from_numpy(to_pixels(drawn)[0]))
        rows.append(torch.cat(cells, 1))
    buffer = io.BytesIO()
    Image.fromarray(torch.cat(rows).numpy()).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())
