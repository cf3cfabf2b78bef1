"""What the painter's stages learn from: squares of photos, and views that were made latents."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmentation.canvas import Canvas
from segmentation.labels import COUNT
from trecs.data.composed import composed_canvas
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.pictures import Picture, to_tensor
from trecs.synthesis.painter.latent_store import LatentStore
from trecs.synthesis.painter.region_colours import region_colours, region_map
from trecs.synthesis.painter.thumbnails import TIMES
from trecs.synthesis.painter.told import POINTS, SAMPLES, SIDE, Told, family_members
from trecs.synthesis.squares import FILM_SHARE

COMPOSED = 0.4  # share of canvases that are composed ones, where there are any
COLOURLESS = 0.5  # share of pictures of which no colour is told; else of each region
WRONG_LABELS = 0.03  # share of labels that become another of their family
DRAWN_EVERY = 8  # views there is one beside whose latents a thumbnail stands that the flow drew


class ThumbnailBatch(NamedTuple):
    """Thumbnails (B, 3, 32, 32) in [-1, 1], their canvases, and weights (B, 1, 32, 32).

    `own`: (B,) bool, whether a canvas is the photo's own label map, not a composed one.
    """

    true: Tensor
    told: Told
    weights: Tensor
    own: Tensor

    def taken(self, part: slice) -> "ThumbnailBatch":
        """A part of the batch."""
        true, told, weights, own = self
        return ThumbnailBatch(true[part], told.taken(part), weights[part], own[part])


class LatentBatch(NamedTuple):
    """Latents (B, 32, 32, 32) float16 as they are, and what is told beside them.

    `thumbnails`: (B, 3, 32, 32) in [-1, 1], the photos' own. `begun`: (B,) float32, up to which of
    the first stage's moments they are, 1 but for some, alike in these; it is to draw the rest.
    `weights`: (B, 1, 32, 32).
    """

    true: Tensor
    thumbnails: Tensor
    begun: Tensor
    told: Told
    weights: Tensor

    def taken(self, part: slice) -> "LatentBatch":
        """A part of the batch."""
        true, thumbnails, begun, told, weights = self
        return LatentBatch(
            true[part], thumbnails[part], begun[part], told.taken(part), weights[part]
        )


class ThumbnailSquares:
    """Random squares of photos; those of step n depend on the seed and n alone."""

    def __init__(self, pictures: Sequence[Picture], batch: int, seed: int) -> None:
        self.pictures, self.batch, self.seed = pictures, batch, seed
        self._shares = _shares([picture.film for picture in pictures])

    def __getitem__(self, step: int) -> ThumbnailBatch:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.pictures), self.batch, replace=False, p=self._shares)
        squares = [self.pictures[i].square(rng, POINTS, POINTS) for i in chosen]
        composed = rng.random(self.batch) < COMPOSED
        canvases = [
            square.composed if other else square.canvas
            for square, other in zip(squares, composed, strict=True)
        ]
        regions = np.stack([region_map(canvas) for canvas in canvases])
        colours = np.stack(
            [
                region_colours(square.photo, numbers)
                for square, numbers in zip(squares, regions, strict=True)
            ]
        )
        labels = np.stack([canvas.label_map for canvas in canvases])
        instances = np.stack([canvas.instance_map for canvas in canvases])
        told = told_of(noisy_labels(labels, rng), instances, regions, withheld(colours, rng))
        accuracy = np.array([square.accuracy for square in squares], np.float32)
        photos = np.stack([square.photo for square in squares])
        own = [square.canvas is canvas for square, canvas in zip(squares, canvases, strict=True)]
        weights = weights_of(told, accuracy)
        return ThumbnailBatch(small(photos), told, weights, torch.tensor(own))


class LatentViewsBatches:
    """Random views of a store; those of step n depend on the seed, n and what the store holds.

    Every photo comes equally often, however many of its views there are; a frame of a film less.
    `composed`: the folder that `trecs data compose` made of the photos of `dataset`. `moments`: of
    the first stage's steps.
    """

    def __init__(
        self,
        store: LatentStore,
        batch: int,
        seed: int,
        dataset: Dataset | None = None,
        composed: Path | None = None,
        moments: Sequence[float] = TIMES,
    ) -> None:
        self.store, self.batch, self.seed, self.composed = store, batch, seed, composed
        self._moments = np.array(moments, np.float32)
        photos = dataset.photos(held_back=False, sets=EVERY_SET) if dataset and composed else ()
        self._named = {f"{photo.source}/{photo.name}": photo for photo in photos}
        usable = np.flatnonzero(~store.held_back)
        order = usable[np.argsort(store.photo[usable], kind="stable")]
        self.photos, self._first, self._views = np.unique(
            store.photo[order], return_index=True, return_counts=True
        )
        self._order = order
        films = [store.names[photo].startswith("camvid/") for photo in self.photos]
        self._shares = _shares(films)

    def __getitem__(self, step: int) -> LatentBatch:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        photos = rng.choice(len(self.photos), self.batch, replace=False, p=self._shares)
        views = self._order[self._first[photos] + rng.integers(self._views[photos])]
        taken = self.store.take(views)
        begun = np.ones(self.batch, np.float32)
        begun[rng.integers(DRAWN_EVERY) :: DRAWN_EVERY] = rng.choice(self._moments[:-1])
        for i in np.flatnonzero((begun < 1) & (rng.random(self.batch) < COMPOSED)):
            canvas = self._composed(int(views[i]))
            if canvas is not None:
                coarse = taken.thumbnails[i].repeat(SAMPLES, 0).repeat(SAMPLES, 1)
                taken.labels[i] = canvas.label_map
                taken.instances[i] = np.minimum(canvas.instance_map, 255)
                taken.regions[i] = region_map(canvas)
                taken.colours[i] = region_colours(coarse, taken.regions[i])
        told = told_of(
            noisy_labels(taken.labels, rng),
            taken.instances,
            taken.regions,
            withheld(taken.colours, rng),
        )
        return LatentBatch(
            torch.from_numpy(taken.latents),
            to_tensor(taken.thumbnails),
            torch.from_numpy(begun),
            told,
            weights_of(told, self.store.accuracy[views]),
        )

    def _composed(self, view: int) -> Canvas | None:
        """The canvas that the studio composes in a view's place, where there is one."""
        photo = self._named.get(self.store.names[self.store.photo[view]])
        kind = str(self.store.kind[view])
        if photo is None or self.composed is None or not kind.startswith("middle"):
            return None
        canvas = composed_canvas(self.composed, photo)
        if canvas is None:
            return None
        width, height = photo.size
        rows, columns = (max(1, side * POINTS // min(width, height)) for side in (height, width))
        canvas = canvas.resized(rows, columns)
        top, left = (rows - POINTS) // 2, (columns - POINTS) // 2
        step = -1 if kind.endswith("mirrored") else 1
        window = (slice(top, top + POINTS), slice(left, left + POINTS))
        return Canvas(
            canvas.label_map[window][:, ::step].copy(),
            canvas.instance_map[window][:, ::step].copy(),
        )


def small(photos: NDArray[np.uint8]) -> Tensor:
    """Square photos (B, S, S, 3) as thumbnails (B, 3, 32, 32) in [-1, 1]: averages."""
    shrunk = [cv2.resize(photo, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for photo in photos]
    return to_tensor(np.stack(shrunk).astype(np.uint8))


def told_of(
    labels: NDArray[np.uint8],
    instances: NDArray[np.integer],
    regions: NDArray[np.uint8] | None = None,
    colours: NDArray[np.floating] | None = None,
) -> Told:
    """`Told.of` of arrays."""
    return Told.of(
        torch.from_numpy(labels),
        torch.from_numpy(instances.astype(np.int32)),
        None if regions is None else torch.from_numpy(regions),
        None if colours is None else torch.from_numpy(colours.astype(np.float32)),
    )


def weights_of(told: Told, accuracy: NDArray[np.float32]) -> Tensor:
    """How much each cell counts, (B, 1, 32, 32): by its labelled share and the map's accuracy.

    What nobody labelled counts for nothing; that a map which is right at two thirds of its pixels
    counts two thirds is reconstructed.
    """
    return told.labelled * torch.from_numpy(accuracy).view(-1, 1, 1, 1)


def withheld(colours: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.float32]:
    """Colours of regions (B, R, 3) of which most are unknown, NaN.

    In COLOURLESS of the pictures all are, in the others each with a probability of one half.
    """
    batch, count = colours.shape[:2]
    hidden = rng.random((batch, count)) < 0.5
    hidden |= rng.random((batch, 1)) < COLOURLESS
    return np.where(hidden[..., None], np.nan, colours).astype(np.float32)


def noisy_labels(labels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Label maps (B, H, W) in which a few labels are taken for others of their family.

    A label changes everywhere in its map, with the probability WRONG_LABELS: what networks that
    make label maps most often get wrong, and taggers, too.
    """
    changed = labels.copy()
    for one in changed:
        present = np.unique(one)
        taken = present[(rng.random(len(present)) < WRONG_LABELS) & (present < COUNT)]
        for label in taken:
            one[one == label] = rng.choice(_RELATIVES.get(int(label), [int(label)]))
    return changed


def _shares(films: Sequence[bool]) -> NDArray[np.float64]:
    """The probability of each photo, (N,): a frame of a film comes FILM_SHARE times as often."""
    shares = np.where(np.array(films, bool), FILM_SHARE, 1.0)
    return shares / shares.sum()


_RELATIVES = {label: members for members in family_members() for label in members}
