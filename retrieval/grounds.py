"""The stuff of generated scenes: a ground without gaps, and what stands before it as a whole.

Reconstructed. Stuff competes for every pixel, so that it tiles the picture. Houses and trees are
stuff to COCO, yet have a shape: mostly they stand whole before the rest.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.families import FAMILIES
from retrieval.layouts import Floats, LayoutModel
from retrieval.shapes import ShapeModel
from segmentation.filling import nearest
from segmentation.labels import value_of
from segmentation.masks import Box, Mask

SIDE = 96  # pixels of the picture in which a scene is put together
LARGE_STUFF = 0.1  # share of the picture; smaller regions lie on top instead of competing
SMALLEST = 0.0015  # share of the picture; smaller pieces of stuff are left to their neighbours
TRIES = 8  # boxes drawn for a region, of which the most usual one is taken
WHOLE = 0.7  # share of the scenes in which these stand whole instead of competing for pixels
BACKGROUND = frozenset(
    value_of(name)
    for family in ("sky", "water", "ground", "floor", "wall", "ceiling", "building")
    for name in FAMILIES[family]
)


def stuff_map(
    shape_model: ShapeModel, layout: LayoutModel, labels: list[int], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A (SIDE, SIDE) uint8 map of stuff without a gap.

    Every label's score in a pixel joins how often it lies there with a silhouette of its own
    in a box of its own; the highest score wins. Small regions are put on top afterwards.
    """
    boxes = {label: _habitual(layout, label, rng) for label in labels}
    large = [i for i in labels if i in BACKGROUND or area(boxes[i]) > LARGE_STUFF] or labels
    aspects = np.array([aspect(boxes[label]) for label in labels])
    bitmaps = dict(
        zip(labels, shape_model.sample(np.array(labels, np.int64), rng, aspects), strict=True)
    )
    scores = np.stack([_score(layout, i, Mask(boxes[i], bitmaps[i]), rng) for i in large])
    painted = np.array(large, np.uint8)[scores.argmax(0)]
    for label in sorted(set(labels) - set(large), key=lambda i: -area(boxes[i])):
        painted[Mask(boxes[label], bitmaps[label]).render(SIDE, SIDE)] = label
    return _without_crumbs(painted)


def whole_silhouette(
    shape_model: ShapeModel, layout: LayoutModel, label: int, rng: np.random.Generator
) -> Mask:
    """A whole silhouette of stuff, at an aspect of its own, where that label usually is."""
    left, top, right, bottom = _habitual(layout, label, rng)
    shown_at = float(rng.choice(shape_model.aspects_of(label)))
    height = min(max(bottom - top, 0.15), 0.75, 0.9 / shown_at)
    width = height * shown_at
    left = min(max((left + right - width) / 2, 0.0), 1 - width)
    foot = min(max(bottom, height), 0.97)
    box = (left, foot - height, left + width, foot)
    return Mask(box, shape_model.sample(np.array([label]), rng, np.array([shown_at]))[0])


def area(box: Box) -> float:
    """The share of the picture that a box has."""
    return (box[2] - box[0]) * (box[3] - box[1])


def aspect(box: Box) -> float:
    """Width over height of a box in a square picture."""
    return (box[2] - box[0]) / (box[3] - box[1])


def _habitual(layout: LayoutModel, label: int, rng: np.random.Generator) -> Box:
    """A box for stuff where that label usually lies: the best of a few."""
    habit = _habit(layout, label)

    def worth(box: Box) -> float:
        inside = Mask(box, np.ones((1, 1), bool)).render(SIDE, SIDE)
        return float(habit[inside].mean()) + 0.3 * rng.gumbel()

    return max(layout.boxes(label, TRIES, rng), key=worth)


def _score(layout: LayoutModel, label: int, mask: Mask, rng: np.random.Generator) -> Floats:
    """How strongly a stuff label claims each pixel, (SIDE, SIDE)."""
    inside = mask.render(SIDE, SIDE).astype(np.uint8)
    within = cv2.distanceTransform(np.pad(inside, 1, mode="edge"), cv2.DIST_L2, 5)[1:-1, 1:-1]
    beyond = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    claim = np.tanh(within / 3) - np.tanh(beyond / 3) - 0.04 * beyond
    whim = cv2.resize(
        rng.normal(0, 0.15, (5, 5)).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC
    )
    score: Floats = (
        1.4 * _habit(layout, label) + 1.1 * claim + whim - 0.4 * np.log(area(mask.box) + 0.1)
    )
    return score


def _habit(layout: LayoutModel, label: int) -> Floats:
    """The logarithm of how often a label covers each pixel, (SIDE, SIDE)."""
    habit: Floats = cv2.resize(
        np.log(layout.statistics.occupancy[label] + 0.02),
        (SIDE, SIDE),
        interpolation=cv2.INTER_CUBIC,
    )
    return habit


def _without_crumbs(painted: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A stuff map whose smallest connected pieces went to the nearest other stuff."""
    smooth = cv2.medianBlur(painted, 3)
    crumbs = np.zeros(smooth.shape, bool)
    for label in np.unique(smooth):
        count, parts, numbers, _ = cv2.connectedComponentsWithStats(
            (smooth == label).astype(np.uint8)
        )
        for i in range(1, count):
            if numbers[i, cv2.CC_STAT_AREA] < SMALLEST * smooth.size:
                crumbs |= parts == i
    return nearest(smooth, ~crumbs)
