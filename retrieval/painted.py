"""Scenes of label maps: who has photos and their maps alone needs no annotation file."""

import numpy as np
from numpy.typing import NDArray

from segmentation.composition import Placement, back_to_front
from segmentation.labels import COUNT, FIRST_STUFF
from segmentation.masks import Mask

SMALLEST_STUFF = 0.002  # share of the photo
SMALLEST_THING = 0.0005


def scene_masks(
    label_map: NDArray[np.uint8], instance_map: NDArray[np.int32]
) -> list[tuple[int, Mask]]:
    """The masks of a map (H, W) and its instances (H, W), 0 where there is none, back to front."""
    things = []
    for number in np.unique(instance_map[(instance_map > 0) & (label_map < FIRST_STUFF)]):
        shape = instance_map == number
        label = int(np.bincount(label_map[shape]).argmax())
        mask = Mask.from_full(shape & (label_map == label))
        if mask is not None and mask.area >= SMALLEST_THING:
            things.append(Placement(label, (mask,)))
    return [*stuff_masks(label_map), *((p.label, p.mask) for p in back_to_front(things))]


def stuff_masks(label_map: NDArray[np.uint8]) -> list[tuple[int, Mask]]:
    """One mask for each stuff label of a map, larger ones first."""
    counts = np.bincount(label_map.ravel(), minlength=256)[FIRST_STUFF:COUNT]
    masks = []
    for offset in np.argsort(-counts, kind="stable"):
        if counts[offset] < max(SMALLEST_STUFF * label_map.size, 1):
            break
        mask = Mask.from_full(label_map == FIRST_STUFF + offset)
        if mask is not None:
            masks.append((int(FIRST_STUFF + offset), mask))
    return masks
