"""Trains a generator on photos: opens what it needs and runs its recipe."""

from dataclasses import replace
from pathlib import Path

from files.errors import InputError
from files.pictures import picture_size
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.pictures import load_pictures
from trecs.device import channels_last
from trecs.learning.loop import train
from trecs.learning.run import Run
from trecs.synthesis.painter.distilled import load_drawing
from trecs.synthesis.recipe import GeneratorRecipe, GeneratorTraining
from trecs.synthesis.spade import UPSAMPLINGS
from trecs.synthesis.squares import Squares
from trecs.trunks.efficientnet import LITE0, read_trunk
from trecs.trunks.vgg import VggFeatures

LEAST = 0.9
"""Shorter side of the smallest photos learned from, of the squares': as stored, squashed or not."""


def train_generator(
    training: GeneratorTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, the averaged weights
    *,
    thumbnails: Path | None = None,  # a painter's first stage; without, the bundled one
    seed: int = 0,
    minutes: float | None = None,
    start: Path | None = None,  # a generator's folder, whose weights of equal shape begin the run
    vgg: Path | None = None,  # a VGG-16 state dict, for the discriminator and perceptual losses
    trunk: Path
    | None = None,  # EfficientNet-lite0's, for judges of the whole picture; as `vgg`, too
    composed: Path | None = None,  # the canvases that `trecs data compose` made
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Reconstructed after OASIS (Schönfeld et al., ICLR 2021) and, for the thumbnails, after cascaded
    diffusion (Ho et al., JMLR 2022), on random windows of the photos: a window costs a quarter of
    the picture and has its scale, and the network is convolutional. A window begins with its
    photo's thumbnail, of which the first stage does a part of the steps anew; the more it does,
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
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    least = LEAST * training.side
    photos = [p for p in photos if min(picture_size(p.image_path, "photo")) >= least]
    if len(photos) < training.batch:
        raise InputError(
            f"Only {len(photos)} photos of at least {least:.0f} pixels a side with "
            f"label maps in '{dataset.folder}'; a step takes {training.batch}."
        )
    _, stage = load_drawing(thumbnails)
    features = VggFeatures.load(vgg) if vgg else None
    efficientnet = channels_last(read_trunk(LITE0, trunk)) if trunk else None
    pictures = load_pictures(dataset, photos, training.photo, composed, enlarged=False)
    if composed is None:
        training = replace(training, composed=0.0)
    if start is not None:
        training = training.going_on()
    squares = Squares(pictures, training.side, training.side, training.batch, seed, sharp=True)
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        recipe = GeneratorRecipe(training, squares, stage, start, features, efficientnet)
        train(recipe, run, seed=seed)
