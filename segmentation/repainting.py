"""What a repainted label map means for the instances and the placements of the canvas."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.composition import Placement, visible
from segmentation.labels import UNLABELED, is_thing
from segmentation.masks import Mask


def repainted(canvas: Canvas | None, label_map: NDArray[np.uint8]) -> Canvas:
    """The canvas with another label map.

    Things keep their instance where their label stayed. Each connected area where a thing's
    label is new becomes a part of the instance of that label that it touches, or else an
    instance of its own: painting at a dog's tail makes the tail longer, not a second dog.
    """
    if canvas is None or canvas.label_map.shape != label_map.shape:
        canvas = Canvas(
            np.full(label_map.shape, UNLABELED, np.uint8), np.zeros(label_map.shape, np.int32)
        )
    changed = label_map != canvas.label_map
    instances = np.where(changed, 0, canvas.instance_map).astype(np.int32)
    following = int(instances.max(initial=0)) + 1
    for label in np.unique(label_map[changed]).tolist():
        if not is_thing(label):
            continue
        count, areas = cv2.connectedComponents(((label_map == label) & changed).astype(np.uint8))
        for number in range(1, count):
            area = areas == number
            ring = cv2.dilate(area.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~area
            touching = instances[ring & (label_map == label) & (instances > 0)]
            if len(touching):
                instances[area] = np.bincount(touching).argmax()
            else:
                instances[area] = following
                following += 1
    return Canvas(label_map, instances)


def remaining(
    placements: Sequence[Placement], composed: Canvas, label_map: NDArray[np.uint8]
) -> tuple[Placement | None, ...]:
    """What is left of each placement after the canvas that was composed of them was painted over.

    A placement of which nothing is seen any more is None. Another one's mask loses the pixels that
    were given another label; what other things hid of it, and hide still, stays part of it.
    """
    if label_map.shape != composed.label_map.shape:
        return (None,) * len(placements)
    painted = label_map != composed.label_map
    left: list[Placement | None] = []
    for placement, seen in zip(placements, visible(placements, composed), strict=True):
        labels = [how.label for how in placement.moved] or [placement.label] * len(placement.masks)
        shapes = [mask.render(*label_map.shape) for mask in placement.masks]
        lost = [painted & (label_map != label) for label in labels]
        rest = [Mask.from_full(s & ~gone) for s, gone in zip(shapes, lost, strict=True)]
        there = [i for i, mask in enumerate(rest) if mask is not None]
        if not any((seen & s & ~gone).any() for s, gone in zip(shapes, lost, strict=True)):
            left.append(None)
        elif any((shape & gone).any() for shape, gone in zip(shapes, lost, strict=True)):
            moved = tuple(placement.moved[i] for i in there) if placement.moved else ()
            masks = tuple(mask for mask in rest if mask is not None)
            left.append(replace(placement, masks=masks, moved=moved))
        else:
            left.append(placement)
    return tuple(left)
