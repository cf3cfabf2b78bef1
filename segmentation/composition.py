"""From placed masks to a canvas that is covered everywhere.

The paper asks for a canvas without blank spots and says no more (section 2); the
order here is reconstructed and chosen by measuring; filling is in `segmentation.filling`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.canvas import Canvas
from segmentation.filling import filled, nearest
from segmentation.labels import UNLABELED, is_thing
from segmentation.masks import Mask, together
from segmentation.moves import Moved

SPECK = 0.001  # share of the canvas below which a separate piece is noise
VISIBLE = 0.12  # a thing of which less shows is moved in front
LEFT = 0.35  # of what something hides because words say so must still be seen
STEP = 1e-3  # of depth between what hides and what is hidden
NOTHING = Mask((0.0, 0.0, 0.0, 0.0), np.zeros((1, 1), bool))


@dataclass(frozen=True, eq=False)
class Placement:
    """A mask with its label, already moved and scaled to where it belongs, or those of a group.

    `masks`: one for each thing of a group, which stay instances of their own; mostly one alone.
    `source` is its id in the scene library, of a group's that of the first; -1 where it comes
    from elsewhere. `nearer`: by how much it is moved forward, in units of `depth`, since something
    is said to be behind it; None where nothing is. `moved`: what somebody did by hand to each of
    the masks, which may have other labels since; empty where nobody touched the canvas. Then all of
    its placements tell it, and those that were deleted have no masks.
    """

    label: int
    masks: tuple[Mask, ...]
    source: int = -1
    nearer: float | None = None
    moved: tuple[Moved, ...] = ()

    @cached_property
    def mask(self) -> Mask:
        """The masks as one, which is empty where there are none."""
        return together(self.masks) if self.masks else NOTHING

    @property
    def depth(self) -> float:
        """Grows from back to front: 3 bottom - log area, and what was said.

        It agrees with who hides whom for 71 % of 1,018 overlapping pairs of COCO things (area
        alone: 69 %, the bottom edge alone: 42 %, since things stand on tables). Reconstructed.
        """
        return 3 * self.mask.box[3] - float(np.log(max(self.mask.area, 1e-9))) + (self.nearer or 0)

    def apart(self) -> "list[Placement]":
        """A placement for each of its masks, with the label that it has by now."""
        if self.moved:
            both = zip(self.masks, self.moved, strict=True)
            return [replace(self, masks=(m,), label=how.label, moved=(how,)) for m, how in both]
        return [self] if len(self.masks) == 1 else [replace(self, masks=(m,)) for m in self.masks]


def compose(
    placements: Sequence[Placement], size: int, background: NDArray[np.uint8] | None = None
) -> Canvas:
    """Paints placements on a (size, size) canvas and fills what stays empty with stuff.

    `background`: (size, size) uint8 label map of what is behind everything, such as the retrieved
    scenes vote for, or None; only its stuff is used. In the canvas every pixel has a label, and
    the things, also those of a group, are numbered from 1 from back to front, as `back_to_front`
    orders them: one that is moved in front afterwards, so that it is seen, keeps its number, and
    one of which nothing is seen leaves its number unused.

    Where somebody moved masks by hand, each lies where its order says, stuff and things alike, and
    nothing is moved in front of it.
    """
    if by_hand(placements):
        return _compose_in_order(placements, size, background)
    stuff = [p for p in placements if not is_thing(p.label)]
    things = [one for _, one in single_things(placements)]
    label_map = _without_specks(filled(painted_stuff(stuff, size)[0], background))
    instance_map, _ = painted_things([p.mask.render(size, size) for p in things], size)
    for one in back_to_front([p for p in stuff if p.nearer is not None]):
        hidden = hidden_by(one, things, instance_map)
        label_map[hidden], instance_map[hidden] = one.label, 0
    _drop_specks(instance_map, len(things))
    front = np.array([UNLABELED, *(p.label for p in things)], np.uint8)[instance_map]
    return Canvas(np.where(instance_map > 0, front, label_map), instance_map)


def visible(placements: Sequence[Placement], canvas: Canvas) -> list[NDArray[np.bool_]]:
    """Where each placement is seen on the canvas that `compose` made of them, (H, W) bool each.

    A thing is seen where its number is, a group where one of its numbers is, stuff where its mask
    shows its label.
    """
    size = canvas.label_map.shape
    stuff = np.where(canvas.instance_map > 0, UNLABELED, canvas.label_map)
    seen = [np.isin(canvas.instance_map, numbers) for numbers in instance_numbers(placements)]
    for there, placement in zip(seen, placements, strict=True):
        for one in placement.apart() if placement.moved else [placement]:
            if not is_thing(one.label):
                there |= one.mask.render(*size) & (stuff == one.label)
    return seen


def instance_numbers(placements: Sequence[Placement]) -> list[tuple[int, ...]]:
    """The numbers that each placement's things have on the canvas composed of them; stuff none."""
    numbers: dict[int, list[int]] = {}
    for number, (owner, _) in enumerate(single_things(placements), 1):
        numbers.setdefault(id(owner), []).append(number)
    return [tuple(numbers.get(id(placement), ())) for placement in placements]


def single_things(placements: Sequence[Placement]) -> list[tuple[Placement, Placement]]:
    """Each thing's placement and its own by itself, back to front; a group's follow one another.

    Sorted one by one they would come in front of more, which costs 0.004 of the canvas's mean IoU.
    Those that were moved by hand are in their own order, one by one.
    """
    if by_hand(placements):
        return [(owner, one) for owner, one in in_order(placements) if is_thing(one.label)]
    things = back_to_front([p for p in placements if is_thing(p.label)])
    return [(thing, one) for thing in things for one in back_to_front(thing.apart())]


def by_hand(placements: Sequence[Placement]) -> bool:
    """Whether somebody moved masks of these."""
    return any(placement.moved for placement in placements)


def in_order(placements: Sequence[Placement]) -> list[tuple[Placement, Placement]]:
    """Each mask's placement and its own by itself, of those moved by hand, back to front."""
    every = [(owner, one) for owner in placements if owner.masks for one in owner.apart()]
    return sorted(every, key=lambda pair: pair[1].moved[0].order)


def back_to_front(placements: Sequence[Placement]) -> list[Placement]:
    """Things in the order to paint them: far and large ones first."""
    return sorted(placements, key=lambda p: p.depth)


def brought_forward(
    placements: Sequence[Placement], in_front: Sequence[tuple[int, int]]
) -> list[Placement]:
    """Placements of which some are said to be in front of others.

    `in_front`: pairs of their numbers, (nearer, farther). Of pairs that contradict one another the
    last ones count.
    """
    result = list(placements)
    for _ in placements:
        for near, far in in_front:
            lack = result[far].depth + STEP - result[near].depth
            nearer = (result[near].nearer or 0) + max(lack, 0)
            result[near] = replace(result[near], nearer=nearer)
    return result


def _compose_in_order(
    placements: Sequence[Placement], size: int, background: NDArray[np.uint8] | None
) -> Canvas:
    """As `compose`, of masks that were moved by hand."""
    ordered = [(one, one.mask.render(size, size)) for _, one in in_order(placements)]
    label_map = np.full((size, size), UNLABELED, np.uint8)
    for one, shape in ordered:
        if not is_thing(one.label):
            label_map[shape] = one.label
    label_map = _without_specks(filled(label_map, background))
    instance_map = np.zeros((size, size), np.int32)
    labels = [UNLABELED]
    for one, shape in ordered:
        if is_thing(one.label):
            instance_map[shape] = len(labels)
            labels.append(one.label)
        elif len(labels) > 1:  # it lies on things
            label_map[shape], instance_map[shape] = one.label, 0
    _drop_specks(instance_map, len(labels) - 1)
    front = np.array(labels, np.uint8)[instance_map]
    return Canvas(np.where(instance_map > 0, front, label_map), instance_map)


def painted_stuff(
    stuff: Sequence[Placement], size: int
) -> tuple[NDArray[np.uint8], list[Placement]]:
    """The stuff masks on an empty label map, and the order in which they were painted.

    Larger ones are first, those said to be in front last.
    """
    label_map = np.full((size, size), UNLABELED, np.uint8)
    order = sorted(stuff, key=lambda p: -p.mask.area)
    for placement in order:
        label_map[placement.mask.render(size, size)] = placement.label
    for placement in back_to_front([p for p in stuff if p.nearer is not None]):
        shape = placement.mask.render(size, size)
        before, after = label_map, np.where(shape, np.uint8(placement.label), label_map)
        counts = [np.bincount(one.ravel(), minlength=UNLABELED + 1) for one in (before, after)]
        hidden = {other.label for other in stuff} - {placement.label}
        if all(counts[1][label] >= LEFT * counts[0][label] for label in hidden):
            label_map = after
            order = [other for other in order if other is not placement] + [placement]
    return label_map, order


def hidden_by(
    stuff: Placement, things: Sequence[Placement], instance_map: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Where stuff that is said to be in front hides things, (H, W); not what would vanish."""
    shape = stuff.mask.render(*instance_map.shape)
    hidden = np.zeros(shape.shape, bool)
    for number, thing in enumerate(things, 1):
        seen = instance_map == number
        if thing.depth < stuff.depth and (seen & ~shape).sum() >= LEFT * seen.sum():
            hidden |= seen & shape
    return hidden


def painted_things(
    shapes: Sequence[NDArray[np.bool_]], size: int
) -> tuple[NDArray[np.int32], list[int]]:
    """The instance map of (size, size) bool shapes, painted in their order as 1, 2, ...

    The numbers are also returned from back to front, as they lie on one another in the end: a
    thing that would (nearly) vanish behind others is moved in front of them, unless that hides
    another as badly.
    """
    instance_map = np.zeros((size, size), np.int32)
    for number, shape in enumerate(shapes, 1):
        instance_map[shape] = number
    areas = np.array([max(np.count_nonzero(shape), 1) for shape in shapes])
    visible = _visible(instance_map, areas)
    order = [*range(1, len(shapes) + 1)]
    for i in np.argsort(-areas, kind="stable"):
        if visible[i] < VISIBLE:
            changed = np.where(shapes[i], np.int32(i + 1), instance_map)
            shares = _visible(changed, areas)
            if np.sort(shares).tolist() > np.sort(visible).tolist():
                instance_map, visible = changed, shares
                order = [number for number in order if number != i + 1] + [int(i) + 1]
    return instance_map, order


def _drop_specks(instance_map: NDArray[np.int32], count: int) -> None:
    """Leaves out pieces of the `count` things that are too small to be seen as one."""
    for number in range(1, count + 1):
        specks = _specks(instance_map == number, SPECK * instance_map.size)
        if specks is not None:
            instance_map[specks] = 0


def _visible(instance_map: NDArray[np.int32], areas: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of each thing that shows."""
    counts = np.bincount(instance_map.ravel(), minlength=len(areas) + 1)
    return counts[1:] / areas


def _without_specks(label_map: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Gives stray pieces of a label to what surrounds them; each label keeps its largest."""
    smallest = SPECK * label_map.size
    stray = np.zeros(label_map.shape, bool)
    for label in np.unique(label_map):
        specks = _specks(label_map == label, smallest)
        if specks is not None:
            stray |= specks
    return nearest(label_map, ~stray) if stray.any() else label_map


def _specks(region: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_] | None:
    """The connected pieces of fewer pixels than `smallest`, without the largest one."""
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8))
    if count <= 2:
        return None
    areas = boxes[:, cv2.CC_STAT_AREA]
    small = areas < smallest
    small[[0, 1 + int(areas[1:].argmax())]] = False
    return small[pieces] if small.any() else None
