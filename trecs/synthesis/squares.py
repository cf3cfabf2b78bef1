"""Random squares of photos and their canvases, which trainings of generators learn from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from trecs.data.pictures import Picture, to_tensor
from trecs.synthesis.condition import Condition

FILM_SHARE = 0.25
"""How often a frame of a film is taken, beside a photo: its neighbours show the same street."""


class Batch(NamedTuple):
    """Photos (B, 3, S, S) in [-1, 1], their canvases, and what the studio composes of those.

    `accuracies`: (B,) float, the share of each photo's own canvas that is expected to be right.
    """

    photos: Tensor
    canvases: Condition
    composed: Condition
    accuracies: Tensor

    def taken(self, part: slice) -> "Batch":
        """A part of the batch."""
        return Batch(
            self.photos[part],
            self.canvases.taken(part),
            self.composed.taken(part),
            self.accuracies[part],
        )


class Squares:
    """Random batches for training: the squares of step n depend on the seed and n alone.

    `side`: pixels of a photo's side; `canvas_side`: of its canvas's; `sharp`: see `Picture.square`.
    """

    def __init__(
        self,
        pictures: Sequence[Picture],
        side: int,
        canvas_side: int,
        batch: int,
        seed: int,
        *,
        sharp: bool = False,
    ) -> None:
        self.pictures, self.side, self.canvas_side = pictures, side, canvas_side
        self._sharp = sharp
        self.batch, self.seed = batch, seed
        shares = np.array([FILM_SHARE if picture.film else 1.0 for picture in pictures])
        self._shares = shares / shares.sum()

    def __getitem__(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.choice(len(self.pictures), self.batch, replace=False, p=self._shares)
        squares = [
            self.pictures[i].square(rng, self.side, self.canvas_side, sharp=self._sharp)
            for i in chosen
        ]
        photos = to_tensor(np.stack([square.photo for square in squares]))
        canvases = composed = Condition.of(*(square.canvas for square in squares))
        if any(square.composed is not square.canvas for square in squares):
            composed = Condition.of(*(square.composed for square in squares))
        accuracies = torch.tensor([square.accuracy for square in squares])
        return Batch(photos, canvases, composed, accuracies)
