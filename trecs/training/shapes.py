"""Fits the shape model to the silhouettes of the training photos: one decomposition, no loop."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.shapes import SIDE, ShapeConfig, ShapeModel, distance_field, save
from segmentation.errors import InputError
from trecs.training.data import Dataset
from trecs.training.shape_data import shape_set, silhouettes

NEAREST = 15  # neighbours that say how typical a silhouette is


@dataclass(frozen=True)
class ShapesTraining:
    """The numbers of a shape training."""

    model: ShapeConfig = field(default_factory=ShapeConfig)
    passes: int = 4  # power iterations of the randomised decomposition
    seed: int = 0

    @staticmethod
    def tiny() -> "ShapesTraining":
        """The same fit with few components, for tests."""
        return ShapesTraining(model=ShapeConfig.tiny(), passes=2)


def train(config: ShapesTraining, data: Path, out: Path) -> ShapeModel:
    """Fits the shape model to a data folder's training part and stores it in `out`.

    Raises InputError where `data` has fewer silhouettes than the model has components.
    """
    found = silhouettes(Dataset(data))
    if len(found) <= config.model.latent:
        raise InputError(
            f"'{data}' holds {len(found)} silhouettes, too few for {config.model.latent} "
            "components; expected coco_mini/, flickr/ or camvid/ in it (`trecs data prepare` "
            "makes them from COCO)."
        )
    bitmaps, labels, aspects = shape_set(found, SIDE)
    model = fit(config, bitmaps > 127, labels, aspects)
    save(model, out)
    return model


def fit(
    config: ShapesTraining,
    bitmaps: NDArray[np.bool_],
    labels: NDArray[np.uint8],
    aspects: NDArray[np.float32],
) -> ShapeModel:
    """The principal components of the silhouettes' distance fields, and all their codes.

    `bitmaps` (N, 64, 64), `labels` and `aspects` (N,).
    """
    fields = np.stack([distance_field(bitmap) for bitmap in bitmaps]).reshape(len(bitmaps), -1)
    mean = fields.mean(0)
    centred = torch.from_numpy(fields - mean)
    torch.manual_seed(config.seed)
    _, _, axes = torch.pca_lowrank(
        centred, config.model.latent, center=False, niter=config.passes
    )  # (S*S, latent)
    codes = (centred @ axes).numpy()
    return ShapeModel(
        config=config.model,
        mean=mean,
        components=axes.T.contiguous().numpy(),
        codes=codes,
        labels=labels,
        aspects=aspects,
        typical=typicality(codes, labels, aspects),
    )


def typicality(
    codes: NDArray[np.float32], labels: NDArray[np.uint8], aspects: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How much of its label is among each silhouette's nearest others, (N,) in [0, 1].

    Labels count in inverse proportion to the root of their silhouettes, so that frequent ones
    do not crowd out the rest. Fragments and shapeless outlines get low values.
    """
    aspect_scale = float(np.sqrt(np.square(codes).sum(1).mean()))
    points = np.column_stack((codes, aspect_scale * np.log(aspects))).astype(np.float32)
    squares = np.square(points).sum(1)
    worth = 1 / np.sqrt(np.bincount(labels, minlength=256))[labels]
    values = np.zeros(len(codes), np.float32)
    for part in np.array_split(np.arange(len(points)), -(-len(points) // 512)):
        gaps = squares[part, None] + squares - 2 * points[part] @ points.T
        gaps[np.arange(len(part)), part] = np.inf
        nearest = np.argsort(gaps, 1)[:, :NEAREST]
        same = labels[nearest] == labels[part, None]
        values[part] = (worth[nearest] * same).sum(1) / worth[nearest].sum(1)
    return values
