"""Where things are: boxes by kind, as maps of places that the networks take.

The paper has one box, or the parts of a bird; here every region of a narrative has a box, in the
map of its label's kind (reconstructed).
"""

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from segmentation.labels import FIRST_STUFF, NAMES, UNLABELED

GRID = 16  # places of a map along each side, M
LEAST = 0.01  # of the picture: a smaller piece of a label has no box
PIECES = 3  # of one label that have a box

_THINGS = {"person": 1, "vehicle": 9, "outdoor": 15, "animal": 25, "accessory": 33, "sports": 43,
           "kitchen": 51, "food": 61, "furniture": 71, "indoor": FIRST_STUFF}  # fmt: skip
"""Kinds of things, each with the label after its last."""
_STUFF = {
    "sky": "sky-other clouds fog",
    "water": "sea river water-other waterdrops",
    "snow": "snow",
    "grass": "grass playingfield moss",
    "ground": "dirt sand gravel ground-other mud pavement platform railroad road",
    "plant": "branch bush flower leaves plant-other straw tree",
    "rock": "hill mountain rock stone wood solid-other",
    "building": "bridge building-other house roof skyscraper tent fence cage net railing stairs "
    "structural-other",
    "wall": "wall-brick wall-concrete wall-other wall-panel wall-stone wall-tile wall-wood "
    "ceiling-other ceiling-tile window-blind window-other door-stuff",
    "floor": "floor-marble floor-other floor-stone floor-tile floor-wood carpet mat rug",
}
FURNISHING = "furnishing"  # all other stuff
KINDS = (*_THINGS, *_STUFF, FURNISHING)


class Box(NamedTuple):
    """A box in fractions of the picture, and the number of its kind."""

    kind: int
    left: float
    top: float
    right: float
    bottom: float


def _kind_of(label: int) -> int:
    if label < FIRST_STUFF:
        return next(n for n, after in enumerate(_THINGS.values()) if label < after)
    stuff = (n for n, names in enumerate(_STUFF.values()) if NAMES[label] in names.split())
    return len(_THINGS) + next(stuff, len(_STUFF))


KIND_OF = tuple(_kind_of(label) for label in range(len(NAMES)))
"""The number of each label's kind."""


def boxes_of(labels: NDArray[np.uint8]) -> list[Box]:
    """The boxes of a label map (H, W): of each label its largest pieces."""
    height, width = labels.shape
    boxes = []
    for label in np.unique(labels[labels != UNLABELED]).tolist():
        _, _, stats, _ = cv2.connectedComponentsWithStats((labels == label).astype(np.uint8))
        pieces = sorted(stats[1:].tolist(), key=lambda piece: -piece[cv2.CC_STAT_AREA])
        for left, top, across, down, area in pieces[:PIECES]:
            if area >= LEAST * labels.size:
                edges = left / width, top / height, (left + across) / width, (top + down) / height
                boxes.append(Box(KIND_OF[label], *edges))
    return boxes


def maps_of(boxes: Iterable[Box]) -> Tensor:
    """Maps (P, 16, 16) in [0, 1]: ones that a spatial transformer warps into each box.

    Jaderberg et al. (NIPS 2015), as in the paper's figure 2: bilinear, and zero beyond the box.
    """
    boxes = list(boxes)
    maps = torch.zeros(len(KINDS), GRID, GRID)
    if not boxes:
        return maps
    edges = torch.tensor([box[1:] for box in boxes])  # (N, 4)
    sizes = (edges[:, 2:] - edges[:, :2]).clamp(min=1 / GRID)
    centres = edges[:, :2] + edges[:, 2:] - 1  # in [-1, 1]
    transforms = torch.zeros(len(boxes), 2, 3)
    for axis in range(2):
        transforms[:, axis, axis] = 1 / sizes[:, axis]
        transforms[:, axis, 2] = -centres[:, axis] / sizes[:, axis]
    places = functional.affine_grid(transforms, [len(boxes), 1, GRID, GRID], align_corners=False)
    ones = torch.ones(len(boxes), 1, GRID, GRID)
    warped = functional.grid_sample(ones, places, align_corners=False)[:, 0]
    for box, one in zip(boxes, warped, strict=True):
        maps[box.kind] = torch.maximum(maps[box.kind], one)
    return maps
