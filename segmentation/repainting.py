"""What a repainted label map means for the instances of the canvas."""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED, is_thing


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
