"""What the trace predictor learns from: regions in the order of words, and where each one lies.

Narratives with their own trace (Localized Narratives, from `trecs data prepare`) give real words
and real places. For narratives without one, what each run means is decided as by the simulated
annotator. For photos without narratives the words are made up (`trecs.prediction.made_up`).

Where something lies is a grid of FINE by FINE cells that say, from 0 to 255, how much of each the
region covers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmentation.labels import COUNT
from segmentation.masks import Box, box_of, fill_polygon
from trecs.alignment.regions import Region, align
from trecs.data.annotator import mentions
from trecs.data.dataset import EVERY_SET, Dataset, Photo, TaggedNarrative
from trecs.data.photo_masks import PhotoMasks, square
from trecs.data.traced import TracedNarratives
from trecs.narrative import Narrative, from_text
from trecs.prediction.network import CUE_INPUTS, CUES, cue_inputs
from trecs.tagging.tagger import Tags

FINE = 40  # cells along a side of the grids, twice the network's
COVERED = 128  # of 255: a cell that counts as covered
SEEN_SHARE = 0.5  # of a region that a frame must see
ASIDE = 12  # one photo in so many is set aside where there is nothing better
SHOWN = {"camvid": 0.15, "flickr_more": 0.3}  # how often; frames of few videos are much alike

Grid = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Example:
    """Some regions in the order of their words.

    `labels` (N,), `cues` (N, CUE_INPUTS), `grids` (N, FINE, FINE); where nothing is covered the
    region's place is unknown.
    """

    labels: NDArray[np.int64]
    cues: NDArray[np.float32]
    grids: Grid

    @property
    def located(self) -> NDArray[np.bool_]:
        """Whether each region's place is known, (N,)."""
        return self.grids.max((1, 2)) > 0

    def mirrored(self) -> "Example":
        """The example seen in a mirror; "left" and "right" change places."""
        left, right = CUES.index("left"), CUES.index("right")
        order = np.arange(CUE_INPUTS)
        for offset in (0, len(CUES)):
            order[[offset + left, offset + right]] = offset + right, offset + left
        return Example(self.labels, self.cues[:, order], self.grids[:, :, ::-1])

    def cropped(self, rng: np.random.Generator, least: float) -> "Example":
        """As `Scene.cropped`; regions that are not seen become unknown."""
        grids, _ = framed(self.grids, *random_frame(rng, least))
        return Example(self.labels, self.cues, grids)

    def shares(self, cells: int) -> NDArray[np.float32]:
        """What each region covers of each of so many cells a side, (N, cells, cells) in [0, 1]."""
        fine = FINE // cells
        parts = self.grids.reshape(-1, cells, fine, cells, fine)
        return parts.mean((2, 4), dtype=np.float32) / 255


@dataclass(frozen=True, eq=False)
class Scene:
    """The masks of a photo by label, (K, FINE, FINE) each, the largest first."""

    grids: dict[int, Grid]
    weight: float  # how often it is shown, relative to others

    def cropped(self, rng: np.random.Generator, least: float) -> "Scene":
        """What a random frame sees, whose sides are `least` to 1 of the picture's.

        Masks that lose more than half their area are left out.
        """
        labels = np.repeat(list(self.grids), [len(grids) for grids in self.grids.values()])
        grids, kept = framed(np.concatenate(list(self.grids.values())), *random_frame(rng, least))
        grids, labels = grids[kept], labels[kept]
        return Scene(
            {label: grids[labels == label] for label in self.grids if label in labels}, self.weight
        )


@dataclass(frozen=True, eq=False)
class TraceData:
    """Training photos as scenes, and the real narratives among them as examples."""

    scenes: list[Scene]
    real: list[Example]
    order: NDArray[np.float64]
    """(182,): where in a narrative each label is mentioned, 0 first to 1 last, on average."""


def read(dataset: Dataset, least_accuracy: float = 0.0) -> tuple[TraceData, TraceData]:
    """The training data, and a part of them set aside; no held-back photo.

    `least_accuracy`: the share of a label map that must be expected to be right. Set aside are the
    photos of `coco_more` whose label map people drew; where there are none, one photo in ASIDE.
    """
    maker = PhotoMasks(dataset)
    told = TracedNarratives(dataset.folder)
    narratives = dataset.narratives("train")
    described: dict[str, list[TaggedNarrative]] = {}
    for narrative in narratives:
        for source in ("coco", "coco_more"):
            described.setdefault(f"{source}/{narrative.image_id:012d}", []).append(narrative)
    order = mention_order([narrative.tags for narrative in narratives])
    parts = (TraceData([], [], order), TraceData([], [], order))
    photos = dataset.photos(held_back=False, sets=EVERY_SET)
    aside = set(set_aside(dataset) or photos[::ASIDE])
    for photo in photos:
        masks = maker.of(photo) if photo.accuracy >= least_accuracy else {}
        if not masks:
            continue
        part = parts[photo in aside]
        part.scenes.append(scene(masks, SHOWN.get(photo.source, 1.0)))
        for narrative in described.get(f"{photo.source}/{photo.name}", []):
            if traced := told.get(narrative):
                part.real.append(traced_example(narrative, traced, photo.label_map()))
            else:
                part.real.append(simulated_example(narrative, masks))
    return parts


def set_aside(dataset: Dataset) -> list[Photo]:
    """The photos of `coco_more` that may be trained on and whose label map people drew."""
    photos = dataset.photos(held_back=False, sets=("coco_more",))
    return [photo for photo in photos if not photo.machine_made]


def simulated_example(
    narrative: TaggedNarrative, masks: dict[int, list[NDArray[np.bool_]]]
) -> Example:
    """A narrative without a trace, with the masks that its runs mean (`trecs.data.annotator`).

    Its regions are those that are left when nothing is drawn (`trecs.alignment.regions`).
    """
    meant = {m.start: m.mask for m in mentions(narrative.words, narrative.tags, masks)}
    told = from_text(" ".join(narrative.words))
    regions = align(told, _certain(narrative.tags))
    return _example(narrative.words, regions, [meant[region.start] for region in regions])


def traced_example(
    narrative: TaggedNarrative, told: Narrative, label_map: NDArray[np.uint8]
) -> Example:
    """A narrative with its own trace: a region lies where its label is inside its hull.

    Where the hull holds none of the label, it counts as a whole. `told`: the words of `narrative`
    with their times and the trace. `label_map` (H, W) uint8.
    """
    labels = square(label_map, 2 * FINE)
    regions = align(told, _certain(narrative.tags))
    masks: list[NDArray[np.bool_] | None] = []
    for region in regions:
        hull = fill_polygon(region.hull, *labels.shape)
        meant = hull & (labels == region.label)
        masks.append((meant if meant.any() else hull) if region.strokes else None)
    return _example(narrative.words, regions, masks)


def scene(masks: dict[int, list[NDArray[np.bool_]]], weight: float = 1.0) -> Scene:
    """A photo's masks as a scene."""
    return Scene(
        {label: np.stack([grid(m) for m in some]) for label, some in masks.items()}, weight
    )


def grid(mask: NDArray[np.bool_]) -> Grid:
    """A (H, W) bool mask that is not empty as a grid that is not empty, (FINE, FINE) uint8."""
    shares = cv2.resize(mask.astype(np.float32), (FINE, FINE), interpolation=cv2.INTER_AREA)
    return np.ceil(shares * 255).astype(np.uint8)


def box(cells: Grid) -> Box:
    """The bounding box of what a grid that is not empty covers."""
    return box_of(cells >= min(COVERED, int(cells.max())))


def random_frame(
    rng: np.random.Generator, least: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The upper left corner and the sides of a random frame, x and y in fractions."""
    sides = rng.uniform(least, 1, 2)
    return rng.uniform(0, 1 - sides), sides


def framed(
    grids: Grid, corner: NDArray[np.float64], sides: NDArray[np.float64]
) -> tuple[Grid, NDArray[np.bool_]]:
    """Grids (N, FINE, FINE) as seen in a frame, and which of them are seen, (N,).

    Not seen, and empty, is what loses more than half its area.
    """
    middles = (np.arange(FINE) + 0.5) / FINE
    columns, rows = ((c + s * middles) * FINE for c, s in zip(corner, sides, strict=True))
    seen = grids.take(rows.astype(int), 1).take(columns.astype(int), 2)
    before, after = (some.sum((1, 2), dtype=np.uint32) for some in (grids, seen))
    kept = after * sides.prod() > SEEN_SHARE * before
    return seen * kept[:, None, None].astype(np.uint8), kept


def mention_order(tags: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Where each label stands among a narrative's words on average, (182,), 0.5 if unknown."""
    total, count = np.full(COUNT, 0.5), np.ones(COUNT)
    for labels in tags:
        np.add.at(total, labels, (np.arange(len(labels)) + 0.5) / len(labels))
        np.add.at(count, labels, 1)
    return total / count


def _example(
    words: Sequence[str],
    regions: Sequence[Region],
    masks: Sequence[NDArray[np.bool_] | None],
) -> Example:
    nowhere = np.zeros((FINE, FINE), np.uint8)
    return Example(
        np.array([region.label for region in regions], np.int64),
        np.array([cue_inputs(words, region.start, region.stop) for region in regions]),
        np.array([nowhere if mask is None else grid(mask) for mask in masks]),
    )


def _certain(labels: NDArray[np.uint8]) -> Tags:
    return Tags(labels, np.eye(COUNT, dtype=np.float32)[labels])
