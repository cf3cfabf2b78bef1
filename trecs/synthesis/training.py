"""Trains a generator on photos: opens what it needs and runs its recipe."""

from dataclasses import replace
from pathlib import Path

from files.errors import InputError
from files.weights import BUNDLED
from trecs.data.dataset import Dataset
from trecs.data.pictures import load_pictures
from trecs.learning.loop import train
from trecs.learning.run import Run
from trecs.synthesis.generator import Generator
from trecs.synthesis.recipe import GeneratorRecipe, GeneratorTraining
from trecs.synthesis.spade import UPSAMPLINGS, channels_last
from trecs.synthesis.squares import Squares
from trecs.synthesis.thumbnail import ThumbnailFlow
from trecs.synthesis.thumbnail_training import load_thumbnails
from trecs.trunks.efficientnet import LITE0, read_trunk
from trecs.trunks.vgg import VggFeatures


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
        recipe = GeneratorRecipe(training, squares, flow, start, features, efficientnet)
        train(recipe, run, seed=seed)


def bundled_thumbnails() -> ThumbnailFlow:
    """The flow of the generator that comes with the repository."""
    flow = Generator.load(BUNDLED / "generator").network.thumbnail
    assert flow is not None
    return flow
