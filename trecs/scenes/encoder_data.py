"""Pairs of a description and a scene for the dual encoder.

Four sources: the released narratives, whose label sets are laid out by the layout model where
their photo is not at hand; the photos with their narratives; those with captions; and scenes,
generated ones and the photos', described by templates.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from retrieval.layouts import LayoutModel
from retrieval.library import SceneLibrary
from retrieval.scene_side import SceneMasks
from retrieval.words import normalise
from segmentation.labels import COUNT, FIRST_STUFF, NAMES, UNLABELED, value_of
from segmentation.masks import Box, box_of
from trecs.data.dataset import Dataset, Photo, TaggedNarrative, Things
from trecs.data.described import captions_of

SHARE_OF_BOX = 0.6  # that a laid-out mask covers: the mean of real masks
PRESENT = 0.004  # share of the picture from which on a label counts
OPENINGS = ("in this image we can see", "this is a picture of", "there is", "we can see", "")
PLACED = 0.3  # share of a template's single things that are said to be left, right or in the middle
SIDES = frozenset(("left", "right"))
FALSE_LABELS = 3.5  # a text, that a tagger sees without cause
FALSE_WEIGHT = 0.05  # the least weight of such a label
SURENESS = (0.68, 0.2, 0.12)  # shares of the labels told of which it is sure, unsure, unaware
PERSON = value_of("person")
BACKGROUNDS = ("in the background there is", "behind we can see", "and", "we can also see")

DESCRIBED = ("coco", "flickr", "coco_more", "flickr_more")
"""The sets whose photos have narratives or captions."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A description and what the scene it belongs to shows; `source` says where from.

    `told`: the labels (T,) uint8 that the description speaks of, None where nobody tagged it.
    """

    words: tuple[str, ...]
    scene: SceneMasks
    source: str
    told: NDArray[np.uint8] | None = None


def narrative_pairs(
    dataset: Dataset, layout: LayoutModel, variants: int, rng: np.random.Generator
) -> list[Pair]:
    """The training narratives with laid-out scenes of their labels, `variants` of each."""
    return [
        Pair(n.words, laid_out(told.tolist(), layout, rng), "narrative", told)
        for n in dataset.narratives("train")
        for told in (np.unique(n.tags),)
        for _ in range(variants)
    ]


def photo_pairs(dataset: Dataset, scenes: Iterable[tuple[Photo, SceneMasks]]) -> list[Pair]:
    """Photos and their scenes with each of their training narratives and captions."""
    narratives: dict[str, list[TaggedNarrative]] = defaultdict(list)
    for narrative in dataset.narratives("train"):
        for source in ("coco", "coco_more"):
            narratives[f"{source}/{narrative.image_id:012d}"].append(narrative)
    captions = captions_of(dataset)
    pairs: list[Pair] = []
    for photo, scene in scenes:
        name = f"{photo.source}/{photo.name}"
        pairs += [Pair(n.words, scene, "photo", np.unique(n.tags)) for n in narratives[name]]
        pairs += [Pair(tuple(text.split()), scene, "caption") for text in captions.get(name, ())]
    return pairs


def training_scenes(
    dataset: Dataset, sets: Sequence[str] = DESCRIBED, least_accuracy: float = 0.0
) -> Iterator[tuple[Photo, SceneMasks]]:
    """The training photos of some sets, each with its scene.

    `least_accuracy`: the share of a label map that must be expected to be right.
    """
    for photo in dataset.photos(held_back=False, sets=sets):
        if photo.accuracy >= least_accuracy:
            yield photo, scene_of(photo, dataset.things_of(photo))


def template_pairs(
    scenes: Iterable[SceneMasks], variants: int, rng: np.random.Generator
) -> list[Pair]:
    """Scenes, each described by `variants` template sentences."""
    return [describe(scene, rng) for scene in scenes for _ in range(variants) if len(scene.labels)]


def scenes_of(library: SceneLibrary) -> Iterator[SceneMasks]:
    """The scenes of a library."""
    for i in range(library.scene_count):
        part = slice(int(library.scene_starts[i]), int(library.scene_starts[i + 1]))
        yield SceneMasks(library.labels[part], library.boxes[part], library.areas[part])


def laid_out(labels: list[int], layout: LayoutModel, rng: np.random.Generator) -> SceneMasks:
    """A stand-in for the scene of a label set: the stuff it lacks, and boxes for all."""
    placed = layout.arrange(layout.completed(labels, rng), rng)
    boxes = np.array([box for _, box in placed], np.float32)
    areas = (SHARE_OF_BOX * np.prod(boxes[:, 2:] - boxes[:, :2], 1)).astype(np.float32)
    return SceneMasks(np.array([label for label, _ in placed], np.uint8), boxes, areas)


def describe(scene: SceneMasks, rng: np.random.Generator) -> Pair:
    """A template sentence about some of a scene's labels, now and then with where they are."""
    labels, counts = np.unique(scene.labels, return_counts=True)
    chance = 0.5 + 0.5 * (labels < FIRST_STUFF)
    told = [i for i in range(len(labels)) if rng.random() < chance[i]] or [0]
    told.sort(key=lambda i: (labels[i] >= FIRST_STUFF, rng.random()))
    words: list[str] = str(rng.choice(OPENINGS)).split()
    for position, i in enumerate(told):
        if position:
            stuff = labels[i] >= FIRST_STUFF
            words += str(rng.choice(BACKGROUNDS)).split() if stuff else ["and"]
        words += _phrase(int(labels[i]), int(counts[i]))
        if counts[i] == 1 and rng.random() < PLACED:
            left, _, right, _ = scene.boxes[scene.labels == labels[i]][0]
            middle = (left + right) / 2
            side = "left" if middle < 0.35 else "right" if middle > 0.65 else "middle"
            words += ["in", "the", "middle"] if side == "middle" else ["on", "the", side, "side"]
    return Pair(tuple(words), scene, "template", labels[told])


def _phrase(label: int, count: int) -> list[str]:
    """A label's name in words, with an article or in the plural."""
    name = NAMES[label].removesuffix("-other").removesuffix("-stuff").split("-")
    if count == 1:
        return ["a", *name]
    if name == ["person"]:
        return ["people"]
    return [*name[:-1], name[-1] + "s"] if label < FIRST_STUFF else name


def imitated_weights(
    told: NDArray[np.uint8], company: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Label weights (182,) such as a tagger gives a text that speaks of some labels.

    It is unsure of some of them, misses some, and sees others that often go with them: `company`
    (182, 182) counts how often two labels are told together. The shares are those of a tagger's
    largest probability of each label over the words of narratives it was not trained on.
    """
    weights = np.zeros(COUNT, np.float32)
    seen = company[told].sum(0) + 1e-3
    wrong = rng.choice(COUNT, rng.poisson(FALSE_LABELS), p=seen / seen.sum())
    weights[wrong] = FALSE_WEIGHT ** rng.random(len(wrong))
    kind = rng.choice(3, len(told), p=SURENESS)
    low, high = np.array([(0.7, 1.0), (0.15, 0.7), (0.0, 0.15)])[kind].T
    weights[told] = rng.uniform(low, high)
    return weights


def frequency_of(pairs: Iterable[Pair]) -> NDArray[np.float64]:
    """In what share of the different scenes each label is shown, (182,)."""
    scenes = {id(pair.scene): np.unique(pair.scene.labels) for pair in pairs}
    counts = np.bincount(np.concatenate(list(scenes.values())), minlength=COUNT)
    return counts / len(scenes)


def company_of(pairs: Iterable[Pair]) -> NDArray[np.float64]:
    """How often two labels are told together, (182, 182)."""
    counts = np.zeros((COUNT, COUNT))
    for pair in pairs:
        if pair.told is not None:
            counts[np.ix_(pair.told, pair.told)] += 1
    return counts


def mirrored(scene: SceneMasks) -> SceneMasks:
    """The scene seen in a mirror: left and right changed places."""
    left, top, right, bottom = scene.boxes.T
    return replace(scene, boxes=np.stack([1 - right, top, 1 - left, bottom], 1))


def with_another_label(
    scene: SceneMasks,
    among: NDArray[np.uint8] | None,
    frequency: NDArray[np.float64],
    rng: np.random.Generator,
) -> SceneMasks:
    """The scene with one of its labels, if possible one `among` the given, become another.

    Things become things, stuff becomes stuff, as often as `frequency` (182,) says: were it any,
    then rare labels would give such scenes away.
    """
    own = np.unique(scene.labels)
    named = own if among is None else np.intersect1d(own, among)
    label = rng.choice(named if len(named) else own)
    same_kind = (np.arange(COUNT) < FIRST_STUFF) == (label < FIRST_STUFF)
    chances = (frequency + 1e-6) * same_kind
    chances[own] = 0
    other = rng.choice(COUNT, p=chances / chances.sum())
    return replace(scene, labels=np.where(scene.labels == label, other, scene.labels))


def tells_sides(words: Iterable[str]) -> bool:
    """Whether a text tells left from right."""
    return not SIDES.isdisjoint(normalise(word) for word in words)


def scene_of(photo: Photo, things: Things | None) -> SceneMasks:
    """A photo's scene: a mask for every stuff label, and its things, one by one where known.

    `things`: its polygons, if any. Other things are their label map's connected pixels.
    """
    label_map = photo.label_map()
    masks = _annotated(things) if things is not None else []
    for label in np.unique(label_map).tolist():
        full = label_map == label
        if label == UNLABELED or full.mean() < PRESENT:
            continue
        if label >= FIRST_STUFF:
            masks.append((label, box_of(full), float(full.mean())))
        elif things is None or (things.people_only and label != PERSON):
            count, parts, numbers, _ = cv2.connectedComponentsWithStats(full.astype(np.uint8))
            for i in range(1, count):
                if numbers[i, cv2.CC_STAT_AREA] > PRESENT * full.size:
                    part = parts == i
                    masks.append((label, box_of(part), float(part.mean())))
    return SceneMasks(
        np.array([label for label, _, _ in masks], np.uint8),
        np.array([box for _, box, _ in masks], np.float32).reshape(-1, 4),
        np.array([area for _, _, area in masks], np.float32),
    )


def _annotated(things: Things) -> list[tuple[int, Box, float]]:
    """The label, box and area, in fractions of the picture, of all but the smallest things."""
    width, height = things.image.width, things.image.height
    found = []
    for annotation in things.image.annotations:
        left, top, w, h = annotation["bbox"]
        box = (left / width, top / height, (left + w) / width, (top + h) / height)
        area = annotation["area"] / (width * height)
        if area > PRESENT / 4:
            found.append((annotation["category_id"] - 1, box, area))
    return found
