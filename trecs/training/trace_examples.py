"""What the trace predictor learns from: regions in the order of words, with their boxes.

Photos with narratives give real words; what each run means is decided as by the simulated
annotator. For other photos the words are made up: their labels are mentioned in an order that
narratives would have, some with a word that tells where the box lies ("left", "background").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmentation.labels import COUNT, is_thing
from segmentation.masks import Box, box_of
from trecs.annotator import mentions
from trecs.trace_network import CUE_INPUTS, CUES, cue_inputs
from trecs.training.data import Dataset, Photo, TaggedNarrative
from trecs.training.photo_masks import PhotoMasks

MOST_REGIONS = 12
CROWD_SHARE = 0.6  # of several things of a label that are mentioned together
THINGS_MENTIONED = ((0.001, 0.01, 0.03, 0.3, 1.0), (0.2, 0.5, 0.75, 0.8, 0.95))
STUFF_MENTIONED = ((0.0, 0.1, 0.3, 1.0), (0.2, 0.25, 0.4, 0.65))
"""Area of a label in a photo, and how often narratives mention it then (our training photos)."""
CUE_BEFORE_SHARE = 0.3  # of the made-up cues that end the run before


@dataclass(frozen=True, eq=False)
class Example:
    """Some regions: `labels` (N,), `cues` (N, CUE_INPUTS), `boxes` (N, 4), NaN where unknown."""

    labels: NDArray[np.int64]
    cues: NDArray[np.float32]
    boxes: NDArray[np.float64]

    def mirrored(self) -> "Example":
        """The example seen in a mirror; "left" and "right" change places."""
        left, right = CUES.index("left"), CUES.index("right")
        order = np.arange(CUE_INPUTS)
        for offset in (0, len(CUES)):
            order[[offset + left, offset + right]] = offset + right, offset + left
        boxes = self.boxes.copy()
        boxes[:, [0, 2]] = 1 - self.boxes[:, [2, 0]]
        return Example(self.labels, self.cues[:, order], boxes)

    def cropped(self, rng: np.random.Generator, least: float) -> "Example":
        """As `Scene.cropped`; boxes that are not seen become unknown."""
        sides = rng.uniform(least, 1, 2)
        corner = rng.uniform(0, 1 - sides)
        boxes = [_framed(box, corner, sides) or (np.nan,) * 4 for box in self.boxes.tolist()]
        return Example(self.labels, self.cues, np.array(boxes))


@dataclass(frozen=True, eq=False)
class Scene:
    """The boxes of a photo's masks by label, largest mask first, and their areas."""

    boxes: dict[int, list[Box]]
    areas: dict[int, list[float]]
    weight: float  # how often it is shown, relative to others

    def cropped(self, rng: np.random.Generator, least: float) -> "Scene":
        """What a random frame sees, whose sides are `least` to 1 of the picture's.

        Boxes are cut at the frame; those that lose more than half their area are left out.
        """
        sides = rng.uniform(least, 1, 2)
        corner = rng.uniform(0, 1 - sides)
        boxes: dict[int, list[Box]] = {}
        areas: dict[int, list[float]] = {}
        for label, some in self.boxes.items():
            for box, area in zip(some, self.areas[label], strict=True):
                if (seen := _framed(box, corner, sides)) is not None:
                    boxes.setdefault(label, []).append(seen)
                    areas.setdefault(label, []).append(min(area / float(sides.prod()), 1.0))
        return Scene(boxes, areas, self.weight)


@dataclass(frozen=True, eq=False)
class TraceData:
    """Training photos as scenes, and the real narratives among them as examples."""

    scenes: list[Scene]
    real: list[Example]
    order: NDArray[np.float64]
    """(182,): where in a narrative each label is mentioned, 0 first to 1 last, on average."""


def read(data: Path) -> tuple[TraceData, TraceData]:
    """The training data in a folder, and one photo in 12 set aside; no held-back photo."""
    dataset = Dataset(data)
    maker = PhotoMasks(dataset)
    described: dict[str, list[TaggedNarrative]] = {}
    for narrative in dataset.narratives("train"):
        described.setdefault(f"{narrative.image_id:012d}", []).append(narrative)
    order = mention_order([n.tags for some in described.values() for n in some])
    parts = (TraceData([], [], order), TraceData([], [], order))
    for i, photo in enumerate(dataset.photos(held_back=False)):
        part = parts[i % 12 == 0]
        masks = maker.of(photo)
        if not masks:
            continue
        part.scenes.append(_scene(masks, photo))
        if photo.source == "coco":
            narratives = described.get(photo.name, [])
            part.real.extend(real_example(n, masks) for n in narratives)
    return parts


def real_example(narrative: TaggedNarrative, masks: dict[int, list[NDArray[np.bool_]]]) -> Example:
    """A real narrative's regions, with the boxes of the masks that its runs mean."""
    found = mentions(narrative.words, narrative.tags, masks)
    boxes = [(np.nan,) * 4 if m.mask is None else box_of(m.mask) for m in found]
    cues = [cue_inputs(narrative.words, m.start, m.stop) for m in found]
    return Example(np.array([m.label for m in found]), np.array(cues), np.array(boxes))


def made_up_example(scene: Scene, order: NDArray[np.float64], rng: np.random.Generator) -> Example:
    """A narrative that might be told of a scene."""
    said: list[tuple[float, int, Box, list[str]]] = []
    for label, boxes in scene.boxes.items():
        areas = scene.areas[label]
        if rng.random() > np.interp(
            sum(areas), *(THINGS_MENTIONED if is_thing(label) else STUFF_MENTIONED)
        ):
            continue
        place = order[label] + rng.normal(0, 0.25)
        if not is_thing(label):
            large = [box for box, area in zip(boxes, areas, strict=True) if area >= areas[0] / 4]
            said.append((place, label, _around(large), ["it"]))
        elif len(boxes) > 1 and rng.random() < CROWD_SHARE:
            large = [box for box, area in zip(boxes, areas, strict=True) if area >= areas[0] / 10]
            said.append((place, label, _around(large), ["many"] if len(large) > 1 else ["it"]))
        else:
            count = min(len(boxes), int(rng.geometric(0.6)))
            for i, box in enumerate(boxes[:count]):
                said.append((place + 0.1 * i, label, box, ["another"] if i else ["it"]))
    said = sorted(said, key=lambda mention: mention[0])[:MOST_REGIONS]
    words: list[str] = []
    spans = []
    for _, _, box, own in said:
        cue = _cue(box, rng)
        before = cue and rng.random() < CUE_BEFORE_SHARE
        words += [cue] if before else []
        spans.append((len(words), len(words) + len(own) + (0 if before or not cue else 1)))
        words += own + ([cue] if cue and not before else [])
    cues = [cue_inputs(words, start, stop) for start, stop in spans]
    return Example(
        np.array([label for _, label, _, _ in said], np.int64),
        np.array(cues, np.float32).reshape(-1, CUE_INPUTS),
        np.array([box for _, _, box, _ in said]).reshape(-1, 4),
    )


def mention_order(tags: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Where each label stands among a narrative's words on average, (182,), 0.5 if unknown."""
    total, count = np.full(COUNT, 0.5), np.ones(COUNT)
    for labels in tags:
        np.add.at(total, labels, (np.arange(len(labels)) + 0.5) / len(labels))
        np.add.at(count, labels, 1)
    return total / count


def _cue(box: Box, rng: np.random.Generator) -> str:
    """A word that tells where a box lies, or that says nothing: ''."""
    left, top, right, bottom = box
    x, y, width = (left + right) / 2, (top + bottom) / 2, right - left
    fitting = []
    if width < 0.6 and abs(x - 0.5) > 0.12:
        fitting += ["left" if x < 0.5 else "right"] * 3
    if bottom < 0.6:
        fitting += ["top", "top", "above"]
    if top > 0.4:
        fitting += ["bottom", "bottom", "ground"]
    if abs(x - 0.5) < 0.12 and abs(y - 0.5) < 0.2:
        fitting += ["middle", "center"]
    if bottom < 0.8:
        fitting += ["background", "background", "behind", "back"]
    if bottom > 0.9:
        fitting += ["front", "foreground"]
    if width * (bottom - top) > 0.4:
        fitting += ["big", "large"]
    if width * (bottom - top) < 0.02:
        fitting += ["small"]
    if not fitting or rng.random() < 0.6:
        return ""
    return str(rng.choice(fitting))


def _scene(masks: dict[int, list[NDArray[np.bool_]]], photo: Photo) -> Scene:
    boxes = {label: [box_of(mask) for mask in some] for label, some in masks.items()}
    areas = {label: [float(mask.mean()) for mask in some] for label, some in masks.items()}
    weight = 0.15 if photo.source == "camvid" else 1.0  # frames of few videos, much alike
    return Scene(boxes, areas, weight)


def _framed(
    box: Sequence[float], corner: NDArray[np.float64], sides: NDArray[np.float64]
) -> Box | None:
    """A box as seen in a frame, None where less than half of it is."""
    values = (np.reshape(box, (2, 2)) - corner) / sides
    cut = np.clip(values, 0, 1)
    if (cut[1] - cut[0]).prod() < 0.5 * (values[1] - values[0]).prod():
        return None
    left, top, right, bottom = cut.ravel().tolist()
    return left, top, right, bottom


def _around(boxes: Sequence[Box]) -> Box:
    corners = np.array(boxes)
    left, top = corners[:, :2].min(0).tolist()
    right, bottom = corners[:, 2:].max(0).tolist()
    return left, top, right, bottom
