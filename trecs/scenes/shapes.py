"""Fits the shape model: mixes the silhouettes of the training photos into a bank of new ones."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.families import USED_LABELS, relatives
from retrieval.shapes import SIDE, ShapeConfig, ShapeModel, distance_field, save
from segmentation.fitting import filled_hull
from segmentation.labels import is_thing
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.scenes.shape_data import ShapeSet, shape_set, silhouettes, stretched
from trecs.scenes.shape_mixing import mix
from trecs.scenes.telling import drawn

NEAREST = 15  # neighbours that say how typical a silhouette is
COARSE = 16  # side of the fields that typicality compares
ENOUGH_CLEAR = 5  # of a label; with fewer, its other silhouettes are parents, too
ENOUGH_OWN = 4  # with fewer, its family's are
ENOUGH_TELLING = 4  # picked or drawn ones of a label, from which on they alone are parents
PER_PARENT = 2  # silhouettes in the bank for each parent, as far as the bank's limits allow
PER_TELLING = 5  # the same for each that was picked or drawn


@dataclass(frozen=True)
class ShapesTraining:
    """The numbers of a shape training."""

    model: ShapeConfig = field(default_factory=ShapeConfig)
    seed: int = 0

    @staticmethod
    def tiny() -> "ShapesTraining":
        """The same fit of a smaller bank, for tests."""
        return ShapesTraining(model=ShapeConfig.tiny())


def train(config: ShapesTraining, data: Path, out: Path) -> ShapeModel:
    """Fits the shape model to a data folder's training part and stores it in `out`.

    Raises InputError where `data` has no silhouettes.
    """
    found = silhouettes(Dataset(data), sets=EVERY_SET)
    if not found:
        raise InputError(
            f"'{data}' holds no silhouettes; expected coco_mini/, flickr/ or camvid/ in it "
            "(`trecs data prepare` makes them from COCO)."
        )
    model = fit(config, with_drawn(shape_set(found, SIDE)))
    save(model, out)
    return model


def fit(config: ShapesTraining, known: ShapeSet) -> ShapeModel:
    """A bank of synthetic silhouettes for every label that has any, or whose family has.

    Each label has its own random stream, so that labels do not change each other's silhouettes.
    """
    worth = telling(known)
    bitmaps, labels, aspects = [], [], []
    for label in USED_LABELS:
        chosen = known.labels == label
        usable = chosen & known.clear
        if usable.sum() < ENOUGH_CLEAR:
            usable = chosen
        if chosen.sum() < ENOUGH_OWN:
            chosen = chosen | np.isin(known.labels, np.array(relatives(label), np.uint8))
            usable = chosen & (known.clear | (known.labels == label))
            usable = usable if usable.any() else chosen
        if not chosen.any():
            continue
        telling_ones = known.telling & (known.labels == label)
        picked = telling_ones.sum() >= ENOUGH_TELLING
        if picked:
            chosen, usable = chosen | telling_ones, telling_ones
        most = config.model.most_things if is_thing(label) else config.model.most_stuff
        each = PER_TELLING if picked else PER_PARENT
        count = int(np.clip(each * usable.sum(), config.model.least, most))
        rng = np.random.default_rng((config.seed, label))
        made, shown_at = mix(
            known.where(chosen), np.where(usable, worth, 0)[chosen], count, label, rng
        )
        bitmaps.append(made)
        labels.append(np.full(count, label, np.uint8))
        aspects.append(shown_at)
    return ShapeModel(
        config.model, np.concatenate(bitmaps), np.concatenate(labels), np.concatenate(aspects)
    )


def with_drawn(known: ShapeSet) -> ShapeSet:
    """The silhouettes of photos and, after them, those that were drawn."""
    found = [(label, *outline) for label in USED_LABELS for outline in drawn(label)]
    count = len(found)
    return ShapeSet(
        bitmaps=np.concatenate([known.bitmaps, [stretched(b, SIDE) for _, b, _ in found]]),
        labels=np.append(known.labels, np.array([label for label, _, _ in found], np.uint8)),
        aspects=np.append(known.aspects, np.array([a for _, _, a in found], np.float32)),
        clear=np.append(known.clear, np.ones(count, bool)),
        free=np.append(known.free, np.ones(count, np.float32)),
        photos=np.append(known.photos, [f"drawn/{i}" for i in range(count)]),
        telling=np.append(known.telling, np.ones(count, bool)),
    )


def telling(known: ShapeSet) -> NDArray[np.float32]:
    """How well each silhouette shows what it is, (N,): typical, free of others, no mere blob.

    All that were picked by eye or drawn are worth the same. Stuff has no shape of its own: a map's
    is worth what its accuracy lets expect.
    """
    limbs = np.array([(1.2 - solidity(bitmap)) ** 2 for bitmap in known.bitmaps])
    worth = typicality(known) ** 2 * (0.05 + known.free**2) * limbs
    things = np.array([is_thing(int(label)) for label in known.labels])
    worth = np.where(things, worth, known.free)
    return np.where(known.telling, 1, worth).astype(np.float32)


def solidity(bitmap: NDArray[np.bool_]) -> float:
    """The share of its convex hull that a silhouette covers."""
    return float(bitmap.sum() / filled_hull(bitmap).sum())


def typicality(known: ShapeSet) -> NDArray[np.float32]:
    """How much of its label is among each silhouette's nearest others, (N,) in (0, 1].

    Labels count in inverse proportion to the root of their silhouettes, so that frequent ones
    do not crowd out the rest. Fragments and shapeless outlines get low values.
    """
    fields = np.stack([_coarse(bitmap) for bitmap in known.bitmaps])
    scale = float(np.sqrt(np.square(fields - fields.mean(0)).sum(1).mean()))
    points = np.column_stack((fields, scale * np.log(known.aspects))).astype(np.float32)
    squares = np.square(points).sum(1)
    labels = known.labels
    weight = 1 / np.sqrt(np.bincount(labels, minlength=256))[labels]
    values = np.zeros(len(points), np.float32)
    for part in np.array_split(np.arange(len(points)), -(-len(points) // 512)):
        gaps = squares[part, None] + squares - 2 * points[part] @ points.T
        gaps[np.arange(len(part)), part] = np.inf
        nearest = np.argpartition(gaps, min(NEAREST, len(points) - 1), 1)[:, :NEAREST]
        same = labels[nearest] == labels[part, None]
        values[part] = (weight[nearest] * same).sum(1) / weight[nearest].sum(1)
    return 0.05 + 0.95 * values


def _coarse(bitmap: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The distance field of a bitmap at a lower resolution, (COARSE * COARSE,)."""
    field = cv2.resize(distance_field(bitmap), (COARSE, COARSE), interpolation=cv2.INTER_AREA)
    return np.asarray(field, np.float32).ravel()
