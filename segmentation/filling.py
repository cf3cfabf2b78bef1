"""Fills what no mask covers, so that a canvas has no blank spots.

The paper fills from the background and says no more (section 2); that regions grow, and how
far, is reconstructed and chosen by measuring against true label maps.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.labels import FIRST_STUFF, UNLABELED, value_of

WORKING_SIDE = 128  # growth is decided on a grid of this side, then enlarged smoothly
SIDEWAYS = 0.5  # what a step sideways costs a growing region, beside a step up or down
ALONG = 0.5  # what a step costs a sky that grows up or a ground that grows down
AGAINST = 2.0  # what a step costs a sky that grows down or a ground that grows up
BACKGROUND_COST = 0.03  # the background counts as this far away from everywhere

_ABOVE = "sky-other clouds fog ceiling-other ceiling-tile"
_BELOW = (
    "grass ground-other dirt sand snow sea river water-other road pavement gravel mud railroad "
    "playingfield platform rug mat carpet floor-marble floor-other floor-stone floor-tile "
    "floor-wood"
)


def filled(label_map: NDArray[np.uint8], background: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Gives every unlabeled pixel to a region that grows over it, or to the background.

    A region grows outward at the cost of the distance, less sideways; skies grow up and grounds
    down almost freely, and dearly the other way. The background competes at a fixed distance.
    """
    empty = label_map == UNLABELED
    if not empty.any():
        return label_map
    size = len(label_map)
    side = min(size, WORKING_SIDE)
    labels = [int(v) for v in np.unique(label_map) if v != UNLABELED]
    costs = [_growing_cost(label_map == label, label, side) for label in labels]
    behind = _stuff_only(background)
    if behind is not None:
        costs.append(np.full((side, side), BACKGROUND_COST, np.float32))
        for i, label in enumerate(labels):
            costs[i] = np.where(_resized(behind, side) == label, costs[i] * 0.5, costs[i])
    elif not labels:
        behind = _plain_ground(size)
        costs = [np.zeros((side, side), np.float32)]
    # Costs are enlarged, not labels: their level lines are smooth.
    large = [cv2.resize(cost, (size, size), interpolation=cv2.INTER_LINEAR) for cost in costs]
    winner = np.argmin(np.stack(large), 0)
    filling = np.array([*labels, UNLABELED], np.uint8)[winner]
    if behind is not None:
        filling = np.where(winner == len(labels), _resized(behind, size), filling)
    return np.where(empty, filling, label_map)


def _growing_cost(region: NDArray[np.bool_], label: int, side: int) -> NDArray[np.float32]:
    """What it costs a region to grow to each pixel of a (side, side) grid; 0 inside, 1 a side."""
    width = max(round(side * SIDEWAYS), 1)
    shares = cv2.resize(region.astype(np.float32), (width, side), interpolation=cv2.INTER_AREA)
    small = shares >= min(0.5, shares.max())
    distance = cv2.distanceTransform((~small).astype(np.uint8), cv2.DIST_L2, 5)
    cost = cv2.resize(distance, (side, side), interpolation=cv2.INTER_LINEAR) / side
    rows = np.flatnonzero(small.any(1))
    if label in _above():
        cost[: rows[0]] *= ALONG
        cost[rows[-1] + 1 :] *= AGAINST
    elif label in _below():
        cost[: rows[0]] *= AGAINST
        cost[rows[-1] + 1 :] *= ALONG
    return cost


def _stuff_only(background: NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    """The background with its stuff grown over things and gaps; None where it has no stuff."""
    if background is None:
        return None
    stuff = (background >= FIRST_STUFF) & (background != UNLABELED)
    return nearest(background, stuff) if stuff.any() else None


def _plain_ground(size: int) -> NDArray[np.uint8]:
    """What is behind things that come without any stuff: sky above, ground below."""
    plain = np.full((size, size), value_of("sky-other"), np.uint8)
    plain[size // 2 :] = value_of("grass")
    return plain


def nearest(label_map: NDArray[np.uint8], known: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Each pixel's label from the nearest known pixel, of which there is at least one."""
    _, owner = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_owner = np.zeros(int(owner.max()) + 1, np.uint8)
    of_owner[owner[known]] = label_map[known]
    return of_owner[owner]


def _resized(label_map: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return cv2.resize(label_map, (size, size), interpolation=cv2.INTER_NEAREST)


@cache
def _above() -> frozenset[int]:
    return frozenset(value_of(name) for name in _ABOVE.split())


@cache
def _below() -> frozenset[int]:
    return frozenset(value_of(name) for name in _BELOW.split())


def nearest_filled(canvas: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A label map (H, W) whose unlabeled pixels took the label of the nearest labelled one."""
    known = canvas != UNLABELED
    return nearest(canvas, known) if known.any() and not known.all() else canvas
