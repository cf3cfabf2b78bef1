"""Scenes of masks that no photo has shown: layouts filled with shapes, and the bundled library.

Reconstructed: it stands in for COCO's own masks, which the paper retrieves and this repository
does not ship. Stuff competes for every pixel, so that it tiles the picture; things stand on what
usually supports them, touch people where they usually do, and nearer things hide farther ones.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval import layouts, shapes
from retrieval.families import FAMILIES, USED_LABELS
from retrieval.layouts import Floats, LayoutModel, box_of
from retrieval.library_writer import LibraryWriter
from retrieval.shapes import ShapeModel
from segmentation.filling import nearest
from segmentation.labels import COUNT, FIRST_STUFF, NAMES, value_of
from segmentation.masks import Box, Mask, common_area

SIDE = 96  # pixels of the picture in which a scene is put together
LARGE_STUFF = 0.1  # share of the picture; smaller regions lie on top instead of competing
SMALLEST = 0.0015  # share of the picture; smaller pieces of stuff are left to their neighbours
VISIBLE = 0.35  # share of a thing that nearer ones may not hide
MOST_CROWDED = 0.6  # share of the picture that the boxes of several things of a kind may have
DROPS = (0.0, 0.08, 0.16, 0.26)  # heights by which a box may sink to find support
AT_EDGE = -1.2  # log of the support of what the picture's edge cuts off
TRIES = 16  # boxes drawn for a thing, of which the best supported one is taken
PERSON = 0
LEAST_MASKS = 24  # of every label in a generated library
BACKGROUND = frozenset(
    value_of(name)
    for family in ("sky", "water", "ground", "floor", "wall", "ceiling", "building")
    for name in FAMILIES[family]
)

Scene = list[tuple[int, Mask]]


@dataclass(frozen=True, eq=False)
class _Thing:
    label: int
    box: Box
    foot: float  # larger is nearer; what stands on another thing is nearer than that


def generate_scene(
    shape_model: ShapeModel,
    layout: LayoutModel,
    rng: np.random.Generator,
    label: int | None = None,
) -> Scene:
    """One scene, its masks back to front; with `label` in it where one is given."""
    labels = layout.label_set(rng, label)
    stuff = [i for i in labels if i >= FIRST_STUFF]
    ground = stuff_map(shape_model, layout, stuff, rng)
    scene: Scene = []
    for value in _by_area(ground):
        mask = Mask.from_full(ground == value)
        if mask is not None:
            scene.append((value, mask))
    things = _place_things(layout, [i for i in labels if i < FIRST_STUFF], ground, rng)
    masks = _fill(shape_model, things, rng)
    scene.extend(_visible(masks))
    return scene


def stuff_map(
    shape_model: ShapeModel, layout: LayoutModel, labels: list[int], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A (SIDE, SIDE) uint8 map of stuff without a gap.

    Every label's score in a pixel joins how often it lies there with a silhouette of its own
    in a box of its own; the highest score wins. Small regions are put on top afterwards.
    """
    boxes = {label: _habitual(layout, label, rng) for label in labels}
    large = [i for i in labels if i in BACKGROUND or _area(boxes[i]) > LARGE_STUFF] or labels
    aspects = np.array([_aspect(boxes[label]) for label in labels])
    bitmaps = dict(
        zip(labels, shape_model.sample(np.array(labels, np.int64), rng, aspects), strict=True)
    )
    scores = np.stack([_score(layout, i, Mask(boxes[i], bitmaps[i]), rng) for i in large])
    painted = np.array(large, np.uint8)[scores.argmax(0)]
    for label in sorted(set(labels) - set(large), key=lambda i: -_area(boxes[i])):
        painted[Mask(boxes[label], bitmaps[label]).render(SIDE, SIDE)] = label
    return _without_crumbs(painted)


def generate_library(
    shapes_folder: Path, layout_folder: Path, out: Path, scenes: int, seed: int
) -> None:
    """Writes a library of generated scenes to the folder `out`.

    The first scenes follow the layout model alone; then labels with fewer than LEAST_MASKS
    masks are asked for, one a scene, within the number of `scenes`; the rest are free again.
    Raises InputError where a model is missing or damaged.
    """
    from files.progress import progress_bar

    shape_model, layout = shapes.load(shapes_folder), layouts.load(layout_folder)
    counts: Counter[int] = Counter()
    with LibraryWriter(out) as writer:
        for i in progress_bar(range(scenes), desc="scenes", unit="scene"):
            rng = np.random.default_rng((seed, i))
            rare = min(USED_LABELS, key=lambda value: (counts[value], value))
            wanted = rare if i >= scenes // 4 and counts[rare] < LEAST_MASKS else None
            scene = generate_scene(shape_model, layout, rng, wanted)
            counts.update(label for label, _ in scene)
            names = list(dict.fromkeys(NAMES[label] for label, _ in reversed(scene)))
            writer.append_scene(f"generated {i:05d}: {', '.join(names)}", scene)
        writer.finish(f"generated by the shape and layout models, seed {seed}")


def _habitual(layout: LayoutModel, label: int, rng: np.random.Generator) -> Box:
    """A box for stuff where that label usually lies: the best of a few."""
    habit = _habit(layout, label)

    def worth(box: Box) -> float:
        inside = Mask(box, np.ones((1, 1), bool)).render(SIDE, SIDE)
        return float(habit[inside].mean()) + 0.3 * rng.gumbel()

    return max(layout.boxes(label, TRIES // 2, rng), key=worth)


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
        1.4 * _habit(layout, label) + 1.1 * claim + whim - 0.4 * np.log(_area(mask.box) + 0.1)
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


def _place_things(
    layout: LayoutModel, labels: list[int], ground: NDArray[np.uint8], rng: np.random.Generator
) -> list[_Thing]:
    """Boxes for things, large kinds first as they carry the small ones."""
    size = layout.statistics.box_means[:, :, 2:].sum(2) * layout.statistics.box_shares
    order = sorted(labels, key=lambda label: (label != PERSON, -size[label].sum()))
    carriers = ground.copy()
    feet = np.zeros((SIDE, SIDE))
    placed: list[_Thing] = []
    for label in order:
        model_box: Box | None = None
        crowd = 0.0
        for _ in range(layout.count(label, rng)):
            people = [thing.box for thing in placed if thing.label == PERSON]
            company = layout.statistics.company[label]
            if people and label != PERSON and rng.random() < company:
                box = layout.beside(label, people[rng.integers(len(people))], rng)
            else:
                tries = layout.boxes(label, TRIES, rng)
                if model_box is not None:
                    tries = [_like(box, model_box, rng) for box in tries]
                box = _best(layout, label, tries, carriers, [thing.box for thing in placed], rng)
            crowd += _area(box)
            if model_box is not None and crowd > MOST_CROWDED:
                break
            model_box = model_box or box
            row, columns = _foot(box)
            foot = max(box[3], float(feet[row, columns].max()) + 0.001)
            placed.append(_Thing(label, box, foot))
            inside = Mask(box, np.ones((1, 1), bool)).render(SIDE, SIDE)
            carriers[inside] = label
            feet[inside] = np.maximum(feet[inside], foot)
    return placed


def _best(
    layout: LayoutModel,
    label: int,
    boxes: list[Box],
    carriers: NDArray[np.uint8],
    taken: list[Box],
    rng: np.random.Generator,
) -> Box:
    """The box whose foot stands on what usually carries the label, large and hiding little."""
    support = np.log(layout.statistics.support[label] + 0.005)
    support[label] = min(support[label], np.log(0.05))
    boxes = [moved for box in boxes for drop in DROPS if (moved := _lowered(box, drop)) is not None]

    def worth(box: Box) -> float:
        row, columns = _foot(box)
        standing = float(support[carriers[row, columns]].mean()) if box[3] < 0.985 else AT_EDGE
        hidden = sum(common_area(box, other) / min(_area(box), _area(other)) for other in taken)
        return 1.3 * standing - 2.0 * hidden + 0.5 * np.log(_area(box)) + 0.5 * rng.gumbel()

    return max(boxes, key=worth)


def _lowered(box: Box, drop: float) -> Box | None:
    """A box moved down; None where it would leave the picture."""
    left, top, right, bottom = box
    return (left, top + drop, right, bottom + drop) if not drop or bottom + drop < 0.98 else None


def _like(box: Box, first: Box, rng: np.random.Generator) -> Box:
    """A further thing of a kind: elsewhere, about as large, larger the nearer it is."""
    scale = np.exp(rng.normal(0, 0.2) + 0.8 * (box[3] - first[3]))
    width, height = (first[2] - first[0]) * scale, (first[3] - first[1]) * scale
    numbers = np.array([(box[0] + box[2]) / 2, box[3], np.log(width), np.log(height)])
    return box_of(numbers, snap=False)


def _fill(
    shape_model: ShapeModel, things: list[_Thing], rng: np.random.Generator
) -> list[tuple[int, Mask]]:
    """A silhouette for every box, back to front."""
    ordered = sorted(things, key=lambda thing: thing.foot)
    labels = np.array([thing.label for thing in ordered], np.int64)
    bitmaps = shape_model.sample(labels, rng, np.array([_aspect(t.box) for t in ordered]))
    return [(t.label, Mask(t.box, bitmap)) for t, bitmap in zip(ordered, bitmaps, strict=True)]


def _visible(masks: list[tuple[int, Mask]]) -> Scene:
    """The things that nearer ones do not hide for the most part, back to front."""
    hidden = np.zeros((SIDE, SIDE), bool)
    kept: Scene = []
    for label, mask in reversed(masks):
        full = mask.render(SIDE, SIDE)
        if np.count_nonzero(full & ~hidden) >= VISIBLE * np.count_nonzero(full):
            kept.append((label, mask))
            hidden |= full
    return kept[::-1]


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


def _by_area(label_map: NDArray[np.uint8]) -> list[int]:
    """The labels of a map, the largest first."""
    counts = np.bincount(label_map.ravel(), minlength=256)[:COUNT]
    return [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]


def _foot(box: Box) -> tuple[int, slice]:
    """The row just under a box and the columns of its middle, in pixels."""
    left, _, right, bottom = box
    row = min(max(int(bottom * SIDE + 1), 0), SIDE - 1)
    middle, reach = (left + right) / 2, 0.2 * (right - left)
    first = min(max(int((middle - reach) * SIDE), 0), SIDE - 1)
    return row, slice(first, min(max(int((middle + reach) * SIDE), first) + 1, SIDE))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _aspect(box: Box) -> float:
    return (box[2] - box[0]) / (box[3] - box[1])
